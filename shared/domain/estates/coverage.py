"""Hours of a week in which nobody holds a role: a warning, since the ladder goes past an empty rung."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.roster import Estate, holders

DAYS = 7


class Gap(NamedTuple):
    """From `start` to `end`, in the estate's own time, nobody holds the role."""

    role: Role
    department: str | None
    start: datetime
    end: datetime


def gaps(estate: Estate, first_day: date) -> tuple[Gap, ...]:
    """The gaps of seven days, absences counted, in full also where they reach a day beyond at either end."""
    first, last = (datetime.combine(first_day + timedelta(days=n), time(), estate.zone) for n in (0, DAYS))
    heads = tuple(d.id for d in estate.departments) or (None,)
    wanted = [(role, d) for role in ROLES for d in (heads if role == "department_head" else (None,))]
    marks = _marks(estate, first_day)
    found = (gap for role, department in wanted for gap in _gaps_of(estate, role, department, marks))
    return tuple(gap for gap in found if gap.end > first and gap.start < last)


def _gaps_of(estate: Estate, role: Role, department: str | None, marks: list[datetime]) -> Iterator[Gap]:
    start: datetime | None = None
    for mark in marks[:-1]:
        held = bool(holders(estate, role, mark, department=department))
        if held and start:
            yield Gap(role, department, start, mark)
        start = None if held else start or mark
    if start:
        yield Gap(role, department, start, marks[-1])


def _marks(estate: Estate, first_day: date) -> list[datetime]:
    """Every instant at which a holder may change, from a day before the week to a day after it."""
    days = [first_day + timedelta(days=n) for n in range(-1, DAYS + 2)]
    clocks = {time()} | {s.start for s in estate.shifts} | {s.end for s in estate.shifts}
    first, last = (datetime.combine(day, time(), estate.zone).astimezone(UTC) for day in (days[0], days[-1]))
    turns = {datetime.combine(day, clock, estate.zone).astimezone(UTC) for day in days for clock in clocks}
    turns |= {at.astimezone(UTC) for absence in estate.absences for at in (absence.start, absence.end)}
    return [at.astimezone(estate.zone) for at in sorted(turns) if first <= at <= last]
