"""What each step may end by and what is then to be recorded, for whoever enters an answer at the desk."""

from shared.contracts.event import Words
from shared.domain.asking.fields import Question, Shown, question_of
from shared.domain.asking.questions import is_forbidding
from shared.domain.playbooks.format import Playbook, Step


class Answerable(Shown):
    """`outcomes`: by each, whether the step's record is wanted; those of every step come last."""

    zh: str
    en: str
    role: str
    guard: tuple[str, ...]
    record: tuple[Question, ...]
    outcomes: dict[str, bool]
    ends_on: str


class Procedure(Shown):
    """All steps of all classes. `common`: those that are the same in every class stand once."""

    common: dict[str, Answerable]
    own: dict[str, dict[str, Answerable]]
    always: dict[str, tuple[Question, ...]]
    guardrails: dict[str, Words]
    forbidding: tuple[str, ...]


def procedure_of(books: dict[str, Playbook], guardrails: dict[str, Words]) -> Procedure:
    """Of every playbook as the estate has it."""
    steps = {name: {s.id: answerable(s) for s in book.steps.values()} for name, book in books.items()}
    first = next(iter(steps.values()), {})
    shared = {step: one for step, one in first.items() if all(own.get(step) == one for own in steps.values())}
    always = next(iter(books.values())).always if books else {}
    return Procedure(
        common=shared,
        own={name: {s: one for s, one in own.items() if s not in shared} for name, own in steps.items()},
        always={name: tuple(map(question_of, one.record)) for name, one in always.items()},
        guardrails=guardrails,
        forbidding=tuple(name for name in guardrails if is_forbidding(name)),
    )


def answerable(step: Step) -> Answerable:
    """A step that ends by an arrival or an acknowledgement wants nothing recorded."""
    wanted = step.ends_on == "complete"
    return Answerable(
        zh=step.zh,
        en=step.en,
        role=step.role,
        guard=step.guard,
        record=tuple(question_of(field) for field in step.record) if wanted else (),
        outcomes={name: row.record and wanted for name, row in step.outcomes.items()},
        ends_on=step.ends_on,
    )
