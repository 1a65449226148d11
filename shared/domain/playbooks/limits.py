"""When a clock of a task runs out, from the rows of its step (PLAYBOOKS 0.6.3)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.contracts.vocabulary import Clock, Grade, Lane, Urgency
from shared.domain.playbooks.format import Limit, Step

AddWorking = Callable[[datetime, timedelta], datetime]
"""When a duration is over if only working days count; the estate's own, absent where it counts wall hours."""

ASK_EVERY = timedelta(minutes=30)
"""A task without a finishing limit is asked for again this often, so none is without a live deadline."""

LONGEST_PROMISE = timedelta(days=366)
"""A recorded date further from the sending is a slip of the pen: the next row counts instead."""


class Due(NamedTuple):
    """When a clock runs out, and the row that says so."""

    at: datetime
    row: Limit


class _Known(NamedTuple):
    """What the rows of one task are resolved against."""

    starts: Mapping[str, datetime | None]
    words: Mapping[str, str | None]
    fields: Mapping[str, Any]
    carried: datetime | None
    calendar: AddWorking | None


def resolve(step: Step, clock: Clock, **known: Any) -> datetime | None:
    """When the clock runs out, as `resolve_row`."""
    due = resolve_row(step, clock, **known)
    return due.at if due else None


def resolve_row(
    step: Step,
    clock: Clock,
    *,
    sent_at: datetime,
    report_at: datetime,
    lane: Lane,
    closed_at: datetime | None = None,
    started_at: datetime | None = None,
    step_ends: Mapping[str, datetime] | None = None,
    fields: Mapping[str, Any] | None = None,
    urgency: Urgency | None = None,
    grade: Grade | None = None,
    on_duty: bool = True,
    carried: datetime | None = None,
    calendar: AddWorking | None = None,
) -> Due | None:
    """The first row of the clock that resolves; None when the step sets none.

    `report_at` is where the resident's clock began. `fields`: the report's own and all that was recorded.
    In an emergency every limit runs on the wall clock (SOP S4.1).
    """
    ended = {f"step:{name}": at for name, at in (step_ends or {}).items()}
    known = _Known(
        {"sent": sent_at, "start": started_at, "report": report_at, "close": closed_at, **ended},
        {"lane": lane, "urgency": urgency, "grade": grade, "on_duty": "yes" if on_duty else "no"},
        fields or {},
        carried,
        calendar if lane == "routine" else None,
    )
    rows = ((_row(limit, known), limit) for limit in step.limits if limit.clock == clock)
    return next((Due(at, row) for at, row in rows if at is not None), None)


def _row(limit: Limit, known: _Known) -> datetime | None:
    if limit.carried:
        return known.carried
    amount = _amount(limit, known)
    start = known.starts.get(limit.after)
    if amount is None or start is None:
        return None
    if limit.field is None:
        return _add(start, amount, limit, known)
    named = _instant(known.fields.get(limit.field))
    if named is None:
        return None
    latest = _add(start, limit.at_most, limit, known) if limit.at_most is not None else None
    sent = known.starts["sent"] or start
    if abs(named - sent) > LONGEST_PROMISE:
        return latest if named > sent else None
    due = named + amount
    if due <= sent:
        # An appointment five minutes from now cannot be met five minutes before it: the next row counts.
        return None
    return min(due, latest) if latest is not None else due


def _instant(value: object) -> datetime | None:
    """A recorded time is text; whatever is no instant leaves the row unresolved, for the next row to count."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _add(start: datetime | None, amount: timedelta, limit: Limit, known: _Known) -> datetime | None:
    if start is None:
        return None
    if limit.calendar == "working" and known.calendar is not None:
        return known.calendar(start, amount)
    return start + amount


def _amount(limit: Limit, known: _Known) -> timedelta | None:
    """A field without a value is meant as it stands; a word that no value fits leaves the row unresolved."""
    if limit.value is None:
        return timedelta() if limit.field is not None else None
    if isinstance(limit.value, timedelta):
        return limit.value
    by, _, field = (limit.by or "").partition(":")
    word = known.fields.get(field) if field else known.words.get(by)
    return limit.value.get(word) if isinstance(word, str) else None


def repeats(step: Step, clock: Clock) -> timedelta | None:
    """How often a passed clock is asked about again, where its row says so; also the first wait of its ladder."""
    return next((row.repeat for row in step.limits if row.clock == clock and row.repeat is not None), None)


def ask_every(step: Step, finish_by: datetime | None) -> timedelta | None:
    """How often the holder of the open task is asked; None where a finishing limit watches over it instead."""
    if step.check_every is not None:
        return step.check_every
    return ASK_EVERY if finish_by is None or step.until else None
