"""Who was told what, and when: out of facts, recorded or played alike."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from shared.contracts.escalations import RungReached
from shared.contracts.event import Addressee, Fact, Words, in_order
from shared.contracts.ids import parse_task_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import TaskAssigned, TaskChanged
from shared.contracts.vocabulary import Clock

Cause = Literal["task", "handed_over", "notice", "rung", "reminder", "informed"]
_LADDER: dict[str, Cause] = {"rung": "rung", "reminder": "reminder", "informed": "informed"}


class Told(NamedTuple):
    """`what`: the task's step and number, or the notice's name. `about`: the task that a notice speaks of, and
    `clock` the one that rang for it."""

    at: datetime
    cause: Cause
    what: str
    about: str | None
    clock: Clock | None
    to: Addressee
    words: Words | None


def told_by(facts: Iterable[Fact]) -> list[Told]:
    """In the order of time. When it was decided, not when a device had it: devices are not rehearsed."""
    found: list[Told] = []
    words: dict[str, Words] = {}
    rungs: dict[UUID | None, Clock] = {}
    for fact in sorted(facts, key=in_order):
        if isinstance(fact, TaskAssigned):
            words[fact.task_id] = fact.words
            found.append(Told(fact.accepted_at, "task", _name(fact.task_id), None, None, fact.to, fact.words))
        elif isinstance(fact, TaskChanged) and fact.to:
            said = words.get(fact.task_id)
            found.append(Told(fact.accepted_at, "handed_over", _name(fact.task_id), None, None, fact.to, said))
        elif isinstance(fact, RungReached):
            rungs[fact.because_of] = fact.clock
        elif isinstance(fact, NoticeIssued):
            # Escalation says the rung and then, in the same decision, whom it tells.
            clock = rungs.get(fact.because_of) if fact.name in _LADDER else None
            about = _name(fact.task_id) if fact.task_id else None
            cause = _LADDER.get(fact.name, "notice")
            found.append(Told(fact.accepted_at, cause, fact.name, about, clock, fact.to, fact.words))
    return sorted(found, key=lambda told: told.at)


def _name(task_id: str) -> str:
    """`meet.1`, without the report it belongs to."""
    task = parse_task_id(task_id)
    return f"{task.step}.{task.n}"
