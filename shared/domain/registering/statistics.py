"""Figures by estate and class from rows of the register. Drills and what was written up from paper do not count."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

Row = dict[str, Any]

FIELDS = (
    "estate",
    "category",
    "state",
    "seconds",
    "late",
    "due_at",
    "hand_ons",
    "handed_on_by",
    "drill",
    "written_up",
)
"""What of a row the figures are made of."""
MOMENTS = ("task", "acknowledged", "arrived", "ended")


class Tally:
    """Rows of one estate and class, counted one by one so that no list of rows is kept."""

    def __init__(self) -> None:
        self._reports = self._open = self._overdue = self._overdue_now = self._hand_ons = 0
        self._seconds: dict[str, list[float]] = {moment: [] for moment in MOMENTS}
        self._by_department: dict[str, int] = {}

    def count(self, row: Row, now: datetime) -> None:
        is_late_now = row.get("due_at") is not None and row["due_at"] <= now
        self._reports += 1
        self._open += row["state"] in ("filed", "open")
        self._overdue += bool(row.get("late")) or is_late_now
        self._overdue_now += is_late_now
        self._hand_ons += row.get("hand_ons", 0)
        for department in row.get("handed_on_by", ()):
            self._by_department[department] = self._by_department.get(department, 0) + 1
        for moment, seconds in row.get("seconds", {}).items():
            self._seconds[moment].append(seconds)

    def figures(self) -> Row:
        """Seconds from the resident's clock; p50 and p90 are values that occurred (nearest rank)."""
        return {
            "reports": self._reports,
            "open": self._open,
            "overdue": self._overdue,
            "overdue_now": self._overdue_now,
            "hand_ons": self._hand_ons,
            "hand_ons_by_department": dict(sorted(self._by_department.items())),
            "seconds": {moment: spread(values) for moment, values in self._seconds.items()},
        }


class Statistics:
    """All estates and classes that occur."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._tallies: dict[tuple[str, str], Tally] = {}

    def count(self, row: Row) -> None:
        if not row.get("drill") and not row.get("written_up"):
            self._tallies.setdefault((row["estate"], row["category"]), Tally()).count(row, self._now)

    def lines(self) -> list[Row]:
        """One line an estate and class, in that order."""
        return [
            {"estate": estate, "category": category, **tally.figures()}
            for (estate, category), tally in sorted(self._tallies.items())
        ]


def statistics(rows: Iterable[Row], now: datetime) -> list[Row]:
    """The figures of these rows as they stand at `now`."""
    counted = Statistics(now)
    for row in rows:
        counted.count(row)
    return counted.lines()


def spread(values: list[float]) -> Row:
    """Count, p50, p90 and the longest; `None` where nothing was measured."""
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "p50": None, "p90": None, "max": None}
    return {
        "count": len(ordered),
        "p50": _nearest_rank(ordered, 50),
        "p90": _nearest_rank(ordered, 90),
        "max": ordered[-1],
    }


def _nearest_rank(ordered: list[float], percent: int) -> float:
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]
