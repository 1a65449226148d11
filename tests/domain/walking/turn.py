"""One thing that was said or rang, and the case before and after it, to be held against the playbook's rows."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from shared.contracts.event import Fact
from shared.contracts.tasks import TaskAssigned
from shared.domain.playbooks.format import Outcome, Playbook, Step

State = dict[str, Any]
Task = dict[str, Any]
NOT_DONE = ("cancelled", "impossible", "hand_on")


class Turn(NamedTuple):
    """One thing that was said, or rang: the case before and after it, and what was decided."""

    book: Playbook
    before: State
    after: State
    facts: Sequence[Fact]

    def sent(self, step: str) -> list[TaskAssigned]:
        return [f for f in self.facts if isinstance(f, TaskAssigned) and f.step == step]


def key(task: Task) -> str:
    return f"{task['step']}-{task['n']}"


def tasks_of(state: State, step: str) -> list[Task]:
    """Those that count in the case's round."""
    found = (t for t in state.get("tasks", {}).values() if t["step"] == step and t["round"] == state["round"])
    return [t for t in found if not t.get("stale") and not t.get("withdrawn")]


def open_tasks(state: State) -> list[Task]:
    return [t for t in state.get("tasks", {}).values() if t["open"]]


def is_over(state: State, steps: Iterable[str]) -> bool:
    return any("outcome" in t for step in steps for t in tasks_of(state, step))


def row_of(book: Playbook, step: Step, outcome: str) -> Outcome:
    """The step's own row, else what every step takes; who has no onward contact left asks the head."""
    if outcome in step.outcomes:
        return step.outcomes[outcome]
    opens = book.always[outcome].opens
    return Outcome(opens=tuple("head_decides" if name == step.id else name for name in opens))
