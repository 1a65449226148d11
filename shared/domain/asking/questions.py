"""What the desk asks a caller of each class, in the procedure's order, with what must be said and what must not.

Read off the playbooks: the steps that a filing, a help, a kind or a form opens for the desk, and what these lead to
at the desk while the caller is on the line (SOP S3.0, S4 to S8).
"""

from collections.abc import Iterable, Mapping

from shared.contracts.event import Words
from shared.contracts.vocabulary import Category
from shared.domain.asking.fields import NUMBER, WHERE, Question, Shown, besides, question_of
from shared.domain.playbooks.format import Playbook, RecordField, Step

_AT_THE_TOP = frozenset({"patient_place", "patient_phone", "contact_phone"})
_ASKED_TIMES = frozenset({"appointment_at", "complaint_at", "care_from", "care_until"})


class Part(Shown):
    """What one step asks. `zh`, `en`: the step's order to the assistant. `must`, `never`: its guardrails."""

    step: str
    clause: tuple[str, ...]
    zh: str
    en: str
    must: tuple[Words, ...] = ()
    never: tuple[Words, ...] = ()
    questions: tuple[Question, ...] = ()


class Sheet(Shown):
    """A class. `where` and `number` are asked before anything else, whoever answers what later (SOP S3.0).

    `first`: then asked of everybody. `then`: what a chosen `help=…` or `form=…` adds, and a `kind=…` puts instead.
    `rest`: what may be said besides, where none of the parts shown asks for the same.
    """

    category: Category
    where: Question
    number: Question
    first: tuple[Part, ...]
    then: dict[str, tuple[Part, ...]]
    rest: tuple[Question, ...]


def sheet_of(book: Playbook, guardrails: Mapping[str, Words]) -> Sheet:
    """The questions of one class, whatever the order of its steps' fields: where first, then by what number."""
    first = _with_followers(book, _opened_by(book, "filed", None))
    fields = [question_of(field) for step in first for field in step.record]
    of_patient = any(q.field == "patient_phone" for q in fields)
    where = next((q for q in fields if of_patient and q.field == "patient_place"), WHERE)
    number = next((q for q in fields if of_patient and q.field == "patient_phone"), NUMBER)
    then = {
        f"{event}={value}": _parts(_opened_by(book, event, value), guardrails) for event, value in _waits_for(book)
    }
    return Sheet(
        category=book.playbook,
        where=where,
        number=number,
        first=_parts(first, guardrails),
        then={choice: parts for choice, parts in then.items() if parts},
        rest=tuple(besides(book, of_patient)),
    )


def is_forbidding(guard: str) -> bool:
    """Whether a guardrail says what must not be said or done; by its name, as the playbooks write them."""
    return guard.split("_")[0] in ("no", "not", "off")


def _asks(step: Step) -> bool:
    """The assistant asks; the control room where its step has guardrails, since then it speaks with people."""
    return step.role == "customer_assistant" or (step.role == "control_room" and bool(step.guard))


def _opened_by(book: Playbook, event: str, value: str | None) -> list[Step]:
    return [
        step
        for step in book.steps.values()
        if _asks(step) and any((one.event, one.value) == (event, value) for one in step.opens_on)
    ]


def _with_followers(book: Playbook, steps: Iterable[Step]) -> list[Step]:
    """And what comes next on the same call: a step that is skipped where its answer is known already (SOP S3.0)."""
    found: list[Step] = []
    for step in steps:
        opened = [book.steps[name] for name in step.outcomes[step.first_outcome].opens]
        found += [step, *(s for s in opened if _asks(s) and s.skip and s not in found)]
    return found


def _waits_for(book: Playbook) -> list[tuple[str, str]]:
    found = [
        (one.event, one.value)
        for step in book.steps.values()
        for one in step.opens_on
        if one.value is not None and one.event in ("help", "kind", "form")
    ]
    return [(event, value) for event, value in dict.fromkeys(found) if value is not None]


def _parts(steps: Iterable[Step], guardrails: Mapping[str, Words]) -> tuple[Part, ...]:
    return tuple(_part(step, guardrails) for step in steps)


def _part(step: Step, guardrails: Mapping[str, Words]) -> Part:
    return Part(
        step=step.id,
        clause=step.clause,
        zh=step.zh,
        en=step.en,
        must=tuple(guardrails[g] for g in step.guard if not is_forbidding(g)),
        never=tuple(guardrails[g] for g in step.guard if is_forbidding(g)),
        questions=tuple(question_of(field) for field in step.record if _is_asked(step, field)),
    )


def _is_asked(step: Step, field: RecordField) -> bool:
    """Not what stands at the top, nor what is noted when it is done; of a call outside only the illness."""
    if field.id in _AT_THE_TOP or (step.calls and not field.closed):
        return False
    return field.type != "time" or field.id in _ASKED_TIMES
