"""Return visits counted against their quota."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from shared.domain.registering.visits import MARKS

Row = dict[str, Any]


class VisitTally:
    """Cases that were done and have a visit, each step apart, since each has a quota of its own."""

    def __init__(self) -> None:
        self._any = self._any_visited = 0
        self._cases: Counter[tuple[str, int | None]] = Counter()
        self._visited: Counter[tuple[str, int | None]] = Counter()
        self._waiting: Counter[tuple[str, int | None]] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._marks: Counter[str] = Counter()

    def count(self, row: Row, quotas: Mapping[str, int]) -> None:
        """A reopened case was done before: its failed visit counts though it is open again."""
        if row.get("closed_because") != "done" and row.get("round", 1) == 1:
            return
        visits = row.get("visits", ())
        self._any += bool(visits)
        self._any_visited += any(visit.get("done") for visit in visits)
        for step in dict.fromkeys(visit["step"] for visit in visits):
            self._count(step, quotas.get(step), [v for v in visits if v["step"] == step])

    def _count(self, step: str, quota: int | None, visits: list[Row]) -> None:
        line = (step, quota)
        done = any(visit.get("done") for visit in visits)
        self._cases[line] += 1
        self._visited[line] += done
        self._waiting[line] += not done and any(visit["open"] for visit in visits)
        self._outcomes.update(visit["outcome"] for visit in visits if "outcome" in visit)
        self._marks.update(visit["mark"] for visit in visits if "mark" in visit)

    def figures(self) -> Row:
        """A case with visits of two steps is one case, visited by either, and counts for each step's quota.

        `met`: every quota; None while visits still to come decide it, and where none is set.
        """
        lines = [self._line(*line) for line in sorted(self._cases, key=lambda line: (line[0], line[1] or 0))]
        met = [line["met"] for line in lines if line["quota"] is not None]
        return {
            "cases": self._any,
            "visited": self._any_visited,
            "outcomes": dict(sorted(self._outcomes.items())),
            "marks": {mark: self._marks[mark] for mark in MARKS},
            "quotas": lines,
            "met": False if False in met else True if met and all(met) else None,
        }

    def _line(self, step: str, quota: int | None) -> Row:
        cases, visited = self._cases[step, quota], self._visited[step, quota]
        counted: Row = {"step": step, "quota": quota, "cases": cases, "visited": visited}
        needed = None if quota is None else -(-quota * cases // 100)
        return {**counted, "needed": needed, "met": _is_met(needed, visited, self._waiting[step, quota])}


def _is_met(needed: int | None, visited: int, waiting: int) -> bool | None:
    if needed is None or (visited < needed <= visited + waiting):
        return None
    return visited >= needed
