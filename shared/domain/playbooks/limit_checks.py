"""Which limits cannot work."""

from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

from shared.contracts.vocabulary import LANES, Grade, Lane, Urgency
from shared.domain.playbooks.format import Limit, RecordField, Step

REPORT_TIMES = frozenset({"appointment_at"})
"""Fields of the report that a limit may count from."""

_WORDS: dict[str, frozenset[str]] = {
    "lane": frozenset(LANES),
    "urgency": frozenset(get_args(Urgency)),
    "grade": frozenset(get_args(Grade)),
    "on_duty": frozenset({"yes", "no"}),
}
NOTHING = timedelta()


def check_limits(step: Step, fields: Mapping[str, RecordField]) -> list[tuple[tuple[str | int, ...], str]]:
    """The path within the step and what is wrong. `fields`: all that the playbook records, by id."""
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    settled: set[str] = set()
    for n, row in enumerate(step.limits):
        texts = [*_shape(row), *_amounts(row), *_by(row, fields), *_field(row, fields)]
        if row.clock in settled:
            texts.append("never reached: an earlier row of this clock always counts")
        if _always_counts(row):
            settled.add(row.clock)
        wrong += [(("limits", n), f"{row.clock} limit: {text}") for text in texts]
    return wrong or _order(step)


def _always_counts(row: Limit) -> bool:
    return row.after in ("sent", "report") and row.by is None and row.field is None and not row.carried


def _shape(row: Limit) -> list[str]:
    wrong: list[str] = []
    if row.carried == (row.value is not None or row.field is not None):
        wrong.append("needs either carried, or a value or a field")
    if (row.by is not None) != isinstance(row.value, dict):
        wrong.append("`by` and one value for each of its words go together")
    if row.clock == "ack" and (row.after != "sent" or row.field or row.carried):
        wrong.append("an acknowledgement is counted from sending")
    if row.value == {}:
        wrong.append("a value for at least one of the words of `by`")
    if row.at_most is not None and row.field is None:
        wrong.append("at_most goes with a field")
    return wrong


def _amounts(row: Limit) -> list[str]:
    """Nothing ends at or before its start; only "before the appointment" is negative."""
    given = [*row.value.values()] if isinstance(row.value, dict) else [row.value]
    amounts = [a for a in (*given, row.at_most, row.repeat) if a is not None]
    allowed = row.field is not None and isinstance(row.value, timedelta)
    checked = [a for a in amounts if not (allowed and a == row.value)]
    return ["a limit is longer than nothing"] if any(a <= NOTHING for a in checked) else []


def _by(row: Limit, fields: Mapping[str, RecordField]) -> list[str]:
    if row.by is None or not isinstance(row.value, dict):
        return []
    word, _, name = row.by.partition(":")
    if name and (name not in fields or fields[name].type != "choice"):
        return [f"by: no step records a choice called {name}"]
    known = frozenset(fields[name].choices) if name else _WORDS[word]
    unfit = sorted(set(row.value) - known)
    return [f"by {row.by}: {', '.join(unfit)} is none of {', '.join(sorted(known))}"] if unfit else []


def _field(row: Limit, fields: Mapping[str, RecordField]) -> list[str]:
    if row.field is None or row.field in REPORT_TIMES:
        return []
    if row.field not in fields or fields[row.field].type != "time":
        return [f"field: no step records a time called {row.field}"]
    return []


def _order(step: Step) -> list[tuple[tuple[str | int, ...], str]]:
    """An acknowledgement that may take longer than arriving or finishing is impossible."""
    for lane in LANES:
        ack = _fixed(step, "ack", lane)
        for n, row in enumerate(step.limits):
            end = _amount(row, lane)
            if ack and end and row.clock != "ack" and row.after == "sent" and ack > end:
                return [(("limits", n), f"impossible: acknowledged in {ack}, but {row.clock} in {end} ({lane})")]
    return []


def _fixed(step: Step, clock: str, lane: Lane) -> timedelta | None:
    return next((a for row in step.limits if row.clock == clock and (a := _amount(row, lane))), None)


def _amount(row: Limit, lane: Lane) -> timedelta | None:
    """The value in this lane; of other words the shortest; None where it depends on a field."""
    if row.field is not None or row.value is None:
        return None
    if isinstance(row.value, timedelta):
        return row.value
    return row.value.get(lane) if row.by == "lane" else min(row.value.values(), default=None)
