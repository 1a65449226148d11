"""The same `Idempotency-Key` with other content is refused, for 24 h, as long as MongoDB is there to remember.

What is stored here decides nothing else: a repeat is published again under the same ids, so a crash between
storing and publishing loses nothing.
"""

import asyncio
import hashlib
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from services.intake.metrics import UNCHECKED
from services.intake.problems import Mistake, Refusal
from services.intake.settings import IntakeSettings
from services.intake.wording import words
from shared.platform.logs import log
from shared.platform.mongo import Database, Document

COLLECTION = "idempotency"
_TTL_INDEX = "stored_at_ttl"


def content_hash(addressed_to: str, command: BaseModel) -> bytes:
    """Of what was understood, not of its bytes: white space and the order of fields are no other content."""
    return hashlib.sha256(
        addressed_to.encode() + b"\n" + command.model_dump_json(exclude_defaults=True).encode()
    ).digest()


class KeyMemory:
    """Estate and key (as the event's id) with the content's hash and the instant of acceptance."""

    def __init__(self, database: Database, settings: IntakeSettings) -> None:
        self._collection = database[COLLECTION]
        self._wait_s, self._kept_s = settings.intake_idempotency_s, settings.intake_idempotency_kept_s

    async def prepare(self) -> None:
        """The TTL index; with MongoDB away it is made at the next start."""
        await self._collection.create_index("stored_at", name=_TTL_INDEX, expireAfterSeconds=self._kept_s)

    async def accepted_at(self, event_id: UUID, content: bytes, now: datetime) -> datetime:
        """When this content was first accepted; 422 for other content; `now`, unchecked, with MongoDB away."""
        try:
            async with asyncio.timeout(self._wait_s):
                known = await self._first(event_id, content, now)
        except (PyMongoError, TimeoutError) as away:
            UNCHECKED.inc()
            log.warning("idempotency key not checked", event_id=str(event_id), error=type(away).__name__)
            return now
        if known["hash"] != content:
            raise other_content()
        first: datetime = known["accepted_at"]
        return first

    async def _first(self, event_id: UUID, content: bytes, now: datetime) -> Document:
        stored_at = datetime.now(UTC)
        found = await self._collection.find_one_and_update(
            {"_id": event_id},
            {"$setOnInsert": {"hash": content, "accepted_at": now, "stored_at": stored_at}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return found or {}


def other_content() -> Refusal:
    mistake = Mistake(
        "Idempotency-Key",
        words("24小时内已用于别的内容", "Used for other content within 24 h"),
        words("内容确实不同请换新的Key", "Use a new key for other content"),
    )
    text = words("同一个Key只能用于同一内容", "One key is for one content")
    return Refusal(422, "key-reused", text, (mistake,))
