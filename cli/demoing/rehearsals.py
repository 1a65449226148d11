"""What has to stand in the register, by the pure rules and without any service: as planned, and as it happened.

`as_planned` plays the evening's file alone: nothing that a service said is taken from it, so it finds whatever the
services leave out, add or do twice. It holds as long as answers reach their task as planned; the evening keeps them
clear of every limit by several times the delay of a working machine (tests/services/test_demo_plan.py). Where the
machine was held up for longer, a limit passes that should not have, and rightly so. `as_it_happened` then tells:
the same rules over what people said, with everything heard and every deadline rung when the broker stamped it. A
deadline that never rang rings there all the same, so that what should have followed is missed.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple
from uuid import UUID

from cli.demoing.evening import ACCEPTED, Evening
from cli.demoing.people import Answer, People, Request
from cli.demoing.speaking import estate_of, events_of
from shared.contracts.event import Event, Fact
from shared.contracts.ids import deadline_id
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.rehearsing import HeardLater, Rehearsal, Ring

_STEP = timedelta(seconds=1)
"""Shorter than anyone's quickest answer, so that what a deadline opens is answered in its order."""


class Delays(NamedTuple):
    """How late, in the evening's time, an answer is durable and a deadline rings; tests play with them."""

    answer: timedelta = timedelta()
    ring: timedelta = timedelta()


ON_TIME = Delays()


class Slack(NamedTuple):
    """`order`: moves each ring among what came at nearly the same time, whose order no topic fixes. `silence`: so
    long after it was due a deadline that never rang should have."""

    order: timedelta
    silence: timedelta


class Said(NamedTuple):
    """Something a person said, and when the broker had it."""

    at: datetime
    event: Event


def as_planned(
    evening: Evening,
    estates: Sequence[Estate],
    playbooks: Playbooks,
    begins: datetime,
    until: datetime,
    delays: Delays = ON_TIME,
) -> list[Fact]:
    """All that the rules decide by `until`, when everyone speaks as the file says."""
    rehearsal = LateRehearsal(estates, playbooks, delays.ring)
    Plan(rehearsal, People(evening, estates, begins), estates, delays).play(begins, until)
    return [fact for fact in rehearsal.facts if fact.accepted_at <= until]


def as_it_happened(
    said: Sequence[Said],
    stamps: Mapping[UUID, datetime],
    estates: Sequence[Estate],
    playbooks: Playbooks,
    slack: Slack,
    until: datetime,
) -> list[Fact]:
    """All that the rules decide on what people truly said; what was heard, and what rang, when it truly did."""
    rehearsal = TrueRehearsal(estates, playbooks, stamps, slack)
    rehearsal.play(said, until)
    return [fact for fact in rehearsal.facts if fact.accepted_at <= until]


class Plan:
    """People of the file and the rules, talking to one another."""

    def __init__(self, rehearsal: Rehearsal, people: People, estates: Iterable[Estate], delays: Delays) -> None:
        self._rehearsal, self._people, self._delays = rehearsal, people, delays
        self._estates, self._order = {estate.estate: estate for estate in estates}, count()
        self._waiting: list[tuple[datetime, int, Request | Answer]] = []
        self._wait_for([*people.reports(), *people.amendments()])

    def play(self, now: datetime, until: datetime) -> None:
        """In small steps, since what a deadline opens is answered too."""
        while now < until:
            due = self._waiting[0][0] if self._waiting else until
            now = min(due, until, now + _STEP)
            facts = self._rehearsal.advance(now)
            if due <= now < until:
                facts = [*facts, *self._said(heapq.heappop(self._waiting)[2], now)]
            for fact in facts:
                self._wait_for(self._people.heard(fact))

    def _said(self, one: Request | Answer, now: datetime) -> list[Fact]:
        """Nothing follows from what its task no longer asks for, or what the door refuses."""
        request = self._people.request(one) if isinstance(one, Answer) else one
        if request is None or request.expect != ACCEPTED:
            return []
        at = now + self._delays.answer
        events = events_of(request, self._estates[estate_of(request)], at)
        return [fact for event in events for fact in self._rehearsal.feed(event, at)]

    def _wait_for(self, found: Iterable[Request | Answer]) -> None:
        for one in found:
            heapq.heappush(self._waiting, (one.at, next(self._order), one))


class LateRehearsal(Rehearsal):
    """Every deadline rings so much late."""

    def __init__(self, estates: Iterable[Estate], playbooks: Playbooks, late: timedelta) -> None:
        super().__init__((DispatchRules(), EscalationRules()), estates, playbooks)
        self._late = late

    def _rings_at(self, ring: Ring) -> datetime:
        return ring.due + self._late


class TrueRehearsal(HeardLater):
    """`stamps`: the broker's time of each event by its id, which the rules alone determine for facts and rings."""

    def __init__(
        self, estates: Iterable[Estate], playbooks: Playbooks, stamps: Mapping[UUID, datetime], slack: Slack
    ) -> None:
        super().__init__((DispatchRules(), EscalationRules()), estates, playbooks)
        self._stamps, self._slack = stamps, slack

    def play(self, said: Iterable[Said], until: datetime) -> None:
        """Everything in the order in which it stands on Kafka."""
        for one in said:
            self._wait(one.at, one.event)
        while True:
            ring, at = self._next(), self._waiting[0][0] if self._waiting else datetime.max.replace(tzinfo=UTC)
            if min(ring.due if ring else at, at) > until:
                return
            if ring and ring.due < at:
                self._ring(ring)
            else:
                self._tell(heapq.heappop(self._waiting)[2], at)

    def _heard_at(self, fact: Fact, at: datetime) -> datetime:
        """When the broker had it; one that never came is heard at once, and will be missed."""
        return max(self._stamps.get(fact.event_id, at), at)

    def _rings_at(self, ring: Ring) -> datetime:
        rang = self._stamps.get(deadline_id(ring.armed_by, ring.name))
        return max(ring.due, rang + self._slack.order) if rang else ring.due + self._slack.silence
