"""One estate's reports of a month, in the order in which they were received, a bounded number at a time."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from services.register.numbers import NUMBERS
from services.register.store import ROWS
from shared.domain.registering.statistics import month_start
from shared.platform.mongo import Database, Document

CHUNK = 250
"""Reading one keeps the loop for some milliseconds; writing it is a thread's."""
_READ = (
    "estate", "category", "kind", "lane", "urgency", "grade", "weather", "state", "received_at", "happened_at",
    "channel", "reporter", "reporter_phone", "patient_phone", "place", "patient_place", "text", "appointment_at",
    "received_by", "closed_at", "corrections", "tasks", "notes", "drill", "written_up", "overrides", "follows",
    "followed_by", "linked_to", "same_event_as", "callers",
)  # fmt: skip
_OF_TASKS = (
    "id", "step", "to", "only_ack", "optional", "visit", "state", "assigned_at", "acknowledged_at", "arrived_at",
    "ended_at", "outcome", "record", "assumed",
)  # fmt: skip

Chunk = list[tuple[Document, Document | None]]
"""Rows, each with its number."""


class Month(NamedTuple):
    """Of one estate, by its own midnight; drills alone, or without any."""

    estate: str
    month: str
    drills: bool

    @property
    def name(self) -> str:
        """By what it is recorded that somebody read it."""
        return f"register.{self.estate}.{self.month}"


class Months:
    """Reads only. What was written up from paper stands where it was entered, as its number does."""

    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection(ROWS)
        self._numbers = database.get_collection(NUMBERS)

    async def count(self, month: Month, zone: ZoneInfo) -> int:
        return await self._rows.count_documents(_query(month, zone))

    async def chunks(self, month: Month, zone: ZoneInfo, most: int | None = None) -> AsyncIterator[Chunk]:
        """The index in the order of lists serves it backwards, so that nothing is sorted in memory."""
        found = self._rows.find(_query(month, zone), _projection(), batch_size=CHUNK)
        found = found.sort([("sorted_at", 1), ("_id", 1)]).limit(most or 0)
        async with found:
            while chunk := await found.to_list(CHUNK):
                yield await self._numbered(chunk)

    async def disasters(self, month: Month, zone: ZoneInfo, most: int) -> Chunk:
        """Of which an authority may have to be told (SOP S6), the latest first."""
        query = {**_query(month, zone), "category": "disaster"}
        found = self._rows.find(query, _projection()).sort([("sorted_at", -1), ("_id", -1)]).limit(most)
        return await self._numbered(await found.to_list())

    async def _numbered(self, rows: list[Document]) -> Chunk:
        numbers = {n["_id"]: n async for n in self._numbers.find({"_id": {"$in": [row["_id"] for row in rows]}})}
        return [(row, numbers.get(row["_id"])) for row in rows]


def _query(month: Month, zone: ZoneInfo) -> Document:
    """A row of which only others' links speak is no report, and was not received."""
    bounds = {"$gte": month_start(month.month, zone), "$lt": month_start(month.month, zone, months_on=1)}
    drill: Any = True if month.drills else {"$ne": True}
    return {"estate": month.estate, "sorted_at": bounds, "received_at": {"$exists": True}, "drill": drill}


def _projection() -> dict[str, bool]:
    fields = [name for name in _READ if name != "tasks"] + [f"tasks.{name}" for name in _OF_TASKS]
    return dict.fromkeys(fields, True)
