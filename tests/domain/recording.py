"""An evening that leaves a log, as the register has one: everything a moment late, as on a real machine."""

import heapq
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from shared.contracts.event import Event, Fact
from shared.contracts.history import FAMILY_OF
from shared.contracts.ids import deadline_id
from shared.contracts.replies import DeadlinePassed
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.rehearsal.comparing import Bounds, Rehearsed, rehearse
from shared.domain.rehearsal.record import Heard, Record, record_of
from shared.domain.rehearsing import Rehearsal, Ring, hears
from shared.domain.rules import World
from tests.domain.evenings import Evening

READ_LATE = {"escalations": timedelta(milliseconds=41), "notices": timedelta(milliseconds=29)}
"""By topic, in no order of their own; anything else is in between."""
BETWEEN = timedelta(milliseconds=37)
RING_LATE = timedelta(milliseconds=81)
LAST = datetime.max.replace(tzinfo=UTC)


def late(fact: Fact) -> timedelta:
    return READ_LATE.get(FAMILY_OF[fact.type], BETWEEN)


class Recorder(Rehearsal):
    """`log`: every event once, and when it was read."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.log: list[Heard] = []
        self._waiting: list[tuple[datetime, int, Event]] = []
        self._order = count()

    def feed(self, event: Event, at: datetime) -> list[Fact]:
        before = len(self.facts)
        self._push(at, event)
        self._run(at)
        return self.facts[before:]

    def advance(self, to: datetime) -> list[Fact]:
        before = len(self.facts)
        self._run(to)
        return self.facts[before:]

    def _run(self, to: datetime) -> None:
        while True:
            ring, at = self._next(), self._waiting[0][0] if self._waiting else LAST
            if min(ring.due if ring else at, at) > to:
                return
            if ring and ring.due < at:
                self._ring(ring)
                continue
            event = heapq.heappop(self._waiting)[2]
            for service in self.rules:
                if hears(service, event):
                    for fact in self._take(service, event, at):
                        self._push(at + late(fact), fact)

    def _push(self, at: datetime, event: Event) -> None:
        self.log.append(Heard(at, event))
        heapq.heappush(self._waiting, (at, next(self._order), event))

    def _rings_at(self, ring: Ring) -> datetime:
        return ring.due + RING_LATE

    def _ring(self, ring: Ring) -> None:
        armed = self.cases[ring.service, ring.report_id].deadlines
        due = next((d.due for d in armed if (d.name, d.armed_by) == (ring.name, ring.armed_by)), ring.due)
        passed = DeadlinePassed(
            event_id=deadline_id(ring.armed_by, ring.name),
            report_id=ring.report_id,
            estate_id=ring.report_id.split(".")[2],
            occurred_at=ring.due,
            accepted_at=ring.due,
            owner=ring.service,
            name=ring.name,
            armed_by=ring.armed_by,
            due_at=due,
        )
        if ring.name:
            self.log.append(Heard(ring.due, passed))
        super()._ring(ring)

    def _tell_others(self, fact: Fact, ring: Ring) -> None:
        self._push(ring.due + late(fact), fact)


def recorded(**fields: Any) -> Evening:
    """An evening under both services, not filed yet."""
    evening = Evening(**fields)
    evening.play = Recorder([DispatchRules(), EscalationRules()], [evening.estate], evening.books)
    return evening


def record(evening: Evening, until: datetime | None = None) -> Record:
    assert isinstance(evening.play, Recorder)
    return made(evening.play.log, evening.report_id, until or evening.now)


def made(log: Iterable[Heard], report_id: str, until: datetime) -> Record:
    found = record_of((one for one in log if one.event.report_id == report_id), until)
    assert found is not None
    return found


def played(
    evening: Evening, books: Playbooks | None = None, estate: Estate | None = None, until: datetime | None = None
) -> Rehearsed:
    """With these playbooks and this estate instead of those of the evening."""
    until = until or evening.now
    then = World(evening.estate, evening.books)
    return rehearse(
        record(evening, until), then, World(estate or then.estate, books or then.playbooks), Bounds(until)
    )
