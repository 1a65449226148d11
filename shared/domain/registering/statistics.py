"""Figures by estate, class, department and month from rows of the register.

One event is one report: whoever else called about it, and what was carried on in a linked report, is counted apart.
Drills are never mixed with what really happened.
"""

from collections.abc import Iterable, Mapping
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
    "followed_by", "answered", "open_tasks",
)  # fmt: skip
_OF_DEPARTMENTS = ("tasks", "limits", "clock_from", "received_at")
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
    """Rows are counted one by one, so that no list of them is kept."""

    def __init__(self, now: datetime, asked: Breakdown, zones: Mapping[str, ZoneInfo], quotas: Quotas) -> None:
        self._now, self._asked, self._zones, self._quotas = now, asked, zones, quotas
        self._tallies: dict[tuple[str, ...], Tally] = {}

    def count(self, row: Row) -> None:
        asked, month = self._asked, month_of(row["sorted_at"], self._zones.get(row["estate"], UNKNOWN_ESTATE))
        if bool(row.get("drill")) is not asked.drills or asked.category not in (None, row["category"]):
            return
        if not (asked.from_month or month) <= month <= (asked.to_month or month):
            return
        quotas = self._quotas.get((row["category"], row.get("playbook_version", 0)), {})
        for part in self._parts(row):
            key = tuple(month if name == "month" else part[name] for name in asked.group_by)
            self._tallies.setdefault(key, Tally()).count(part, self._now, quotas)

    def _parts(self, row: Row) -> list[Row]:
        asked = self._asked
        if not asked.by_department:
            return [row]
        parts = shares(row, row.get("tasks", []))
        return [{**row, **part} for part in parts if asked.department in (None, part["department"])]

    def lines(self) -> list[Row]:
        """One line a group, in their order."""
        names = self._asked.group_by
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
    counted = Statistics(now, asked or Breakdown(), zones or {}, quotas or {})
    for row in rows:
        counted.count(row)
    return counted.lines()


def month_of(at: datetime, zone: ZoneInfo) -> str:
    """`2026-11`, where the estate is."""
    return f"{at.astimezone(zone):%Y-%m}"


def month_start(month: str, zone: ZoneInfo, *, months_on: int = 0) -> datetime:
    """The first instant of a month there. Raises `ValueError` for what is no month."""
    first = datetime.strptime(month, "%Y-%m")
    years, place = divmod(first.month - 1 + months_on, 12)
    return datetime(first.year + years, place + 1, 1, tzinfo=zone)
