"""The smallest rules there are, so that tests of the engine are about the engine."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.contracts.event import Event, Fact, Words
from shared.contracts.replies import DeadlinePassed, TaskNoted
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReplyRefused, ReportClosed, ReportOpened, ReportReopened
from shared.domain.rules import Cause, Deadline, Hold, State, World, next_version


class ToyRules:
    """A report opens and is closed by a deadline after `closes_after`; notes are held until the report is there.

    A report whose text is `poison` cannot be decided at all.
    """

    takes_estates = False

    def __init__(self, service: str = "toy", closes_after: timedelta = timedelta(hours=1)) -> None:
        self.service, self._closes_after = service, closes_after

    def decide(self, state: State, event: Event, now: datetime, world: World) -> list[Fact] | Hold:
        cause = Cause(self.service, event, now, next_version(state))
        if isinstance(event, ReportFiled):
            if event.text == "poison":
                raise ValueError("poison")
            return [_opened(cause, event)]
        if not state:
            return Hold("the report")
        if isinstance(event, DeadlinePassed):
            return [ReportClosed(**cause.common("closed", 0), why="done")]
        return []

    def evolve(self, state: State, event: Event, now: datetime) -> State:
        if isinstance(event, ReportOpened):
            return {**state, "due": now + self._closes_after, "armed_by": event.event_id, "notes": 0}
        if isinstance(event, TaskNoted):
            return {**state, "notes": state["notes"] + 1}
        if isinstance(event, ReportClosed):
            return {**state, "due": None, "closed": now}
        return state

    def deadlines(self, state: State) -> list[Deadline]:
        armed_by: UUID | None = state.get("armed_by")
        return [Deadline("close", state["due"], armed_by)] if armed_by and state.get("due") else []

    def refuse(self, state: State, event: Event, now: datetime, world: World) -> list[Fact]:
        cause = Cause(self.service, event, now, next_version(state))
        words = Words(zh="不收", en="REFUSED")
        return [ReplyRefused(**cause.common("refused", 0), refused=event.event_id, reason="refused", words=words)]

    def closed_at(self, state: State) -> datetime | None:
        return state.get("closed")


def _opened(cause: Cause, filed: ReportFiled) -> ReportOpened:
    return ReportOpened(
        **cause.common("opened", 0),
        playbook=filed.category,
        playbook_version=1,
        grade=filed.grade,
        owner="customer_assistant",
        clock_from=filed.accepted_at,
    )


class RingingRules(ToyRules):
    """Never closes: every deadline says something and arms the next."""

    def decide(self, state: State, event: Event, now: datetime, world: World) -> list[Fact] | Hold:
        if isinstance(event, DeadlinePassed):
            cause = Cause(self.service, event, now, next_version(state))
            return [ReportReopened(**cause.common("reopened", 0), round=1, why="rings")]
        return super().decide(state, event, now, world)

    def evolve(self, state: State, event: Event, now: datetime) -> State:
        if isinstance(event, ReportReopened):
            return {**state, "due": now + self._closes_after, "armed_by": event.event_id}
        return super().evolve(state, event, now)


class WatchingRules(ToyRules):
    """Keeps what it was asked to decide."""

    def __init__(self, deaf_to: UUID | None = None) -> None:
        super().__init__()
        self.seen: list[Event] = []
        self._deaf_to = deaf_to

    def evolve(self, state: State, event: Event, now: datetime) -> State:
        return state if event.event_id == self._deaf_to else super().evolve(state, event, now)

    def decide(self, state: State, event: Event, now: datetime, world: World) -> list[Fact] | Hold:
        self.seen.append(event)
        return super().decide(state, event, now, world)
