"""Positions on Kafka, committed behind the work: the next batch does not wait for the last one to be ticked off.

A kill before the commit has what was worked in the last `commit_ms` read again, as any kill before a commit has;
the ids of events make that harmless (decision 0021).
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from shared.platform.ending import end
from shared.platform.logs import log

_PATIENCE_S = 2.0
"""aiokafka tries again without end while Kafka is away, and neither a stop nor a rebalance may wait for that."""


class Positions(ConsumerRebalanceListener):
    """Of one consumer. Only what was worked or parked is ever committed.

    Fewer than `most` records wait for their commit when a batch begins: a case keeps the facts of two batches'
    records (decision 0011), and what is read again must find its own.
    """

    def __init__(self, consumer: Callable[[], AIOKafkaConsumer | None], commit_ms: int, most: int) -> None:
        self._consumer, self._behind_s, self._most = consumer, commit_ms / 1000, most
        self._worked: dict[TopicPartition, int] = {}
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._committing: asyncio.Task[None] | None = None
        self._stopping = False

    async def worked(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Committed together with what is worked next; at once when too much waits, and when the consumer stops."""
        self._note({TopicPartition(r.topic, r.partition): r.offset + 1 for r in records})
        self._waiting += len(records)
        if self._stopping:
            await self._commit_soon()
        elif self._waiting >= self._most:
            await self._commit()
        elif self._committing is None:
            self._committing = asyncio.create_task(self._commit_later())

    async def stop(self) -> None:
        """Before the consumer stops: a batch still in hand commits by itself."""
        self._stopping = True
        await end([task] if (task := self._committing) else [])
        await self._commit_soon()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Whoever has them next begins where this copy ended."""
        await self._commit_soon()
        self._worked.clear()
        self._waiting = 0

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Nothing was worked of them yet."""

    async def _commit_later(self) -> None:
        await asyncio.sleep(self._behind_s)
        self._committing = None
        await self._commit_soon()

    async def _commit_soon(self) -> None:
        """Or with the next: what Kafka does not answer in time still waits."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._commit()
        except TimeoutError:
            log.warning("commit put off")

    async def _commit(self) -> None:
        """What is refused is let go: after a rebalance another copy reads these records again."""
        async with self._turn:
            consumer, (worked, self._worked) = self._consumer(), (self._worked, {})
            count, ours = self._waiting, consumer.assignment() if consumer else frozenset[TopicPartition]()
            positions = {place: offset for place, offset in worked.items() if place in ours}
            try:
                if consumer is not None and positions:
                    await consumer.commit(positions)
            except asyncio.CancelledError:
                self._note(positions)
                raise
            except (KafkaError, AssertionError, ValueError) as error:
                log.warning("commit refused", error=type(error).__name__, count=count)
            self._waiting = max(0, self._waiting - count)

    def _note(self, positions: Mapping[TopicPartition, int]) -> None:
        for place, offset in positions.items():
            self._worked[place] = max(self._worked.get(place, 0), offset)
