"""What stands on Kafka, as it comes: for the screen, for people's answers, and for what truly happened and when."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from cli.demoing.rehearsals import Said
from shared.contracts.deliveries import DeliveryFailed
from shared.contracts.event import Event, Fact
from shared.contracts.history import UnknownType, Unreadable, read_event
from shared.contracts.replies import DeadlinePassed
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import TaskAssigned
from shared.contracts.topics import PARTITIONS, TOPICS
from shared.platform.clock import Clock
from shared.platform.settings import Settings


class Seen(NamedTuple):
    """An event with the broker's time: the evening's, and the real one."""

    event: Event
    at: datetime
    real: datetime


class Watch:
    """Reads every topic from its beginning, in no group, so nothing of the services' reading is disturbed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clock = Clock.of(settings)
        self.started = asyncio.Event()
        self.tell: Callable[[Seen], None] | None = None
        self.seen: dict[UUID, Seen] = {}
        self.parked = 0
        self.last_at = datetime.now(UTC)

    async def run(self) -> None:
        """Without end."""
        names = [self._settings.topic_prefix + topic.name for topic in TOPICS]
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await consumer.start()
        try:
            places = [TopicPartition(name, p) for name in names for p in range(PARTITIONS)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            self.started.set()
            while True:
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    for record in records:
                        self._take(record)
        finally:
            await consumer.stop()

    def _take(self, record: ConsumerRecord) -> None:
        self.last_at = datetime.now(UTC)
        if record.topic == self._settings.topic_prefix + "parked":
            self.parked += 1
            return
        try:
            event = read_event(record.value or b"")
        except Unreadable:
            return
        if isinstance(event, UnknownType) or event.event_id in self.seen:
            return
        real = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        seen = Seen(event, self._clock.at(real), real)
        self.seen[event.event_id] = seen
        if self.tell:
            self.tell(seen)

    def said(self) -> list[Said]:
        """What people said, as the services take it: accepted when the broker had it, at the latest.

        And what reached nobody, which no rule of dispatch or escalation can know.
        """
        rules_say = Fact | DeadlinePassed
        seen = self.seen.values()
        events = [s for s in seen if isinstance(s.event, DeliveryFailed) or not isinstance(s.event, rules_say)]
        return [Said(s.at, _clamped(s)) for s in events]

    def stamps(self) -> dict[UUID, datetime]:
        """When the broker had each event; of one that came again, the first time."""
        return {name: seen.at for name, seen in self.seen.items()}

    def rings_late(self) -> list[timedelta]:
        """How long after it was due each deadline rang, in the evening's time."""
        return [s.at - s.event.due_at for s in self.seen.values() if isinstance(s.event, DeadlinePassed)]

    def decisions_late(self) -> list[timedelta]:
        """From what a fact follows to the fact on Kafka."""
        return [s.at - s.event.accepted_at for s in self.seen.values() if isinstance(s.event, Fact)]

    def real_ms_to_task(self) -> list[float]:
        """From a report on Kafka to its first task there."""
        filed = {s.event.report_id: s.real for s in self.seen.values() if isinstance(s.event, ReportFiled)}
        tasks: dict[str, datetime] = {}
        for seen in self.seen.values():
            if isinstance(seen.event, TaskAssigned):
                report = seen.event.report_id
                tasks[report] = min(seen.real, tasks.get(report, seen.real))
        return [(tasks[r] - at).total_seconds() * 1000 for r, at in filed.items() if r in tasks]


def _clamped(seen: Seen) -> Event:
    accepted = min(seen.event.accepted_at, seen.at)
    return seen.event.model_copy(update={"accepted_at": accepted})
