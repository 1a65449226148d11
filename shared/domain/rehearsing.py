"""The rules played through without services: what must come out, to compare what did come out with.

Events are taken in as the engine takes them: each once, held when they come too early, refused after ten minutes;
deadlines ring in the order of time. Services hear one another as the table of topics says.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple
from uuid import UUID

from shared.contracts.event import Event, Fact
from shared.contracts.history import FAMILIES, FAMILY_OF
from shared.contracts.ids import deadline_id
from shared.contracts.replies import DeadlinePassed
from shared.contracts.topics import TOPICS
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.rules import Deadline, Hold, Rules, State, World

HELD = timedelta(minutes=10)


class Played:
    """One report as one service has it."""

    def __init__(self) -> None:
        self.state: State = {}
        self.taken: set[UUID] = set()
        self.held: list[tuple[Event, datetime]] = []
        self.deadlines: list[Deadline] = []


class Ring(NamedTuple):
    """The deadline that is next; compared by time, then by service, report and name, so that a play repeats."""

    due: datetime
    service: str
    report_id: str
    name: str
    armed_by: UUID


class Rehearsal:
    """`facts`: everything that was decided, in order."""

    def __init__(self, rules: Iterable[Rules], estates: Iterable[Estate], playbooks: Playbooks) -> None:
        self.rules: Mapping[str, Rules] = {one.service: one for one in rules}
        self.worlds = {estate.estate: World(estate, playbooks) for estate in estates}
        self.cases: dict[tuple[str, str], Played] = {}
        self.facts: list[Fact] = []
        self._latest = datetime.min.replace(tzinfo=UTC)

    def feed(self, event: Event, at: datetime) -> list[Fact]:
        """What follows from the event, and from every deadline that was due before it."""
        before = len(self.facts)
        while (ring := self._next()) and ring.due < at:
            self._ring(ring)
        self._tell(event, at)
        return self.facts[before:]

    def advance(self, to: datetime) -> list[Fact]:
        """What follows by the clock alone, up to and with this instant."""
        before = len(self.facts)
        while (ring := self._next()) and ring.due <= to:
            self._ring(ring)
        return self.facts[before:]

    def state(self, service: str, report_id: str) -> State:
        return self.cases[service, report_id].state if (service, report_id) in self.cases else {}

    def _tell(self, event: Event, at: datetime) -> None:
        """To everyone who reads its topic; what they decide is told in turn."""
        queue = deque([event])
        while queue:
            said = queue.popleft()
            for service in self.rules:
                if hears(service, said):
                    queue.extend(self._take(service, said, at))

    def _take(self, service: str, event: Event, at: datetime) -> list[Fact]:
        self._latest = max(self._latest, at)
        case = self.cases.setdefault((service, event.report_id), Played())
        if event.event_id in case.taken:
            return []
        facts = self._decide(service, case, event, at)
        facts += self._work_held(service, case, at)
        case.deadlines = self.rules[service].deadlines(case.state)
        self.facts += facts
        return facts

    def _decide(self, service: str, case: Played, event: Event, at: datetime) -> list[Fact]:
        decided = self.rules[service].decide(case.state, event, at, self._world(event))
        case.taken.add(event.event_id)
        if isinstance(decided, Hold):
            case.held.append((event, at))
            return []
        return self._fold(service, case, event, decided, at)

    def _fold(self, service: str, case: Played, event: Event, facts: list[Fact], at: datetime) -> list[Fact]:
        rules, state = self.rules[service], case.state
        for one in (event, *facts):
            state = rules.evolve(state, one, at)
        if state is not case.state or facts:
            case.state = {**state, "version": int(case.state.get("version", 0)) + 1}
        return list(facts)

    def _work_held(self, service: str, case: Played, at: datetime) -> list[Fact]:
        found: list[Fact] = []
        progress = True
        while progress:
            progress = False
            for row in case.held:
                decided = self.rules[service].decide(case.state, row[0], at, self._world(row[0]))
                if not isinstance(decided, Hold):
                    case.held.remove(row)
                    found += self._fold(service, case, row[0], decided, at)
                    progress = True
                    break
        return found

    def _world(self, event: Event) -> World:
        return self.worlds[event.estate_id]

    # ---- clocks ------------------------------------------------------------------

    def _next(self) -> Ring | None:
        """The earliest of all live deadlines, held events among them."""
        return min(self.rings(), default=None)

    def rings(self) -> Iterable[Ring]:
        """All live deadlines; a clock that is past when it is armed, as a carried one may be, rings at once."""
        found = (ring for key, case in self.cases.items() for ring in _rings(*key, case))
        return (ring._replace(due=max(self._rings_at(ring), self._latest)) for ring in found)

    def _rings_at(self, ring: Ring) -> datetime:
        return ring.due

    def _ring(self, ring: Ring) -> None:
        case = self.cases[ring.service, ring.report_id]
        held = next((row for row in case.held if row[0].event_id == ring.armed_by), None)
        if held and not ring.name:
            self._give_up(ring, case, held)
            return
        passed = DeadlinePassed(
            event_id=deadline_id(ring.armed_by, ring.name),
            report_id=ring.report_id,
            estate_id=ring.report_id.split(".")[2],
            occurred_at=ring.due,
            accepted_at=ring.due,
            owner=ring.service,
            name=ring.name,
            armed_by=ring.armed_by,
            due_at=ring.due,
        )
        for fact in self._take(ring.service, passed, ring.due):
            self._tell_others(fact, ring)

    def _give_up(self, ring: Ring, case: Played, held: tuple[Event, datetime]) -> None:
        case.held.remove(held)
        rules = self.rules[ring.service]
        facts = rules.refuse(case.state, held[0], ring.due, self._world(held[0]))
        self.facts += self._fold(ring.service, case, held[0], facts, ring.due)
        case.deadlines = rules.deadlines(case.state)
        for fact in facts:
            self._tell_others(fact, ring)

    def _tell_others(self, fact: Fact, ring: Ring) -> None:
        self._tell(fact, ring.due)


class HeardLater(Rehearsal):
    """Services hear one another when `_heard_at` says; what waits is told in the order of time."""

    def __init__(self, rules: Iterable[Rules], estates: Iterable[Estate], playbooks: Playbooks) -> None:
        super().__init__(rules, estates, playbooks)
        self._waiting: list[tuple[datetime, int, Event]] = []
        self._order = count()

    def _heard_at(self, fact: Fact, at: datetime) -> datetime:
        return at

    def _wait(self, at: datetime, event: Event) -> None:
        heapq.heappush(self._waiting, (at, next(self._order), event))

    def _tell(self, event: Event, at: datetime) -> None:
        for service in self.rules:
            if hears(service, event):
                for fact in self._take(service, event, at):
                    self._wait(self._heard_at(fact, at), fact)

    def _tell_others(self, fact: Fact, ring: Ring) -> None:
        self._wait(self._heard_at(fact, ring.due), fact)


def _rings(service: str, report_id: str, case: Played) -> Iterable[Ring]:
    for d in case.deadlines:
        yield Ring(d.due, service, report_id, d.name, d.armed_by)
    for event, at in case.held:
        yield Ring(at + HELD, service, report_id, "", event.event_id)


_READERS = {
    family: frozenset(name for topic in TOPICS if topic.family == family for name in topic.read_by)
    for family in FAMILIES
}


def hears(service: str, event: Event) -> bool:
    """As the table of topics says; what a ticker says is for its own service only."""
    if isinstance(event, DeadlinePassed):
        return event.owner == service
    return service in _READERS[FAMILY_OF[event.type]]
