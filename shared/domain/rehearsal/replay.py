"""One report's record played through the rules: people's words at their recorded time, every deadline derived anew.

Two services hear one another a moment late, and a ticker rings a moment late. Where the very same fact or deadline
stands in the record, it is as late as it was then; so the unchanged rules give what was recorded, to the
millisecond. What is new comes on time.
"""

import heapq
from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.contracts.event import Event, Fact, Speaker, Words
from shared.contracts.ids import deadline_id
from shared.contracts.replies import LimitExtended, Reply, Said
from shared.contracts.tasks import ReplyRefused
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.dispatching.state import task_of
from shared.domain.escalating.rules import EscalationRules
from shared.domain.rehearsal.record import Record
from shared.domain.rehearsing import HeardLater, Ring
from shared.domain.rules import World

_SAME = timedelta(milliseconds=2)
NO_TASK = Words(zh="无处可答:此时没有这项任务", en="fits nothing: there is no such task at that time")
_NEVER = datetime.max.replace(tzinfo=UTC)


class Unfit(NamedTuple):
    """Something said that was taken then and is not taken now: nobody has that task, or the rules refuse it."""

    at: datetime
    by: Speaker
    said: str
    task_id: str | None
    why: str
    words: Words


class Played(NamedTuple):
    """`armed`: when each deadline that ever ran was due. `stopped_at`: where a play that said too much was cut."""

    facts: tuple[Fact, ...]
    unfit: tuple[Unfit, ...]
    armed: Mapping[UUID, datetime]
    stopped_at: datetime | None


class Replay(HeardLater):
    """`quiet`: deadlines, by id and due time, that the record armed and that did not ring there, because something
    that was read no longer than `beaten` after they were due came first."""

    def __init__(
        self, record: Record, world: World, quiet: Mapping[UUID, datetime] | None, beaten: timedelta
    ) -> None:
        super().__init__((DispatchRules(), EscalationRules()), [world.estate], world.playbooks)
        self._record, self._quiet, self._beaten = record, quiet, beaten
        self._read_at = sorted({one.at for one in record.inputs} | _fact_times(record))
        self._refused_then = {fact.refused for fact in record.facts if isinstance(fact, ReplyRefused)}
        self._said = {one.event.event_id: one for one in record.inputs}
        self.armed: dict[UUID, datetime] = {}
        self.unfit: list[Unfit] = []

    def play(self, until: datetime, most: int) -> Played:
        """All that is decided by `until`; cut after `most` facts, since what nobody answers rings for ever."""
        for at, event in self._record.inputs:
            self._wait(at, event)
        stopped_at = self._play(until, most)
        facts = tuple(fact for fact in self.facts if fact.accepted_at <= until)
        return Played(facts, (*self.unfit, *self._refused_now(facts)), self.armed, stopped_at)

    def _play(self, until: datetime, most: int) -> datetime | None:
        while len(self.facts) <= most:
            ring, at = self._next(), self._waiting[0][0] if self._waiting else _NEVER
            if min(ring.due if ring else at, at) > until:
                return None
            if ring and ring.due < at:
                self._ring(ring)
            else:
                self._hear(heapq.heappop(self._waiting)[2], at)
        return self._latest

    def _hear(self, event: Event, at: datetime) -> None:
        if isinstance(event, Reply | LimitExtended) and self._is_homeless(event, at):
            self.unfit.append(Unfit(at, event.by, event.type, event.task_id, "no_task", NO_TASK))
            return
        self._tell(event, at)

    def _is_homeless(self, event: Reply | LimitExtended, at: datetime) -> bool:
        """Its task was given out by then in the record, and is not here: not held, as what comes early is.

        It would answer, ten minutes before it was asked, whatever later gets that task's name.
        """
        asked = self._record.asked_at.get(event.task_id)
        if asked is None or asked > at:
            return False
        return task_of(self.state("dispatch", event.report_id), event.task_id) is None

    def _refused_now(self, facts: tuple[Fact, ...]) -> list[Unfit]:
        found: list[Unfit] = []
        for fact in facts:
            if isinstance(fact, ReplyRefused) and fact.refused not in self._refused_then:
                said = self._said.get(fact.refused)
                if said and isinstance(said.event, Said):
                    row = Unfit(said.at, said.event.by, said.event.type, fact.task_id, fact.reason, fact.words)
                    found.append(row)
        return found

    # ---- how late things are heard and ring --------------------------------------

    def _take(self, service: str, event: Event, at: datetime) -> list[Fact]:
        facts = super()._take(service, event, at)
        for one in self.cases[service, event.report_id].deadlines:
            self.armed[deadline_id(one.armed_by, one.name)] = one.due
        return facts

    def _heard_at(self, fact: Fact, at: datetime) -> datetime:
        return at + self._record.late.get(fact.event_id, timedelta())

    def _rings_at(self, ring: Ring) -> datetime:
        """Late only where it is the same deadline as in the record, at the same due time."""
        name = deadline_id(ring.armed_by, ring.name)
        rang = self._record.rang.get(name)
        if rang:
            return max(rang.at, ring.due) if abs(rang.due - ring.due) <= _SAME else ring.due
        if self._quiet is None or abs(self._quiet.get(name, _NEVER) - ring.due) <= _SAME:
            return self._beaten_at(ring.due)
        return ring.due

    def _beaten_at(self, due: datetime) -> datetime:
        """After the last thing that was read within that time, which may have stopped it; else on time."""
        place = bisect_right(self._read_at, due + self._beaten)
        return max(due, self._read_at[place - 1]) if place else due


def _fact_times(record: Record) -> set[datetime]:
    return {fact.accepted_at + record.late[fact.event_id] for fact in record.facts}
