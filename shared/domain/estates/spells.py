"""From the rows of an estate's file to spells: who is planned for what, from one instant to another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from shared.contracts.vocabulary import Role
from shared.domain.estates.rows import REST, Absence, Rotation, Shift, Swap, Team

ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """From `start` to before `end`, in UTC."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


class Spell(NamedTuple):
    """One person's shift on one day. `planned`: whom the file names for it, where a swap gave it to another."""

    span: Span
    person: str
    planned: str
    roles: tuple[Role, ...]
    post: str | None
    department: str | None


def span_of(day: date, start: time, end: time, zone: tzinfo | None) -> Span:
    """Hours that begin on `day`, by the clock on the wall.

    Where clocks change, a start or end that happens twice is the first one, so nobody goes and comes back.
    """
    last = day + ONE_DAY if end <= start else day
    first, past = (datetime.combine(d, clock, zone).astimezone(UTC) for d, clock in ((day, start), (last, end)))
    return Span(first, past)


def on_shift(shift: Shift, at: datetime) -> bool:
    """Whether `at`, in the estate's own zone, falls into the shift; the day counted is the one it starts on."""
    now = at.astimezone(UTC)
    return any(
        _counts(shift, day) and span_of(day, shift.start, shift.end, at.tzinfo).holds(now)
        for day in (at.date(), at.date() - ONE_DAY)
    )


def spells_of(
    days: Sequence[date],
    zone: tzinfo,
    shifts: Iterable[Shift],
    rotations: Iterable[Rotation],
    swaps: Sequence[Swap],
) -> Iterator[Spell]:
    """What starts on one of the days, swapped, in the order of the file; absences are not looked at."""
    given = {day: _exchanged(day, swaps) for day in days}
    for shift in shifts:
        for day in days:
            if _counts(shift, day):
                yield from _spells(span_of(day, shift.start, shift.end, zone), shift, given[day])
    for turning, team in ((rotation, team) for rotation in rotations for team in rotation.teams):
        for day in days:
            hours = turning.hours.get(shift_on(turning, team, day) or "")
            if hours:
                yield from _spells(span_of(day, *hours, zone), team, given[day])


def shift_on(rotation: Rotation, team: Team, day: date) -> str | None:
    """The shift of a team that starts on the day; None: it rests, or the rotation is not in force."""
    if not rotation.from_date <= day <= (rotation.to_date or day):
        return None
    left = ((day - rotation.from_date).days + team.offset) % rotation.length
    for run in rotation.pattern:
        if left < run.days:
            return None if run.shift == REST else run.shift
        left -= run.days
    return None


def stand_in_for(person: str, at: datetime, absences: Mapping[str, Sequence[Absence]]) -> str | None:
    """The person himself unless absent, else his stand-in, or that one's where absent too; in a circle nobody."""
    asked: set[str] = set()
    found: str | None = person
    while found is not None and found not in asked:
        away = [a for a in absences.get(found, ()) if a.start <= at < a.end]
        if not away:
            return found
        asked.add(found)
        found = next((a.stand_in for a in away if a.stand_in), None)
    return None


def swap_holds(swap: Swap, day: date) -> bool:
    if swap.day:
        return day == swap.day
    return (swap.from_date or day) <= day <= (swap.to_date or day)


def _counts(shift: Shift, day: date) -> bool:
    """Whether it starts on the day."""
    if shift.days and day.isoweekday() not in shift.days:
        return False
    return (shift.from_date or day) <= day <= (shift.to_date or day)


def _exchanged(day: date, swaps: Sequence[Swap]) -> dict[str, str]:
    """Of two swaps of one person on one day, which no file may have, the first one counts."""
    given: dict[str, str] = {}
    for swap in swaps:
        one, other = swap.persons
        if swap_holds(swap, day) and one not in given and other not in given:
            given |= {one: other, other: one}
    return given


def _spells(span: Span, row: Shift | Team, given: Mapping[str, str]) -> Iterator[Spell]:
    for person in row.persons:
        yield Spell(span, given.get(person, person), person, row.roles, row.post, row.department)
