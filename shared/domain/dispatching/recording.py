"""What must be recorded before a step can be completed, and whom a record names."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.contracts.event import RecordValue
from shared.contracts.vocabulary import ROLES
from shared.domain.dispatching.state import NUMBERS
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Outcome, RecordField, Step

Record = Mapping[str, RecordValue]
_MARKS = " ,.:、。"
DEPARTMENTS = ("department", "owner")
"""Types of fields that name a department, or may."""
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
    return tuple(f for f in step.record if f.id != NUMBERS) if work.is_drill else step.record


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


def named_in(work: Work, step: Step, record: Record) -> Named:
    """An `owner` is a role's code name, else a department's; that one by its code where the estate knows it."""
    people: list[str] = []
    found = Named()
    for field in (f for f in step.record if f.addresses):
        names = listed(record.get(field.id))
        if field.type in DEPARTMENTS and names and names[0] not in ROLES:
            names = [department_of(work, str(record[field.id])) or names[0]]
        if field.type in ("posts", "person"):
            people += names
            found = found._replace(by_name=found.by_name or field.type == "person")
        elif names and field.type == "owner" and names[0] in ROLES:
            found = found._replace(role=names[0])
        elif names:
            found = found._replace(department=names[0])
    return found._replace(people=tuple(people))


def department_of(work: Work, said: str) -> str | None:
    """The code of a department said by its code or its name; any is taken where the estate names none."""
    known = work.world.estate.departments
    plain = said.strip()
    if not known:
        return plain or None
    return next((d.id for d in known if plain in (d.id, d.zh)), None)


def misnamed_department(work: Work, step: Step, row: Outcome, record: Record) -> tuple[str, str] | None:
    """Why it is refused: none is named where one is to take it up, or one that the estate does not have."""
    if not work.world.estate.departments:
        return None
    asked = [field for field in step.record if field.addresses and field.type in DEPARTMENTS]
    for field in asked if row.record else ():
        said = record.get(field.id)
        taken = isinstance(said, str) and field.type == "owner" and said.strip() in ROLES
        if said and not taken and not department_of(work, str(said)):
            return "unknown_department", departments(work)
    if asked and for_any_department(work, row) and not any(record.get(field.id) for field in asked):
        return "name_department", departments(work)
    return None


def for_any_department(work: Work, row: Outcome) -> bool:
    """Whether it opens a step of a department's head without saying which."""
    found = (work.playbook.steps.get(name) for name in row.opens)
    return any(step and step.role == "department_head" and not step.department for step in found)


def departments(work: Work) -> str:
    """What the estate has, to be chosen from."""
    return ", ".join(f"{d.id} {d.zh}" for d in work.world.estate.departments)


def other_grade(work: Work, step: Step, row: Outcome) -> str | None:
    """The outcomes that are for the report's grade, where this one is not; without a grade as ordinary."""
    grade = work.state["grade"] or "ordinary"
    if not row.only_grade or grade in row.only_grade:
        return None
    return ", ".join(name for name, other in step.outcomes.items() if grade in other.only_grade)
