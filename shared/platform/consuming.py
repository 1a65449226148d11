"""Reading, lifting, skipping, retrying and parking: all of it stands here, so handlers need no `try`.

FastStream under `MANUAL`, in batches: the position is committed once every record of a batch was done or
parked, and behind the next. An exception that escapes ends the process, and the next start reads the batch again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError, UnknownError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.contracts.event import Event
from shared.contracts.history import UnknownType, Unreadable, read_event
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import RETENTION_DAYS
from shared.platform.clock import Clock, floor_ms
from shared.platform.fencing import Fencing
from shared.platform.logs import LibraryLog, log
from shared.platform.metrics import BATCH_SECONDS, LAST_BATCH, RECORDS, SKIPPED
from shared.platform.parking import parked_notice, parked_record
from shared.platform.positions import Positions
from shared.platform.publishing import Publisher
from shared.platform.records import WAITED_MS, Incoming, Taken, is_said_by_people
from shared.platform.retrying import until_it_works
from shared.platform.settings import Settings

Work = Callable[[list[Taken]], Awaitable[None]]

SESSION_MS = 6000
STUCK_S = 30.0
"""A batch that is in hand for so long waits for something that is away; readiness says so."""
_DIGITS = 12
_LONGEST_WAIT_MS = RETENTION_DAYS * 86_400_000
_HEARTBEAT_MS = 2000
_FETCHED_BYTES = 2 * 1024 * 1024
"""What one answer of the broker holds; by the library's default a backlog comes in 50 MB at a time."""
_LONGEST_SLEEP_MS = 500
_LOOK_S = 0.05
_NEVER_MS = 24 * 3600 * 1000
"""A handler may wait for Kafka or MongoDB as long as it takes without being thrown out of its group."""


class Consumption:
    """One consumer of one service and lane. `failed` is set when the process has to end."""

    def __init__(
        self, settings: Settings, service: str, lane: str, topics: Sequence[str], work: Work, publisher: Publisher
    ) -> None:
        self.service, self.lane = service, lane
        self._settings, self._work, self._publisher = settings, work, publisher
        self._clock = Clock.of(settings)
        self.failed = asyncio.Event()
        self._began: float | None = None
        self._fencing = Fencing()
        self._library = LibraryLog({UnknownError: "fenced", KafkaError: "fenced"})
        self._broker = KafkaBroker(
            settings.kafka,
            client_id=f"baoshi-{service}-{lane}-{settings.copy_number}",
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=self._library,
            graceful_timeout=5.0,
        )
        self._positions = Positions(lambda: self._subscriber.consumer, settings.commit_ms, settings.max_records)
        self._subscriber = self._broker.subscriber(
            *(settings.topic_prefix + name for name in topics),
            batch=True,
            group_id=f"{settings.topic_prefix}baoshi.{service}.{lane}",
            group_instance_id=f"{service}.{lane}.{settings.copy_number}",
            auto_offset_reset=settings.offset_reset,
            ack_policy=AckPolicy.MANUAL,
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
            max_poll_interval_ms=_NEVER_MS,
            fetch_max_wait_ms=500,
            fetch_max_bytes=_FETCHED_BYTES,
            max_partition_fetch_bytes=_FETCHED_BYTES,
            listener=self._positions,
            parser=self._parse,
            decoder=_decode,
        )
        self._subscriber(self._on_records)
        self._subscriber.get_msg = self._next_records  # type: ignore[method-assign]

    async def start(self) -> None:
        """Waits for Kafka without end; readiness says so meanwhile."""
        self._fencing.watch()
        await until_it_works(self.service, "consumer start", self._start_once)

    async def _start_once(self) -> None:
        try:
            await self._broker.start()
        except KafkaError as error:
            await self._broker.stop()
            raise ConnectionRefusedError(111, str(error)) from error

    async def stop(self) -> None:
        self._fencing.unwatch()
        await self._positions.stop()
        await self._broker.stop()

    @property
    def partitions(self) -> frozenset[int]:
        """Numbers of the partitions that this copy has now; they are the same on every topic."""
        consumer = self._subscriber.consumer
        return frozenset(place.partition for place in consumer.assignment()) if consumer else frozenset()

    async def caught_up(self, family: str, seconds: float) -> bool:
        """True once all that stands on this copy's partitions of a family was worked; False: it takes longer."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return False
        prefix = f"{self._settings.topic_prefix}{family}."
        places = [place for place in consumer.assignment() if place.topic.startswith(prefix)]
        try:
            async with asyncio.timeout(seconds):
                ends = await consumer.end_offsets(places)
                begins = await consumer.beginning_offsets(places)
                while places := [p for p in places if await _worked(consumer, p, begins[p]) < ends[p]]:
                    await asyncio.sleep(_LOOK_S)
        except Exception as error:
            # Whatever it is: who asked goes on without, and nothing of it ends the process.
            log.warning("not caught up", error=type(error).__name__, family=family)
            return False
        return True

    @property
    def ready(self) -> bool:
        """Whether this copy is in its group, be it without partitions, and gets on with its work."""
        consumer = self._subscriber.consumer
        # Before it subscribed the library has a coordinator that knows of no generation.
        joined = consumer is not None and getattr(consumer._coordinator, "generation", 0) > 0
        stuck = self._began is not None and time.monotonic() - self._began > STUCK_S
        return bool(joined) and not stuck and not self.ending

    @property
    def ending(self) -> bool:
        """A fenced copy, or a handler's escaped exception: the process is to end."""
        return self.failed.is_set() or self._library.fatal is not None or self._fencing.fenced

    async def _next_records(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord[Any, Any], ...]:
        """Wakes with the first record; FastStream's own sleeps as long again as it waited in vain."""
        found = await consumer.getmany(timeout_ms=_LONGEST_SLEEP_MS, max_records=self._settings.max_records)
        return tuple(chain.from_iterable(found.values()))

    async def _parse(self, raw: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaMessage:
        # FastStream's own parser decodes every header, and one bad byte would fail the whole batch.
        assert self._subscriber.consumer is not None
        return KafkaMessage(raw_message=raw, body=b"", consumer=self._subscriber.consumer)

    async def _on_records(self, records: tuple[ConsumerRecord[Any, Any], ...]) -> None:
        try:
            await self._batch(records)
        except Exception as error:
            log.error("a handler's exception escaped", error=type(error).__name__, where=_where(error))
            self.failed.set()
            # Returning would fetch the next batch, whose commit passes over this one.
            await asyncio.Event().wait()

    async def _batch(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        began = time.perf_counter()
        self._began = time.monotonic()
        for topic, count in Counter(r.topic for r in records).items():
            family = topic.removeprefix(self._settings.topic_prefix).split(".")[0]
            RECORDS.labels(self.service, self.lane, family).inc(count)
        taken = [t for r in records if (t := await self._read(r)) is not None]
        await self._work_or_park(taken)
        await self._positions.worked(records)
        self._began = None
        BATCH_SECONDS.labels(self.service, self.lane).observe(time.perf_counter() - began)
        LAST_BATCH.labels(self.service, self.lane).set(time.time())

    async def _read(self, record: ConsumerRecord[Any, Any]) -> Taken | None:
        incoming = self._incoming(record)
        try:
            event = read_event(incoming.value)
        except Exception as error:
            # Whatever the bytes made the reader stumble over: one record must never stop its partition.
            reason = str(error) if isinstance(error, Unreadable) else type(error).__name__
            await self._park(incoming, f"unreadable: {reason}")
            return None
        if isinstance(event, UnknownType):
            SKIPPED.labels(self.service, event.type[:40]).inc()
            return None
        if event.key != incoming.key:
            await self._park(incoming, "key: the record's key is not its event's")
            return None
        if isinstance(event, ReportFiled) and self._too_old(incoming):
            await self._park(incoming, "too old: filed longer ago than the topics keep")
            return None
        return Taken(incoming, _clamped(event, incoming))

    def _incoming(self, record: ConsumerRecord[Any, Any]) -> Incoming:
        return Incoming(
            record.topic.removeprefix(self._settings.topic_prefix),
            record.partition,
            record.offset,
            (record.key or b"").decode(errors="replace"),
            record.value or b"",
            {name: (value or b"").decode(errors="replace") for name, value in record.headers},
            self._clock.at_ms(record.timestamp),
        )

    def _too_old(self, incoming: Incoming) -> bool:
        return incoming.at < self._clock.now() - timedelta(days=RETENTION_DAYS)

    async def _work_or_park(self, batch: list[Taken]) -> None:
        """Halves a batch that cannot be worked until the one record that is at fault stands alone."""
        if not batch:
            return
        try:
            await self._work(batch)
        except Exception as error:
            if len(batch) == 1:
                await self._park(batch[0].incoming, f"{type(error).__name__}: {_where(error)}")
                return
            middle = len(batch) // 2
            await self._work_or_park(batch[:middle])
            await self._work_or_park(batch[middle:])

    async def _park(self, incoming: Incoming, reason: str) -> None:
        log.error(
            "parked", topic=incoming.topic, partition=incoming.partition, offset=incoming.offset, reason=reason
        )
        # The record's own time, so that parking it twice gives the same notice.
        notice = parked_notice(self.service, incoming, incoming.at)
        records = [parked_record(self.service, incoming, reason, self._clock.now()), *([notice] if notice else [])]
        await until_it_works(self.service, "park", lambda: self._publisher.publish(records))


async def _worked(consumer: AIOKafkaConsumer, place: TopicPartition, begin: int) -> int:
    return max(await consumer.committed(place) or 0, begin)


async def _decode(message: KafkaMessage) -> Any:
    return message.raw_message


def _clamped(event: Event, incoming: Incoming) -> Event:
    """`accepted_at` between the broker's time less the spool's age and the broker's time (ARCHITECTURE, Clocks)."""
    if not is_said_by_people(event):
        return event
    waited = incoming.headers.get(WAITED_MS, "0")
    known = waited.isascii() and waited.isdigit() and len(waited) < _DIGITS
    earliest = incoming.at - timedelta(milliseconds=min(int(waited), _LONGEST_WAIT_MS) if known else 0)
    accepted = min(max(floor_ms(event.accepted_at), earliest), incoming.at)
    return event if accepted == event.accepted_at else event.model_copy(update={"accepted_at": accepted})


def _where(error: BaseException) -> str:
    """File and line, no message: messages may quote what a resident said."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return f"{last.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{last.tb_lineno}" if last else ""
