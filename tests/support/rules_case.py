"""One case under one service's rules in a test: the engine in small."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from shared.contracts.event import Event, Fact
from shared.contracts.replies import DeadlinePassed
from shared.domain.rules import Deadline, State, World


class RulesCase:
    """Every event once, deadlines when they are due, facts folded as they are said."""

    rules: Any
    world: World

    def __init__(self, start: datetime) -> None:
        self.state: State = {}
        self.now = start
        self.facts: list[Fact] = []
        self.taken: set[UUID] = set()

    def hear(self, *events: Event) -> Self:
        for event in events:
            self.run_until(event.accepted_at)
            self.take(event)
        return self

    def take(self, event: Event) -> None:
        if event.event_id in self.taken:
            return
        self.taken.add(event.event_id)
        facts = self.rules.decide(self.state, event, self.now, self.world)
        assert isinstance(facts, list)
        self.state = self.rules.evolve(self.state, event, self.now)
        for fact in facts:
            self.state = self.rules.evolve(self.state, fact, self.now)
        self.facts += facts

    def run_until(self, until: datetime) -> Self:
        while due := min((d for d in self.deadlines if d.due <= until), key=lambda d: d.due, default=None):
            self.now = max(due.due, self.now)
            self.take(self.passed(due))
        self.now = max(until, self.now)
        return self

    @property
    def deadlines(self) -> list[Deadline]:
        found: list[Deadline] = self.rules.deadlines(self.state)
        return found

    def passed(self, due: Deadline) -> DeadlinePassed:
        """What the clock says of it."""
        raise NotImplementedError
