"""A figure: what was measured in each round of ours and of the floor, and what is wanted of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * part) - 1)]


@dataclass
class Figure:
    """`ours` and `floor` hold one value a round. `most` or `least` bound the ratio, `most_ours` our own value."""

    id: str
    name: str
    unit: str
    wanted: str
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    most: float | None = None
    least: float | None = None
    most_ours: float | None = None
    also: bool = True
    notes: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        return median(self.ours) / median(self.floor) if self.floor and median(self.floor) else None

    @property
    def met(self) -> bool:
        ratio = self.ratio
        bounds = [
            self.most is None or (ratio is not None and ratio <= self.most),
            self.least is None or (ratio is not None and ratio >= self.least),
            self.most_ours is None or median(self.ours) <= self.most_ours,
        ]
        return all(bounds) and self.also

    def row(self) -> dict[str, Any]:
        """For programs; medians, in the unit that the figure's name gives."""
        ratio = self.ratio
        return {
            "id": self.id,
            "figure": f"{self.name} [{self.unit}]",
            "ours": round(median(self.ours), 2),
            "floor": round(median(self.floor), 2) if self.floor else None,
            "ratio": round(ratio, 3) if ratio is not None else None,
            "wanted": self.wanted,
            "met": self.met,
        }


def spread(values: Sequence[float]) -> str:
    """The median, and from where to where the rounds lay."""
    if not values:
        return "–"
    digits = 0 if median(values) >= 100 else 2
    low, middle, high = (f"{v:,.{digits}f}" for v in (min(values), median(values), max(values)))
    return f"{middle} ({low}–{high})"
