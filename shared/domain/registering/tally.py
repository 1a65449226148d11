"""One line of the figures."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.domain.registering.visit_tally import VisitTally

Row = dict[str, Any]

MOMENTS = ("task", "acknowledged", "arrived", "ended")
_MARKED = ("open", "written_up", "withdrawn", "drill_stopped", "reopened", "promoted", "overdue", "overdue_now")


class Callers:
    """Reports of an event that somebody else reported too: each is one caller who is to be answered."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._seconds: list[float] = []

    def count(self, row: Row, late: bool) -> None:
        answered = bool(row.get("answered"))
        waiting = row["state"] in ("filed", "open")
        marks = {"answered": answered, "waiting": waiting, "overdue": late}
        self._counted.update(["count", *(name for name, is_so in marks.items() if is_so)])
        if answered and "ended" in row.get("seconds", {}):
            self._seconds.append(row["seconds"]["ended"])

    def figures(self) -> Row:
        counted = {name: self._counted[name] for name in ("count", "answered", "waiting", "overdue")}
        return {**counted, "seconds": spread(self._seconds)}


class Tally:
    """Reports of one group, counted one by one so that no list of rows is kept."""

    def __init__(self) -> None:
        self._reports = self._carried_on = self._hand_ons = 0
        self._marked: Counter[str] = Counter()
        self._seconds: dict[str, list[float]] = {moment: [] for moment in MOMENTS}
        self._by_department: Counter[str] = Counter()
        self._callers, self._visits = Callers(), VisitTally()

    def count(self, row: Row, now: datetime, quotas: Mapping[str, int], *, is_caller: bool) -> None:
        """`is_caller`: of an event whose main report stands in the same figures."""
        is_late_now = row.get("due_at") is not None and row["due_at"] <= now
        is_late = bool(row.get("late")) or is_late_now
        self._hand_ons += row.get("hand_ons", 0)
        self._by_department.update(_handed_on_by(row))
        if is_caller:
            self._callers.count(row, is_late)
        elif row.get("followed_by") or row["state"] == "followed":
            self._carried_on += 1
        else:
            self._count(row, is_late, is_late_now)
            self._visits.count(row, quotas)

    def _count(self, row: Row, is_late: bool, is_late_now: bool) -> None:
        self._reports += 1
        marks = {
            "open": _is_open(row),
            "written_up": row.get("written_up"),
            "withdrawn": row["state"] == "withdrawn",
            "drill_stopped": row["state"] == "drill_stopped",
            "reopened": row.get("round", 1) > 1,
            "promoted": row.get("promoted"),
            "overdue": is_late,
            "overdue_now": is_late_now,
        }
        self._marked.update(name for name, is_so in marks.items() if is_so)
        for moment, seconds in row.get("seconds", {}).items():
            self._seconds[moment].append(seconds)

    def figures(self) -> Row:
        """Seconds from the resident's clock; p50 and p90 are values that occurred (nearest rank).

        `overdue_share` leaves out what was written up from paper, which has no clocks.
        """
        timed = self._reports - self._marked["written_up"]
        return {
            "reports": self._reports,
            **{name: self._marked[name] for name in _MARKED},
            "overdue_share": round(self._marked["overdue"] / timed, 4) if timed else None,
            "carried_on": self._carried_on,
            "hand_ons": self._hand_ons,
            "hand_ons_by_department": dict(sorted(self._by_department.items())),
            "seconds": {moment: spread(values) for moment, values in self._seconds.items()},
            "callers": self._callers.figures(),
            "return_visits": self._visits.figures(),
        }


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


def _is_open(row: Row) -> bool:
    """A department is done with a case when none of its tasks is open."""
    return bool(row["open_tasks"]) if "department" in row else row["state"] in ("filed", "open")


def _handed_on_by(row: Row) -> list[str]:
    return [row["department"]] * row["hand_ons"] if "department" in row else list(row.get("handed_on_by", ()))


def _nearest_rank(ordered: list[float], percent: int) -> float:
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]
