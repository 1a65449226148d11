"""Who holds what through one day, worked out once: between two of its turns nothing changes."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple

from shared.contracts.vocabulary import Role
from shared.domain.estates.rows import Absence, NightDesk, Rotation, Shift, Swap
from shared.domain.estates.spells import ONE_DAY, Span, Spell, span_of, spells_of, stand_in_for

YEARS = range(1970, 2200)
"""Instants outside of these are refused where people or programs ask: a day needs others before and after it."""
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Holder(NamedTuple):
    """A person who holds a role now, at a post or without one.

    `instead_of`: whom the file plans there, where a swap or an absence has put this person in his place.
    """

    person: str
    role: Role
    post: str | None = None
    department: str | None = None
    instead_of: str | None = None


class Rows(NamedTuple):
    """What of an estate's file decides who holds what. `order`: the rank of each post."""

    zone: tzinfo
    shifts: tuple[Shift, ...]
    rotations: tuple[Rotation, ...]
    swaps: tuple[Swap, ...]
    absences: tuple[Absence, ...]
    night_desk: NightDesk | None
    order: Mapping[str, int]


Held = Mapping[Role, tuple[Holder, ...]]


class Plan(NamedTuple):
    """From `turns[n]`, in UTC, to the next one `held[n]` is true, for the instants of one day of the estate."""

    turns: tuple[datetime, ...]
    held: tuple[Held, ...]

    def at(self, now: datetime, role: Role) -> tuple[Holder, ...]:
        return self.held[bisect_right(self.turns, now) - 1].get(role, ())


def plan_of(rows: Rows, day: date) -> Plan:
    """What started the day before may reach into this one."""
    days = (day - ONE_DAY, day)
    spells = tuple(spells_of(days, rows.zone, rows.shifts, rows.rotations, rows.swaps))
    night = rows.night_desk
    nights = [span_of(d, night.start, night.end, rows.zone) for d in days] if night else []
    away = _away(rows.absences)
    turns = _turns([spell.span for spell in spells] + nights, rows.absences)
    return Plan(turns, tuple(_held(at, spells, nights, away, rows.order) for at in turns))


def ranked(found: Iterable[Holder], order: Mapping[str, int]) -> tuple[Holder, ...]:
    """By their posts; whoever has none comes last."""
    return tuple(sorted(found, key=lambda holder: order.get(holder.post or "", len(order))))


def _turns(spans: Sequence[Span], absences: Iterable[Absence]) -> tuple[datetime, ...]:
    found = {at for span in spans for at in span}
    if found:
        first, last = min(found), max(found)
        edges = (at.astimezone(UTC) for a in absences for at in (a.start, a.end))
        found |= {at for at in edges if first <= at <= last}
    return (_ALWAYS, *sorted(found))


def _away(absences: Iterable[Absence]) -> Mapping[str, Sequence[Absence]]:
    found: dict[str, list[Absence]] = defaultdict(list)
    for absence in absences:
        found[absence.person].append(absence)
    return found


def _held(
    at: datetime,
    spells: Iterable[Spell],
    nights: Iterable[Span],
    away: Mapping[str, Sequence[Absence]],
    order: Mapping[str, int],
) -> Held:
    found: dict[Role, dict[tuple[object, ...], Holder]] = defaultdict(dict)
    for spell in spells:
        person = stand_in_for(spell.person, at, away) if spell.span.holds(at) else None
        for role in spell.roles if person else ():
            _take(found[role], person or "", role, spell)
    if any(night.holds(at) for night in nights) and not found["customer_assistant"]:
        control = found["control_room"]
        found["customer_assistant"] = {k: h._replace(role="customer_assistant") for k, h in control.items()}
    return {role: ranked(there.values(), order) for role, there in found.items() if there}


def _take(there: dict[tuple[object, ...], Holder], person: str, role: Role, spell: Spell) -> None:
    """Whoever holds it in his own right too does not stand in for anybody."""
    instead_of = None if spell.planned == person else spell.planned
    place = (person, spell.post, spell.department)
    if place not in there or instead_of is None:
        there[place] = Holder(person, role, spell.post, spell.department, instead_of)
