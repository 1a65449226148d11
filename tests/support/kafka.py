"""Looking at what stands on Kafka, and putting records there as any speaker would."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contracts.event import Event
from shared.contracts.history import UnknownType, read_event
from shared.platform.publishing import Publisher
from shared.platform.records import outgoing
from shared.platform.settings import Settings


async def records_of(settings: Settings, topic: str) -> list[ConsumerRecord]:
    """Everything on a topic now, partition by partition."""
    name = settings.topic_prefix + topic
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka)
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        places = [TopicPartition(name, p) for p in range(12)]
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        left = sum(ends.values()) - sum((await consumer.beginning_offsets(places)).values())
        found: list[ConsumerRecord] = []
        while len(found) < left:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += batch
        return found
    finally:
        await consumer.stop()


async def events_of(settings: Settings, topic: str) -> list[Event]:
    """The same, read; unknown types left out."""
    read = [read_event(r.value or b"") for r in await records_of(settings, topic)]
    return [e for e in read if not isinstance(e, UnknownType)]


async def wait_for(settings: Settings, topic: str, count: int, seconds: float = 30.0) -> list[Event]:
    """The events of a topic once there are `count`; what there was at the end of the patience otherwise."""
    found: list[Event] = []
    for _ in range(int(seconds / 0.2)):
        found = await events_of(settings, topic)
        if len(found) >= count:
            break
        await asyncio.sleep(0.2)
    return found


async def publish(settings: Settings, topic: str, events: Sequence[Event], source: str = "intake") -> None:
    """As intake would, each acknowledged."""
    publisher = Publisher(settings, "tests")
    try:
        await publisher.publish([outgoing(e, topic, source) for e in events], 20)
    finally:
        await publisher.stop()
