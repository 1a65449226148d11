"""What became of a page, said as a fact on `deliveries`; and where a page's reference is kept until it is known."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.contracts.deliveries import Delivery
from shared.contracts.ids import fact_id
from shared.contracts.topics import topic_of
from shared.contracts.vocabulary import Lane
from shared.domain.notifying.state import SERVICE
from shared.platform.clock import Clock
from shared.platform.mongo import Database, Document
from shared.platform.publishing import Publisher
from shared.platform.records import Outgoing, outgoing
from shared.platform.retrying import until_it_works

_KEPT_S = 7 * 86_400
_PAUSE_S = 0.05


class Attempt(NamedTuple):
    """An attempt as its fact has it: enough to say what became of it, in whatever process that is heard."""

    lane: Lane
    report_id: str
    estate: str
    message: UUID
    task_id: str | None
    device: str
    channel: str
    attempt: int
    id: UUID
    version: int

    @property
    def ref(self) -> str:
        return self.id.hex


def as_document(attempt: Attempt) -> Document:
    return attempt._asdict()


def as_attempt(document: Mapping[str, Any]) -> Attempt:
    return Attempt(**{name: document[name] for name in Attempt._fields})


class Receipts:
    """Says each receipt once for an attempt and kind; said again it is the same event."""

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        self._publisher, self._clock = publisher, clock

    async def say(self, kind: type[Delivery], attempt: Attempt, **more: Any) -> None:
        """Returns when Kafka has it."""
        record = self.record(kind, attempt, **more)
        await until_it_works(SERVICE, "receipt", lambda: self._publisher.publish([record]))

    def record(self, kind: type[Delivery], attempt: Attempt, which: str = "", **more: Any) -> Outgoing:
        """The fact as a record. `which` tells answers of one attempt apart."""
        now = self._clock.now()
        fact = kind(
            event_id=fact_id(SERVICE, attempt.id, f"{kind.model_fields['type'].default}{which}", 0),
            report_id=attempt.report_id,
            estate_id=attempt.estate,
            occurred_at=now,
            accepted_at=now,
            because_of=attempt.id,
            case_version=attempt.version,
            index=0,
            message=attempt.message,
            task_id=attempt.task_id,
            device=attempt.device,
            channel=attempt.channel,
            attempt=attempt.attempt,
            **more,
        )
        return outgoing(fact, topic_of("deliveries", attempt.lane), SERVICE)


class References:
    """Attempts by the reference that their pages carry, for receipts that come later and to another process."""

    def __init__(self, database: Database) -> None:
        self._found = database.get_collection("notify_references")

    async def prepare(self) -> None:
        await self._found.create_index("real_at", name="kept", expireAfterSeconds=_KEPT_S)

    async def keep(self, attempts: Sequence[Attempt]) -> None:
        """Under the first one's reference, which the page carries; sent again it is the same page."""
        rows = {"attempts": [as_document(attempt) for attempt in attempts], "real_at": datetime.now(UTC)}
        await self._found.update_one({"_id": attempts[0].ref}, {"$set": rows}, upsert=True)

    async def attempts(self, ref: str, patience_s: float) -> list[Attempt]:
        """A receipt may overtake the writing of its page's reference, so it is looked for a while."""
        until = asyncio.get_running_loop().time() + patience_s
        while (found := await self._found.find_one({"_id": ref})) is None:
            if asyncio.get_running_loop().time() >= until:
                return []
            await asyncio.sleep(_PAUSE_S)
        return [as_attempt(row) for row in found["attempts"]]
