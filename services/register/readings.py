"""Who read what is masked, when and why: recorded before it is answered, shown to nobody but those who may see."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pymongo
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError, PyMongoError

from services.register.settings import RegisterSettings
from shared.platform.caller import Caller
from shared.platform.logs import log
from shared.platform.mongo import Database, keep_for

COLLECTION = "readings"
MOST_SHOWN = 200
_BY_SESSION = UUID("6f1c3a52-0d0e-4a57-9d5e-1f6f5b0c7a11")
_PATIENCE_S = 1.0


class Readings:
    """Of reports and of rooms."""

    def __init__(self, database: Database, settings: RegisterSettings) -> None:
        self._collection = database.get_collection(COLLECTION)
        self._kept = timedelta(days=settings.register_readings_kept_days)

    async def prepare(self) -> None:
        """The index by report, and the removal of what was kept long enough."""
        await self._collection.create_index([("report_id", ASCENDING), ("at", ASCENDING)], name="report")
        await keep_for(int(self._kept.total_seconds()), self._collection, "stored_at", "kept")

    async def of_report(
        self, caller: Caller, report_id: str, estate: str, now: datetime, why: str
    ) -> dict[str, Any]:
        """Durable when it returns."""
        return await self._record({**_who(caller, estate), "report_id": report_id, "at": now, "why": why})

    async def of_work(self, caller: Caller, what: str, estate: str, now: datetime) -> bool:
        """By whoever works on a page, without a reason: once a session and report, or a month of the register.

        False: it is not recorded.
        """
        reading = {**_who(caller, estate), "report_id": what, "at": now, "why": None}
        once = {"_id": uuid5(_BY_SESSION, f"{caller.session}|{what}")}
        try:
            with pymongo.timeout(_PATIENCE_S):
                content = {"$setOnInsert": {**reading, "stored_at": datetime.now(UTC)}}
                await self._collection.update_one(once, content, upsert=True)
        except DuplicateKeyError:
            return True
        except PyMongoError as away:
            log.warning("reading not recorded", error=type(away).__name__)
            return False
        return True

    async def of_room(self, caller: Caller, room: str, estate: str, now: datetime) -> None:
        """By the desk that takes a call."""
        await self._record({**_who(caller, estate), "room": room, "at": now, "why": "desk"})

    async def revealed(self, report_id: str) -> list[dict[str, Any]]:
        """Who revealed a report, newest first."""
        found = self._collection.find({"report_id": report_id}).sort([("at", -1), ("_id", -1)]).limit(MOST_SHOWN)
        return [_shown(reading) for reading in await found.to_list()]

    async def _record(self, reading: dict[str, Any]) -> dict[str, Any]:
        # MongoDB removes by its own clock; a demo's evening may lie months away from it.
        await self._collection.insert_one({"_id": uuid4(), **reading, "stored_at": datetime.now(UTC)})
        return _shown(reading)


def _who(caller: Caller, estate: str) -> dict[str, Any]:
    roles = sorted(caller.roles_in(estate))
    return {"estate": estate, "by": caller.key_id, "name": caller.name, "person": caller.person_in(estate)} | {
        "roles": roles
    }


def _shown(reading: dict[str, Any]) -> dict[str, Any]:
    return {name: reading.get(name) for name in ("at", "by", "name", "person", "roles", "why")}
