"""The shape of every set of rules, and how facts get their ids.

`decide` looks at the state before the event and says what follows; `evolve` folds the event and then each fact
into the state. Both are pure: `now` is the record's time, the estate's file and the playbooks are arguments.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from shared.contracts.event import Event, Fact
from shared.contracts.ids import fact_id
from shared.contracts.vocabulary import Lane, Role
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.own_rows import own_wait

State = dict[str, Any]
"""A case as one service sees it: a document of plain values, datetimes and UUIDs. {} before anything is known."""


class Deadline(NamedTuple):
    """Live as long as `Rules.deadlines` names it; `armed_by` is the event that armed it, new for each arming."""

    name: str
    due: datetime
    armed_by: UUID


class World(NamedTuple):
    """What the rules may know besides the case."""

    estate: Estate
    playbooks: Playbooks

    def wait(self, role: Role, lane: Lane, rung: int) -> timedelta:
        """The estate's own wait at a rung of a role's ladder, else the playbooks' (PLAYBOOKS 0.2)."""
        if own := own_wait(self.estate.waits, role, lane, rung):
            return own
        return self.playbooks.wait(role, lane, rung)


class Hold(NamedTuple):
    """The event came before what it needs: kept in the case, decided when that arrives, refused after 10 min."""

    awaits: str


class Rules(Protocol):
    """One service's rules; the casework engine is the only caller."""

    service: str
    takes_estates: bool
    """Whether what belongs to an estate and to no report has a case too."""

    def decide(self, state: State, event: Event, now: datetime, world: World) -> list[Fact] | Hold:
        """What follows. A `deadline.passed` arrives only while its deadline is live. Never mutates `state`."""

    def evolve(self, state: State, event: Event, now: datetime) -> State:
        """The state after an event taken in, or after an own fact. Never mutates `state`."""

    def deadlines(self, state: State) -> list[Deadline]:
        """All live deadlines of the case, a function of the state alone."""

    def refuse(self, state: State, event: Event, now: datetime, world: World) -> list[Fact]:
        """What is said of an event that was held for 10 min in vain, or that the case can take no more."""

    def closed_at(self, state: State) -> datetime | None:
        """When the case ended for this service; it is kept for twice the longest retention after that."""


class Cause(NamedTuple):
    """What a decision's facts have in common. The same cause gives the same facts with the same ids."""

    service: str
    event: Event
    now: datetime
    case_version: int

    def common(self, name: str, index: int) -> dict[str, Any]:
        """The fields every fact carries; `index` is its place within this decision."""
        return {
            "event_id": fact_id(self.service, self.event.event_id, name, index),
            "report_id": self.event.report_id,
            "estate_id": self.event.estate_id,
            "occurred_at": self.now,
            "accepted_at": self.now,
            "because_of": self.event.event_id,
            "case_version": self.case_version,
            "index": index,
        }


def next_version(state: State) -> int:
    """Facts of this decision carry it; the engine stores the same number as the case's."""
    return int(state.get("version", 0)) + 1
