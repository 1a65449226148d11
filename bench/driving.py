"""The driver's side of Kafka: filling topics, sending one report at a time, looking at what came out and when."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.estate import record
from bench.site import Site
from shared.contracts.event import Event
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import PARTITIONS
from shared.platform.publishing import Publisher
from shared.platform.records import Outgoing

_PATIENCE_S = 60.0
_AT_ONCE = 2_000
_ASSIGNED = ("ce_type", b"task.assigned")


async def fill(site: Site, events: Sequence[Event]) -> None:
    """All of them acknowledged, as intake would send them."""
    publisher = Publisher(site.settings, "bench-fill", 5)
    try:
        for start in range(0, len(events), _AT_ONCE):
            await publisher.publish([record(e) for e in events[start : start + _AT_ONCE]], _PATIENCE_S)
    finally:
        await publisher.stop()


@asynccontextmanager
async def reader(site: Site, *topics: str, end: bool = False) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group over all partitions, from the beginning or from the end."""
    consumer = AIOKafkaConsumer(bootstrap_servers=site.settings.kafka, max_poll_records=5_000)
    await consumer.start()
    try:
        places = [TopicPartition(site.topic(t), p) for t in topics for p in range(PARTITIONS)]
        await consumer._client.force_metadata_update()
        consumer.assign(places)
        await (consumer.seek_to_end(*places) if end else consumer.seek_to_beginning(*places))
        yield consumer
    finally:
        await consumer.stop()


async def count(consumer: AIOKafkaConsumer) -> int:
    """How many records stand on the consumer's topics, without reading them."""
    return sum((await consumer.end_offsets(list(consumer.assignment()))).values())


async def until_count(site: Site, topics: Sequence[str], wanted: int, seconds: float) -> None:
    """Raises when they are not there in time, or when a process of the site ended."""
    async with reader(site, *topics) as consumer, asyncio.timeout(seconds):
        while await count(consumer) < wanted:
            site.check_alive()
            await asyncio.sleep(0.2)


async def stamps(site: Site, topic: str, last: int) -> list[int]:
    """When the broker appended the last records of a topic, in milliseconds, sorted."""
    found: list[int] = []
    async with reader(site, topic) as consumer, asyncio.timeout(_PATIENCE_S):
        there = await count(consumer)
        while len(found) < there:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [r.timestamp for r in records]
    return sorted(found)[-last:]


def rate(times: Sequence[int], per_input: float) -> float:
    """Inputs a second, without the first tenth, in which processes and caches warm up."""
    first = len(times) // 10
    return (len(times) - first) / per_input / max(0.001, (times[-1] - times[first]) / 1000)


class OneAtATime:
    """Files a report, waits for its first task, then files the next."""

    def __init__(self, site: Site, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
        self._site, self._producer, self._consumer = site, producer, consumer

    async def run(self, new: Callable[[], ReportFiled], times: int) -> list[float]:
        """Milliseconds from sending the report to reading its task, each."""
        return [await self._once(record(new())) for _ in range(times)]

    async def _once(self, sent: Outgoing) -> float:
        key, topic = sent.key.encode(), self._site.topic(sent.topic)
        async with asyncio.timeout(_PATIENCE_S):
            began = time.perf_counter()
            await self._producer.send_and_wait(topic, sent.value, key=key, headers=sent.headers)
            while True:
                found = await self._consumer.getone()
                if found.key == key and _ASSIGNED in found.headers:
                    return (time.perf_counter() - began) * 1000


@asynccontextmanager
async def one_at_a_time(site: Site, tasks: str) -> AsyncIterator[OneAtATime]:
    """Reads the tasks of one lane from now on."""
    producer = AIOKafkaProducer(bootstrap_servers=site.settings.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        async with reader(site, tasks, end=True) as consumer:
            yield OneAtATime(site, producer, consumer)
    finally:
        await producer.stop()
