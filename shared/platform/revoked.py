"""What was ended before its time, as a list in MongoDB that every service reads.

While MongoDB is away the list is kept as it was read last, in a file too, so that the desk works on and what was
ended stays ended.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
from pydantic_core import from_json, to_json
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError

from shared.platform.logs import log
from shared.platform.mongo import Database, Document
from shared.platform.whole_files import write_whole

LONGEST_HOURS = 744.0
"""No session lasts longer, whatever the settings say or said."""
_REVOKED = "revoked"
_TIMEOUT_S = 1.0
_PAUSE_S = 1.0


class Revoked:
    """Sessions by their id, subjects by the serial under which all of theirs are over."""

    def __init__(
        self,
        database: Database,
        check_s: float,
        snapshot: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._found, self._check_s, self._snapshot = database.get_collection(_REVOKED), check_s, snapshot
        self._monotonic = monotonic
        self._below: dict[str, float] | None = None
        self._tried_at = -math.inf
        self._reading: asyncio.Task[None] | None = None

    async def holds(self, claims: Mapping[str, Any]) -> bool:
        """Waits for MongoDB, 1 s at most, only when nobody has asked it for as long as the list may be old."""
        below = await self._current()
        return claims["sid"] in below or claims["serial"] < below.get(claims["sub"], -math.inf)

    async def prepare(self) -> None:
        """An entry goes when the last session that it could end is over."""
        await self._found.create_index("until", name="until", expireAfterSeconds=0)

    async def add(self, what: str, below: float = 0, session: AsyncClientSession | None = None) -> None:
        """Raises MongoDB's errors: what could not be written is not ended."""
        until = datetime.now(UTC) + timedelta(hours=LONGEST_HOURS + 1)
        update = {"$max": {"below": below, "until": until}}
        await self._found.update_one({"_id": what}, update, upsert=True, session=session)
        self.read_again()

    def read_again(self) -> None:
        """The next who asks waits for the list as it is then; one that is being read now may be older."""
        self._tried_at, self._reading = -math.inf, None

    async def _current(self) -> dict[str, float]:
        age = self._monotonic() - self._tried_at
        if self._below is None or age >= max(_PAUSE_S, self._check_s / 2):
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            if self._below is None or age >= self._check_s:
                await asyncio.shield(self._reading)
        return self._below or {}

    async def _read(self) -> None:
        self._tried_at = began = self._monotonic()
        try:
            with pymongo.timeout(_TIMEOUT_S):
                found: list[Document] = await self._found.find({}).to_list()
        except PyMongoError as error:
            log.warning("revoked sessions not read", error=type(error).__name__)
            if self._below is None:
                self._below = await asyncio.to_thread(self._kept)
            return
        if self._tried_at != began and self._below is not None:
            return
        before, self._below = self._below, {str(d["_id"]): float(d["below"]) for d in found}
        if before != self._below:
            await asyncio.to_thread(self._keep, self._below)

    def _kept(self) -> dict[str, float]:
        try:
            return dict(from_json(self._snapshot.read_bytes())) if self._snapshot else {}
        except (OSError, ValueError, TypeError):
            return {}

    def _keep(self, below: dict[str, float]) -> None:
        if self._snapshot is None:
            return
        try:
            write_whole(self._snapshot, to_json(below))
        except OSError as error:
            log.error("revoked sessions not kept", path=str(self._snapshot), error=type(error).__name__)
