"""Publishing to Kafka: acknowledged by all in-sync replicas, or `Unavailable` in time, never a silent maybe."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import lru_cache

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)
from aiokafka.partitioner import murmur2

from shared.contracts.topics import PARTITIONS
from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.records import Outgoing
from shared.platform.settings import Settings

ROUTINE_LINGER_MS = 1
_BATCH_BYTES = 512 * 1024
"""A batch of cases mostly lies on one partition, where an idempotent producer has one request under way."""
_STOP_S = 2.0
_LARGEST_BYTES = 2 * 1024 * 1024
_HOPELESS = (MessageSizeTooLargeError, InvalidTopicError, TopicAuthorizationFailedError)
"""No patience mends these: the record that is at fault is to be parked."""


class Publisher:
    """One idempotent producer, re-created when it is dead.

    An idempotent aiokafka producer never times out by itself and can stay dead after a broker's hiccup
    (aiokafka #1101, #1017), so every wait has a deadline of ours, after which it is thrown away.
    """

    def __init__(self, settings: Settings, client_id: str, linger_ms: int = 0) -> None:
        self._settings, self._client_id, self._linger_ms = settings, client_id, linger_ms
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()
        self.ready = False

    async def start(self) -> None:
        """Tries once; what fails now is tried again at the first publish."""
        with contextlib.suppress(Unavailable):
            await self._started(self._settings.publish_timeout_s)

    async def stop(self) -> None:
        """Waits 2 s at most for what is under way."""
        self.ready = False
        if self._producer is not None:
            self._leave(self._producer)
            self._producer = None
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=_STOP_S)

    async def publish(self, records: Sequence[Outgoing], timeout: float | None = None) -> None:
        """Returns when every record is acknowledged. `Unavailable` means unknown: send again with the same ids."""
        if not records:
            return
        limit = timeout or self._settings.publish_timeout_s
        producer: AIOKafkaProducer | None = None
        try:
            async with asyncio.timeout(limit):
                producer = await self._started(limit)
                await self._send(producer, records)
        except _HOPELESS:
            raise
        except (TimeoutError, KafkaError, OSError) as error:
            self._discard(producer, error)
            raise Unavailable(type(error).__name__) from error
        self.ready = True

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Outgoing]) -> None:
        prefix = self._settings.topic_prefix
        waiting = [
            await producer.send(prefix + r.topic, r.value, key, _partition(key), headers=r.headers)
            for r in records
            for key in (r.key.encode(),)
        ]
        for failure in await asyncio.gather(*waiting, return_exceptions=True):
            if isinstance(failure, BaseException):
                raise failure

    async def _started(self, limit: float) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = self._new()
                try:
                    async with asyncio.timeout(limit):
                        await producer.start()
                except Exception as error:
                    # Whatever it is, no record is at fault: the client also stumbles over a Kafka without brokers.
                    self._leave(producer)
                    raise Unavailable(type(error).__name__) from error
                except asyncio.CancelledError:
                    # The caller's own deadline came first; a half-started producer would hold its connections.
                    self._leave(producer)
                    raise
                self._producer = producer
                self.ready = True
            return self._producer

    def _new(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=self._linger_ms,
            max_batch_size=_BATCH_BYTES,
            max_request_size=_LARGEST_BYTES,
            request_timeout_ms=5000,
            retry_backoff_ms=50,
            metadata_max_age_ms=60_000,
        )

    def _discard(self, producer: AIOKafkaProducer | None, error: BaseException) -> None:
        self.ready = False
        log.warning("producer thrown away", error=type(error).__name__)
        if producer is not None and producer is self._producer:
            self._producer = None
            self._leave(producer)

    def _leave(self, producer: AIOKafkaProducer) -> None:
        task = asyncio.create_task(_stop_quietly(producer))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


@lru_cache(maxsize=1024)
def _partition(key: bytes) -> int:
    """As Kafka's own partitioner gives it; in Python that costs 7 µs, and a case's facts share their key."""
    return (murmur2(key) & 0x7FFFFFFF) % PARTITIONS


def partition_of(key: str) -> int:
    """The number of the partition on which everything of this key stands."""
    return _partition(key.encode())


async def _stop_quietly(producer: AIOKafkaProducer) -> None:
    # Nothing is lost by leaving it: its records are sent again under the same ids.
    with contextlib.suppress(TimeoutError, KafkaError, OSError):
        async with asyncio.timeout(_STOP_S):
            await producer.stop()
        return
    # Cut off in `stop`, aiokafka leaves its sender at work and its connections open (#1101).
    sending = producer._sender.sender_task
    if sending is not None:
        sending.cancel()
        await asyncio.wait([sending], timeout=_STOP_S)
    with contextlib.suppress(TimeoutError, KafkaError, OSError):
        async with asyncio.timeout(_STOP_S):
            await producer.client.close()
