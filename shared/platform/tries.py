"""Failed tries to sign in, counted in MongoDB: each further one waits twice as long, up to a cap."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.platform.mongo import Database, Document
from shared.platform.settings import Settings

_TRIES = "sign_in_tries"


class Tries:
    """Counts before the password is looked at: a hundred guesses at once are a hundred tries, not one.

    `seconds` is the real time of day.
    """

    def __init__(self, database: Database, settings: Settings, seconds: Callable[[], float] = time.time) -> None:
        self._found, self._settings, self._seconds = database[_TRIES], settings, seconds

    async def prepare(self) -> None:
        await self._found.create_index("until", name="until", expireAfterSeconds=0)

    async def begin(self, what: str, free: int) -> float:
        """0 when it may be tried, else how many seconds to wait. The first `free` failures cost nothing."""
        try:
            found = await self._count(what, free)
        except DuplicateKeyError:
            found = await self._count(what, free)
        return 0.0 if found["allowed"] else max(1.0, found["blocked"] - self._seconds())

    async def take_back(self, what: str) -> None:
        """It was no failure after all; what failed before still counts."""
        await self._found.update_one({"_id": what, "count": {"$gt": 0}}, {"$inc": {"count": -1}})

    async def forget(self, what: str) -> None:
        """Whoever knows the password begins anew."""
        await self._found.delete_one({"_id": what})

    async def _count(self, what: str, free: int) -> Document:
        """One atomic write, whatever else is tried at the same time."""
        now, kept = self._seconds(), self._settings.sign_in_forget_s
        allowed = {"$lte": [{"$ifNull": ["$blocked", 0]}, now]}
        fresh = {"$lt": [{"$ifNull": ["$last", 0]}, now - kept]}
        count = {"$cond": [fresh, 1, {"$add": [{"$ifNull": ["$count", 0]}, 1]}]}
        until = datetime.fromtimestamp(now, UTC) + timedelta(seconds=kept + self._settings.sign_in_wait_most_s)
        steps: list[dict[str, Any]] = [
            {"$set": {"allowed": allowed, "until": until}},
            {"$set": {"count": {"$cond": ["$allowed", count, "$count"]}}},
            {"$set": {"last": {"$cond": ["$allowed", now, "$last"]}}},
            {"$set": {"blocked": {"$cond": ["$allowed", {"$add": [now, self._wait("$count", free)]}, "$blocked"]}}},
        ]
        found = await self._found.find_one_and_update(
            {"_id": what}, steps, upsert=True, return_document=ReturnDocument.AFTER
        )
        assert found is not None
        return found

    def _wait(self, count: str, free: int) -> dict[str, Any]:
        """0 for the free ones, then the first wait, doubled each time."""
        first, most = self._settings.sign_in_wait_s, self._settings.sign_in_wait_most_s
        # Bounded before it is raised: two to the thousandth is no number to MongoDB.
        steps = {"$min": [20, {"$max": [0, {"$subtract": [count, free + 1]}]}]}
        doubled = {"$min": [most, {"$multiply": [first, {"$pow": [2, steps]}]}]}
        return {"$cond": [{"$lte": [count, free]}, 0, doubled]}
