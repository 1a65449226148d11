"""What must be recorded before a step can be completed, and whom a record names."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.contracts.event import RecordValue
from shared.contracts.vocabulary import ROLES
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Outcome, RecordField, Step

Record = Mapping[str, RecordValue]
NUMBERS = "numbers_called"
"""Which of the numbers outside were called."""
_MARKS = " ,.:、。"
UNKNOWN = ("unknown", "不详", "未知")


class Named(NamedTuple):
    """The addressee of what follows: posts or persons, a department, a role. `by_name`: a person, not a post."""

    people: tuple[str, ...] = ()
    by_name: bool = False
    department: str | None = None
    role: str | None = None


def fields_of(work: Work, step: Step, outcome: str) -> tuple[RecordField, ...]:
    """Done-like outcomes demand the step's own fields, giving up its reasons (PLAYBOOKS 0.1)."""
    row = step.outcomes.get(outcome)
    if row is None:
        return work.playbook.always[outcome].record
    if not row.record or step.ends_on != "complete":
        return ()
    # A drill called nobody.
    return tuple(f for f in step.record if f.id != NUMBERS) if work.report.get("drill") else step.record


def row_of(work: Work, step: Step, outcome: str) -> Outcome | None:
    """The step's own row, else what every step takes, so that nothing hangs for ever."""
    own = step.outcomes.get(outcome)
    always = work.playbook.always.get(outcome)
    return own or (Outcome(opens=_always_opens(step, always.opens)) if always else None)


def _always_opens(step: Step, opens: tuple[str, ...]) -> tuple[str, ...]:
    """Whoever cannot even find an onward contact asks the head, instead of looking for another one."""
    return tuple("head_decides" if name == step.id else name for name in opens)


def missing(fields: tuple[RecordField, ...], record: Record, words: str | None) -> list[str]:
    """`unknown` counts for a field that may be so, if the reply says who was asked."""
    return [f.id for f in fields if not f.optional and not _is_said(f, record.get(f.id), words)]


def _is_said(field: RecordField, value: RecordValue, words: str | None) -> bool:
    if isinstance(value, str):
        plain = value.strip()
        unknown = next((word for word in UNKNOWN if plain.lower().startswith(word)), None)
        if unknown:
            return field.unknown and bool(plain[len(unknown) :].strip(_MARKS) or words)
        return bool(plain)
    return value is not None and value != []


def not_choices(fields: tuple[RecordField, ...], record: Record) -> list[str]:
    return [f.id for f in fields if f.choices and not set(listed(record.get(f.id))) <= set(f.choices)]


def listed(value: RecordValue) -> list[str]:
    """One name, several, or several in one text as the radio gives them."""
    if isinstance(value, list):
        return [name.strip() for name in value]
    if isinstance(value, str):
        return [part for part in value.replace(",", " ").replace("、", " ").replace(",", " ").split() if part]
    return []


def named_in(step: Step, record: Record) -> Named:
    """An `owner` is a role's code name, else a department's."""
    people: list[str] = []
    found = Named()
    for field in (f for f in step.record if f.addresses):
        names = listed(record.get(field.id))
        if field.type in ("posts", "person"):
            people += names
            found = found._replace(by_name=found.by_name or field.type == "person")
        elif names and field.type == "owner" and names[0] in ROLES:
            found = found._replace(role=names[0])
        elif names:
            found = found._replace(department=names[0])
    return found._replace(people=tuple(people))
