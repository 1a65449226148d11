"""The topic of parked records: reading it whole, and sending one back to where it came from."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.platform.clock import Clock
from shared.platform.parking import TOPIC
from shared.platform.publishing import Publisher
from shared.platform.records import WAITED_MS, Outgoing
from shared.platform.settings import Settings

REPLAYED = "baoshi-replayed"
"""Header of the mark that a parked record was sent back; its value is the parked record's id."""
_OURS = "baoshi-parked-"
_PATIENCE_MS = 1000
_ON_ITS_WAY_MS = 1000
"""Until the broker has a replayed record; a bound that is a second too early moves no clock that was right."""


class Parked(NamedTuple):
    """One record that could not be worked, however many services parked it. `stood_at`: the broker's time of it."""

    id: str
    topic: str
    partition: int
    offset: int
    reason: str
    services: tuple[str, ...]
    stood_at: datetime
    at: datetime
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    replayed: bool


async def read_parked(settings: Settings) -> list[Parked]:
    """All there are, in the order of their parking."""
    found: dict[str, Parked] = {}
    replayed: set[str] = set()
    for record in await _records(settings):
        headers = {name: value.decode(errors="replace") for name, value in record.headers}
        if mark := headers.get(REPLAYED):
            replayed.add(mark)
        elif f"{_OURS}id" in headers:
            parked = _parked(record, headers)
            before = found.get(parked.id)
            services = sorted({*(before.services if before else ()), *parked.services})
            found[parked.id] = (before or parked)._replace(services=tuple(services))
    marked = (parked._replace(replayed=parked.id in replayed) for parked in found.values())
    return sorted(marked, key=lambda parked: (parked.at, parked.id))


async def replay(settings: Settings, chosen: Iterable[Parked]) -> None:
    """The same bytes under the same key on the same topic, so the event keeps its id; then the mark.

    A crash in between leaves the mark out, and a second replay is the same event again, which changes nothing.
    """
    clock, publisher = Clock.of(settings), Publisher(settings, "baoshi-parked")
    try:
        for parked in chosen:
            await publisher.publish([_again(parked, clock.now())])
            await publisher.publish([_mark(parked)])
    finally:
        await publisher.stop()


def _again(parked: Parked, now: datetime) -> Outgoing:
    """It has waited since it stood there first: so the broker's new time does not reset the resident's clock."""
    headers = dict(parked.headers)
    before = headers.get(WAITED_MS, b"0")
    since = int((now - parked.stood_at).total_seconds() * 1000) + _ON_ITS_WAY_MS
    waited = (int(before) if before.isdigit() else 0) + max(0, since)
    headers[WAITED_MS] = str(waited).encode()
    return Outgoing(parked.topic, parked.key.decode(), parked.value, list(headers.items()))


def _mark(parked: Parked) -> Outgoing:
    return Outgoing(TOPIC, parked.key.decode(), b"", [(REPLAYED, parked.id.encode())])


def _parked(record: ConsumerRecord, headers: dict[str, str]) -> Parked:
    return Parked(
        id=headers[f"{_OURS}id"],
        topic=headers[f"{_OURS}topic"],
        partition=int(headers[f"{_OURS}partition"]),
        offset=int(headers[f"{_OURS}offset"]),
        reason=headers[f"{_OURS}reason"],
        services=(headers[f"{_OURS}service"],),
        stood_at=datetime.fromisoformat(headers[f"{_OURS}stood-at"]),
        at=datetime.fromisoformat(headers[f"{_OURS}at"]),
        key=record.key or b"",
        value=record.value or b"",
        headers=tuple((name, value) for name, value in record.headers if not name.startswith(_OURS)),
        replayed=False,
    )


async def _records(settings: Settings) -> list[ConsumerRecord]:
    """Everything on the topic now; without a group, so that looking moves no position."""
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + TOPIC, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(consumer.assignment()))
        found: list[ConsumerRecord] = []
        while [place for place, end in ends.items() if await consumer.position(place) < end]:
            for batch in (await consumer.getmany(timeout_ms=_PATIENCE_MS)).values():
                found += batch
        return found
    finally:
        await consumer.stop()
