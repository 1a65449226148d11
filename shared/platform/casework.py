"""Casework, the one engine under dispatch and escalation: load → decide → one bulk write → publish.

The position is committed by `consuming` after this returns. Kafka's redelivery is the outbox's relay: a record
that comes again finds its event among those taken in and publishes the same facts with the same ids.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta

from shared.contracts.event import Event
from shared.contracts.ids import parse_report_id
from shared.contracts.replies import DeadlinePassed
from shared.contracts.vocabulary import Lane
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.rules import Rules, World
from shared.platform.cases import Case, Cases, estate_case_id
from shared.platform.deciding import Bounds, Engine
from shared.platform.directory import Directory
from shared.platform.metrics import CONFLICTS, FACTS
from shared.platform.publishing import Publisher
from shared.platform.records import Outgoing, Taken
from shared.platform.retrying import until_it_works
from shared.platform.settings import Settings

Saved = Callable[[Iterable[Case]], None]
"""Told of the cases of a batch once they are durable, before their facts are published."""
_RANK = {"reports": 0, "tasks": 1, "escalations": 1, "deliveries": 1, "replies": 2}


class Casework:
    """One service's cases in one lane."""

    def __init__(
        self,
        settings: Settings,
        lane: Lane,
        rules: Rules,
        cases: Cases,
        publisher: Publisher,
        directory: Directory,
        playbooks: Playbooks,
    ) -> None:
        bounds = Bounds(
            timedelta(seconds=settings.held_s),
            timedelta(seconds=settings.facts_kept_s),
            settings.most_events,
            # A whole batch may be of one case and come again as a whole.
            max(settings.records_kept, 2 * settings.max_records),
        )
        self._engine = Engine(rules, bounds)
        self._service, self._lane = rules.service, lane
        self._cases, self._publisher = cases, publisher
        self._directory, self._playbooks = directory, playbooks
        self.saved: Saved | None = None

    async def work(self, batch: list[Taken]) -> None:
        """Every record of the batch is decided, written and told when this returns."""
        ordered = sorted(batch, key=_rank)
        records = await until_it_works(self._service, "cases", lambda: self._decide_and_save(ordered))
        await until_it_works(self._service, "publish", lambda: self._publisher.publish(records))
        for topic, count in Counter(record.topic for record in records).items():
            FACTS.labels(self._service, self._lane, topic.split(".")[0]).inc(count)

    async def _decide_and_save(self, batch: list[Taken]) -> list[Outgoing]:
        while True:
            cases = await self._cases.load({id for t in batch if (id := self._case_id(t.event))})
            worlds = await self._worlds({t.event.estate_id for t in batch})
            records = [r for t in batch if self._case_id(t.event) for r in self._take(cases, t, worlds)]
            # Whoever was saved before a conflict finds its events taken in and gives the same facts again.
            if await self._cases.save([c for c in cases.values() if c.changed]):
                if self.saved:
                    self.saved(cases.values())
                return records
            CONFLICTS.labels(self._service, self._lane).inc()

    def _take(self, cases: dict[str, Case], taken: Taken, worlds: dict[str, World]) -> list[Outgoing]:
        event = taken.event
        id = self._case_id(event)
        case = cases.get(id) or self._new_case(id, event)
        records = self._engine.take(case, taken, worlds[event.estate_id])
        cases[id] = case
        return records

    def _case_id(self, event: Event) -> str:
        """A report's case is the report; an estate's own has one in each lane, and only where the rules want it."""
        if event.report_id:
            return event.report_id
        return estate_case_id(self._lane, event.estate_id) if self._engine.rules.takes_estates else ""

    def _new_case(self, id: str, event: Event) -> Case:
        if not event.report_id:
            return Case(id=id, lane=self._lane, estate=event.estate_id)
        about = parse_report_id(event.report_id)
        return Case(id=id, lane=about.lane, estate=about.estate)

    async def _worlds(self, estates: Iterable[str]) -> dict[str, World]:
        return {code: World(await self._estate(code), self._playbooks) for code in estates}

    async def _estate(self, code: str) -> Estate:
        # Nobody is on duty at an estate that nobody applied; escalation says so, which beats a parked emergency.
        return await self._directory.estate(code) or Estate(estate=code, zh=code, en=code)


def _rank(taken: Taken) -> int:
    """Reports first, then what is said, then deadlines: an answer given in time is decided before its deadline."""
    if isinstance(taken.event, DeadlinePassed):
        return 3
    return _RANK.get(taken.incoming.topic.split(".")[0], 1)
