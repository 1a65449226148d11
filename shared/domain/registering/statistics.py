"""Figures by estate, class, department and month from rows of the register.

One event is one report: whoever else called about it, and what was carried on in a linked report, is counted apart.
A caller is one only of a main report that was filed and is no drill, or a drill as his own is; else his is a
report, since nothing else stands for what happened to him. Drills are never mixed with what really happened.
What was written up from paper is of the time at which it happened, all else of that at which it was received.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.domain.registering.figures import shares
from shared.domain.registering.tally import Tally
from shared.domain.registering.visits import Quotas

Row = dict[str, Any]
Group = Literal["estate", "category", "department", "month"]

_FIELDS = (
    "estate", "category", "state", "seconds", "late", "due_at", "hand_ons", "handed_on_by", "drill", "written_up",
    "sorted_at", "visits", "playbook_version", "round", "promoted", "closed_because", "linked_to", "same_event_as",
    "followed_by", "answered", "open_tasks", "received_at", "opened_at", "happened_at",
)  # fmt: skip
_OF_DEPARTMENTS = ("tasks", "limits", "clock_from")
GROUPS: tuple[Group, ...] = ("estate", "category", "department", "month")
BY_CLASS: tuple[Group, ...] = ("estate", "category")
UNKNOWN_ESTATE = ZoneInfo("Asia/Shanghai")


class Breakdown(NamedTuple):
    """Which rows are counted, and what makes a line. Months are `2026-11`, both counted, by each estate's own zone.

    With a department, times and what is overdue, open and handed on are of its own tasks; all else is of the cases
    it worked on, and a case counts for each that did.
    """

    group_by: tuple[Group, ...] = BY_CLASS
    category: str | None = None
    department: str | None = None
    from_month: str | None = None
    to_month: str | None = None
    drills: bool = False

    @property
    def by_department(self) -> bool:
        return self.department is not None or "department" in self.group_by

    @property
    def fields(self) -> tuple[str, ...]:
        """What of a row is read."""
        return (*_FIELDS, *_OF_DEPARTMENTS) if self.by_department else _FIELDS


class Statistics:
    """Rows are counted one by one; linked ones are kept until it is known whether their main report is real."""

    def __init__(self, now: datetime, asked: Breakdown, zones: Mapping[str, ZoneInfo], quotas: Quotas) -> None:
        self._now, self._asked, self._zones, self._quotas = now, asked, zones, quotas
        self._tallies: dict[tuple[str, ...], Tally] = {}
        self._linked: list[Row] = []

    @property
    def mains(self) -> set[str]:
        """The reports of which `lines` asks whether they are real; rows of any time."""
        return {main for row in self._linked if (main := _main_of(row))}

    def count(self, row: Row) -> None:
        """A row of which only others' links speak is no report."""
        asked, month = self._asked, self._month(row)
        if bool(row.get("drill")) is not asked.drills or asked.category not in (None, row["category"]):
            return
        if not (asked.from_month or month) <= month <= (asked.to_month or month):
            return
        if _main_of(row):
            self._linked.append(row)
        elif row.get("received_at") or row.get("opened_at"):
            self._count(row, is_caller=False)

    def _count(self, row: Row, *, is_caller: bool) -> None:
        quotas = self._quotas.get((row["category"], row.get("playbook_version", 0)), {})
        for part in self._parts(row):
            key = tuple(self._month(row) if name == "month" else part[name] for name in self._asked.group_by)
            tally = self._tallies.setdefault(key, Tally())
            tally.count(part, self._now, quotas, is_caller=is_caller)

    def _month(self, row: Row) -> str:
        at = row.get("happened_at") if row.get("written_up") else None
        return month_of(at or row["sorted_at"], self._zones.get(row["estate"], UNKNOWN_ESTATE))

    def _parts(self, row: Row) -> list[Row]:
        asked = self._asked
        if not asked.by_department:
            return [row]
        parts = shares(row, row.get("tasks", []))
        return [{**row, **part} for part in parts if asked.department in (None, part["department"])]

    def lines(self, real: Container[str]) -> list[Row]:
        """One line a group, in their order. `real`: of `mains` those that were filed, as drills or not as asked."""
        names, linked, self._linked = self._asked.group_by, self._linked, []
        for row in linked:
            self._count(row, is_caller=_main_of(row) in real)
        return [
            {**dict(zip(names, key, strict=True)), **tally.figures()}
            for key, tally in sorted(self._tallies.items())
        ]


def statistics(
    rows: Iterable[Row],
    now: datetime,
    asked: Breakdown | None = None,
    zones: Mapping[str, ZoneInfo] | None = None,
    quotas: Quotas | None = None,
) -> list[Row]:
    """The figures of these rows as they stand at `now`; without `asked` by estate and class."""
    asked = asked or Breakdown()
    counted, real = Statistics(now, asked, zones or {}, quotas or {}), set()
    for row in rows:
        counted.count(row)
        if row.get("received_at") and bool(row.get("drill")) is asked.drills:
            real.add(row["_id"])
    return counted.lines(real)


def _main_of(row: Row) -> str | None:
    return row.get("linked_to") or row.get("same_event_as")


def month_of(at: datetime, zone: ZoneInfo) -> str:
    """`2026-11`, where the estate is."""
    return f"{at.astimezone(zone):%Y-%m}"


def month_start(month: str, zone: ZoneInfo, *, months_on: int = 0) -> datetime:
    """The first instant of a month there. Raises `ValueError` for what is no month."""
    first = datetime.strptime(month, "%Y-%m")
    years, place = divmod(first.month - 1 + months_on, 12)
    return datetime(first.year + years, place + 1, 1, tzinfo=zone)
