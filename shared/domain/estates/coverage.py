"""Hours of a week in which nobody holds a role or a post: a warning, since the ladder goes past an empty rung."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import NamedTuple

from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.roster import Estate, Post, holders, turns_of
from shared.domain.estates.spells import ONE_DAY, Span, span_of

DAYS = 7


class Gap(NamedTuple):
    """From `start` to `end`, in the estate's own time, nobody holds the role; with `post`: nobody does there,
    though somebody does elsewhere.
    """

    role: Role
    department: str | None
    start: datetime
    end: datetime
    post: str | None = None


def gaps(estate: Estate, first_day: date) -> tuple[Gap, ...]:
    """The gaps of seven days, absences counted, in full also where they reach a day beyond at either end."""
    first, last = (datetime.combine(first_day + n * ONE_DAY, time(), estate.zone) for n in (0, DAYS))
    days = [first_day + n * ONE_DAY for n in range(-1, DAYS + 1)]
    found = (*_roles(estate, days), *_posts(estate, days))
    return tuple(gap for gap in found if gap.end > first and gap.start < last)


def _roles(estate: Estate, days: Sequence[date]) -> Iterator[Gap]:
    marks = _marks(estate, days, ())
    heads = tuple(d.id for d in estate.departments) or (None,)
    for role in ROLES:
        for department in heads if role == "department_head" else (None,):
            for start, end in _while(marks, partial(_nobody, estate, role, department)):
                yield Gap(role, department, start, end)


def _posts(estate: Estate, days: Sequence[date]) -> Iterator[Gap]:
    for post in estate.posts:
        hours = [span_of(day, *post.hours, estate.zone) for day in days] if post.hours else []
        marks = _marks(estate, days, hours)
        for start, end in _while(marks, partial(_unmanned, estate, post, hours, _nights(estate, post, days))):
            yield Gap(post.role, post.department, start, end, post.id)


def _nights(estate: Estate, post: Post, days: Sequence[date]) -> list[Span]:
    """When nobody has to be at the desk, since the control room takes its place."""
    night = estate.night_desk if post.role == "customer_assistant" else None
    return [span_of(day, night.start, night.end, estate.zone) for day in days] if night else []


def _nobody(estate: Estate, role: Role, department: str | None, at: datetime) -> bool:
    return not holders(estate, role, at, department=department)


def _unmanned(estate: Estate, post: Post, hours: Sequence[Span], nights: Sequence[Span], at: datetime) -> bool:
    """Not where nobody holds the role anywhere: that is a gap of the role already."""
    if (post.hours and not any(span.holds(at) for span in hours)) or any(span.holds(at) for span in nights):
        return False
    there = holders(estate, post.role, at, department=post.department)
    return bool(there) and all(holder.post != post.id for holder in there)


def _while(marks: Sequence[datetime], empty: Callable[[datetime], bool]) -> Iterator[tuple[datetime, datetime]]:
    start: datetime | None = None
    for mark in marks[:-1]:
        if empty(mark):
            start = start or mark
        elif start:
            yield start, mark
            start = None
    if start:
        yield start, marks[-1]


def _marks(estate: Estate, days: Sequence[date], hours: Sequence[Span]) -> list[datetime]:
    """Every instant at which a holder may change, from a day before the week to a day after it."""
    first, last = (
        datetime.combine(day, time(), estate.zone).astimezone(UTC) for day in (days[0], days[-1] + ONE_DAY)
    )
    turns = {at.astimezone(UTC) for day in days for at in turns_of(estate, day)}
    turns |= {at for span in hours for at in span if first <= at < last}
    return [at.astimezone(estate.zone) for at in sorted(turns | {first, last})]
