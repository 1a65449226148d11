"""The same `Idempotency-Key` with other content is refused, for 24 h, as long as MongoDB is there to remember.

What is stored here decides nothing else: a repeat is published again under the same ids, so a crash between
storing and publishing loses nothing. All who ask while one write is under way share the next.
"""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pymongo.errors import BulkWriteError, PyMongoError

from services.intake.metrics import UNCHECKED
from services.intake.problems import Mistake, Refusal
from services.intake.settings import IntakeSettings
from services.intake.wording import words
from shared.platform.logs import log
from shared.platform.mongo import Database, Document, keep_for, only_duplicates

COLLECTION = "idempotency"
_TTL_INDEX = "stored_at_ttl"


def content_hash(addressed_to: str, command: BaseModel) -> bytes:
    """Of what was understood, not of its bytes: white space and the order of fields are no other content."""
    return hashlib.sha256(
        addressed_to.encode() + b"\n" + command.model_dump_json(exclude_defaults=True).encode()
    ).digest()


class _Asked(NamedTuple):
    event_id: UUID
    content: bytes
    now: datetime
    answer: asyncio.Future[Document]


class KeyMemory:
    """Estate and key (as the event's id) with the content's hash and the instant of acceptance."""

    def __init__(self, database: Database, settings: IntakeSettings) -> None:
        self._collection = database[COLLECTION]
        self._wait_s, self._kept_s = settings.intake_idempotency_s, settings.intake_idempotency_kept_s
        self._asked: list[_Asked] = []
        self._writing: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """The TTL index; with MongoDB away it is made at the next start."""
        await keep_for(self._kept_s, self._collection, "stored_at", _TTL_INDEX)

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
        asked = _Asked(event_id, content, now, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await asked.answer

    async def _write(self) -> None:
        while self._asked:
            # Whoever was not answered in time has gone on without.
            group = [asked for asked in self._asked if not asked.answer.done()]
            self._asked = []
            try:
                # A write that hangs must not keep those who come later from a fresh one.
                async with asyncio.timeout(self._wait_s):
                    known = await self._store(group) if group else {}
            except Exception as failure:
                _tell(group, failure)
            else:
                _tell(group, known)

    async def _store(self, group: list[_Asked]) -> dict[UUID, Document]:
        """Of each key what stood there before this write, else what the first of the group said."""
        stored_at = datetime.now(UTC)
        known = {asked.event_id: _document(asked, stored_at) for asked in reversed(group)}
        new = list(known.values())
        try:
            await self._collection.insert_many(new, ordered=False)
        except BulkWriteError as error:
            if not only_duplicates(error):
                raise
            there = [new[problem["index"]]["_id"] for problem in error.details["writeErrors"]]
            known |= {d["_id"]: d async for d in self._collection.find({"_id": {"$in": there}})}
        return known


def _tell(group: list[_Asked], said: dict[UUID, Document] | Exception) -> None:
    for asked in group:
        if asked.answer.done():
            continue
        if isinstance(said, Exception):
            asked.answer.set_exception(said)
        else:
            asked.answer.set_result(said[asked.event_id])


def _document(asked: _Asked, stored_at: datetime) -> Document:
    return {"_id": asked.event_id, "hash": asked.content, "accepted_at": asked.now, "stored_at": stored_at}


def other_content() -> Refusal:
    mistake = Mistake(
        "Idempotency-Key",
        words("24小时内已用于别的内容", "Used for other content within 24 h"),
        words("内容确实不同请换新的Key", "Use a new key for other content"),
    )
    text = words("同一个Key只能用于同一内容", "One key is for one content")
    return Refusal(422, "key-reused", text, (mistake,))
