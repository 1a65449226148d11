"""One decision in the making: the facts drafted so far, and the case as it is after them."""

from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from shared.contracts.event import Event, Fact
from shared.contracts.ids import TaskId
from shared.contracts.tasks import ReplyRefused
from shared.contracts.vocabulary import Lane
from shared.domain.dispatching.folding import fold
from shared.domain.dispatching.lookup import Lookup, lookup
from shared.domain.dispatching.state import Task, of_step, task_of
from shared.domain.playbooks.format import Playbook, Step
from shared.domain.playbooks.overriding import rows_text, under
from shared.domain.rules import Cause, State, World, next_version

SERVICE = "dispatch"
F = TypeVar("F", bound=Fact)


@lru_cache(maxsize=64)
def _name(of: type[Fact]) -> str:
    return str(of.model_fields["type"].default)


class NoPlaybook(LookupError):
    """Nobody wrote down how this class is handled; the record is parked, and somebody is told."""


class Work:
    """`state` already holds the event and every fact drafted; `facts` are in the order they were decided.

    `assumed`: what the limits of the task being sent had to take for granted.
    """

    def __init__(self, state: State, event: Event, now: datetime, world: World) -> None:
        self.world = world
        self.event = event
        self.now = now
        self.state = fold(state, event, now)
        self.facts: list[Fact] = []
        self.assumed: dict[str, None] = {}
        self._playbook: Playbook | None = None
        self._lookup: Lookup | None = None
        self._cause = Cause(SERVICE, event, now, next_version(state))

    def add(self, of: type[F], /, **fields: Any) -> F:
        """Drafts a fact and folds it at once, so that what follows sees the case as it will be."""
        name = _name(of)
        fact = of(**self._cause.common(name, len(self.facts)), **fields)
        self.facts.append(fact)
        self.state = fold(self.state, fact, self.now)
        return fact

    @property
    def playbook(self) -> Playbook:
        """The version the case began with, as its estate had it then."""
        if self._playbook is None:
            category, version = self.report["category"], self.state.get("playbook_version")
            try:
                packaged = self.world.playbooks.of(category, version)
            except KeyError:
                raise NoPlaybook(f"no playbook {category} {version or ''}") from None
            self._playbook = under(packaged, self.overrides)
        return self._playbook

    @property
    def overrides(self) -> str | None:
        """The estate's rows that the case began with, whatever its file says by now (docs/decisions/0012)."""
        if "playbook_version" in self.state:
            return self.state.get("overrides")
        return rows_text(self.world.estate.overrides, self.report["category"])

    @property
    def lookup(self) -> Lookup:
        if self._lookup is None:
            self._lookup = lookup(self.playbook)
        return self._lookup

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state["report"]
        return found

    @property
    def lane(self) -> Lane:
        found: Lane = self.report["lane"]
        return found

    @property
    def is_drill(self) -> bool:
        return bool(self.report.get("drill"))

    @property
    def form(self) -> str:
        """What reaches us in writing is written (SOP S4.1, own)."""
        return self.report.get("form") or self.playbook.default_form.get(self.report["channel"], "oral")

    def step_of(self, task: Task) -> Step | None:
        """None for a notice that wants an acknowledgement."""
        return self.playbook.steps.get(task["step"])

    def opened(self, step: str) -> bool:
        """Whether the step was sent in this round; a second opening joins the first."""
        return bool(of_step(self.state, step))

    def fresh(self, task: Task) -> Task:
        """The same task as it is by now."""
        found = task_of(self.state, task["id"])
        return found or task

    def task_id(self, step: str, n: int) -> str:
        return str(TaskId(self.event.report_id, step, n))

    def said(self) -> bool:
        """Whether anything but a refusal was decided."""
        return any(not isinstance(fact, ReplyRefused) for fact in self.facts)
