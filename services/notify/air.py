"""Air time of channels that many share: routine pages wait for it, emergencies take it and are counted.

A channel's time is one document, so that the two lanes' processes and their copies share one account.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from shared.platform.metrics import AIR_SECONDS
from shared.platform.mongo import Database


class Air:
    """Of all channels of the installation, by `<estate>/<channel>`. `speed`: a demo's fast clock, as everywhere."""

    def __init__(self, database: Database, share: float, speed: float = 1.0) -> None:
        self._found, self._share, self._speed = database.get_collection("notify_air"), share, speed

    async def wait(self, channel: str, seconds: float) -> None:
        """Returns when this routine page may go; emergencies that come meanwhile are let pass."""
        while (left := await self._take(channel, seconds)) > 0:
            await asyncio.sleep(left)

    async def _take(self, channel: str, seconds: float) -> float:
        """0 when it was taken, else the seconds until it is worth asking again."""
        now = datetime.now(UTC)
        busy = {"$set": {"busy_until": now + timedelta(seconds=seconds / self._share / self._speed)}}
        free = {"_id": channel, "busy_until": {"$lte": now}}
        try:
            done = await self._found.update_one(free, {**busy, "$inc": {"routine_s": seconds}}, upsert=True)
        except DuplicateKeyError:
            row = await self._found.find_one({"_id": channel})
            left = (row["busy_until"] - now).total_seconds() if row else 0.0
            return max(0.01, min(left, 1.0))
        AIR_SECONDS.labels("routine").inc(seconds if done.acknowledged else 0)
        return 0.0

    async def count(self, channel: str, seconds: float) -> None:
        """An emergency asks nobody; routine pages wait until it is out."""
        free = {"$max": [{"$ifNull": ["$busy_until", datetime.now(UTC)]}, datetime.now(UTC)]}
        taken = {"$add": [{"$ifNull": ["$emergency_s", 0]}, seconds]}
        busy = {"$add": [free, round(seconds / self._speed * 1000)]}
        await self._found.update_one(
            {"_id": channel}, [{"$set": {"busy_until": busy, "emergency_s": taken}}], upsert=True
        )
        AIR_SECONDS.labels("emergency").inc(seconds)
