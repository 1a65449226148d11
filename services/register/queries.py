"""Questions to the register. Every one of them is bound to the estates of who asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.register.cursors import Position, read_cursor, write_cursor
from services.register.filters import Wanted, counted_in, older, query_of
from services.register.in_passing import in_passing
from services.register.numbers import NUMBERS
from services.register.store import EVENTS, ROWS
from shared.contracts.ids import BadId, parse_report_id
from shared.contracts.topics import REPORT_LANES
from shared.domain.registering.columns import entries
from shared.domain.registering.folding import Row
from shared.domain.registering.replying import status_of
from shared.domain.registering.statistics import Breakdown, Statistics
from shared.domain.registering.story import tell
from shared.domain.registering.visits import Quotas
from shared.platform.mongo import Database, Document

Estates = frozenset[str] | None
"""Whose reports may be seen; None for the administrator's all."""

_NOT_IN_LISTS = dict.fromkeys(("notices", "rungs", "limits", "corrections", "joined"), False)
_NOT_IN_OPEN = dict.fromkeys(("notices", "limits", "corrections", "joined", "text", "people"), False)
_SUMMARY = (
    "state", "help", "owner", "open_tasks", "unacknowledged", "due_at", "late", "hand_ons", "follows",
    "followed_by", "linked_to", "same_event_as", "callers", "drill", "written_up", "happened_at", "closed_because",
)  # fmt: skip


class Queries:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._events = database.get_collection(EVENTS)
        self._rows = database.get_collection(ROWS)
        self._numbers = database.get_collection(NUMBERS)

    async def page(
        self,
        wanted: Wanted,
        estates: Estates,
        now: datetime,
        limit: int,
        after: str | None,
        *,
        by_name: bool = True,
    ) -> Document:
        """Newest first. `next` is the cursor of the next page, None on the last; a new report shifts no page."""
        query = query_of(wanted, await self.visible(wanted.estate, estates), now, by_name)
        if after is not None:
            query = {"$and": [query, older(read_cursor(after))]}
        found = self._rows.find(query, _NOT_IN_LISTS).sort([("sorted_at", -1), ("_id", -1)]).limit(limit + 1)
        rows = await found.to_list()
        more = len(rows) > limit
        reports = await self._lines(rows[:limit])
        position = Position(rows[limit - 1]["sorted_at"], rows[limit - 1]["_id"]) if more else None
        return {"reports": reports, "next": write_cursor(position) if position else None}

    async def report(self, report_id: str, estates: Estates) -> Document | None:
        """The line of the register, the whole row behind it, and the story; None for another estate's too."""
        if not _may_see(report_id, estates):
            return None
        row = await self._rows.find_one({"_id": report_id})
        if row is None:
            return None
        (line,) = await self._lines([row])
        whole = {name: value for name, value in row.items() if name != "_id"}
        return {**line, "row": whole, "story": tell(await self._log(report_id))}

    async def lines(self, report_ids: list[str]) -> list[Document]:
        """Lines as in lists, in the order asked for; what is not there any more is left out."""
        found = await self._rows.find({"_id": {"$in": report_ids}}, _NOT_IN_LISTS).to_list()
        rows = {row["_id"]: row for row in found}
        return await self._lines([rows[report_id] for report_id in report_ids if report_id in rows])

    async def reply(self, event_id: UUID, estates: Estates) -> Document | None:
        """What became of something that was said; None while the register has not heard of it."""
        said = await self._events.find_one({"_id": event_id}, {"estate": True, "report_id": True})
        if said is None or (estates is not None and said["estate"] not in estates):
            return None
        if not said["report_id"]:
            # What is an estate's own, such as a hand-over, nobody decides.
            return {"event_id": event_id, "report_id": "", "status": "taken"}
        bodies = [logged["body"] for logged in await self._log(said["report_id"])]
        return {"event_id": event_id, "report_id": said["report_id"], **status_of(event_id, bodies)}

    async def statistics(
        self,
        wanted: Wanted,
        estates: Estates,
        now: datetime,
        asked: Breakdown,
        zones: Mapping[str, ZoneInfo],
        quotas: Quotas,
        share: float,
    ) -> list[Document]:
        """Figures of the reports that a list with the same filters would show, save for when paper is counted.

        `share`: of the time, that counting them may take from others.
        """
        rest = wanted.model_copy(update={"since": None, "until": None})
        query = query_of(rest, await self.visible(wanted.estate, estates), now, by_name=False)
        query = {"$and": [query, counted_in(wanted)]}
        counted = Statistics(now, asked, zones, quotas)
        async for row in in_passing(self._rows.find(query, dict.fromkeys(asked.fields, True)), share):
            counted.count(row)
        drill = {"drill": True if asked.drills else {"$ne": True}}
        real = {"_id": {"$in": list(counted.mains)}, "received_at": {"$exists": True}, **drill}
        return counted.lines({row["_id"] async for row in self._rows.find(real, {"_id": True})})

    async def open_rows(self, estate: str) -> list[Row]:
        """All rows of the estate with an open task."""
        return await self._rows.find({"estate": estate, "open_tasks": {"$gt": 0}}, _NOT_IN_OPEN).to_list()

    async def assigned(self, report_ids: list[str]) -> dict[str, Document]:
        """What dispatch said of each task of these reports when it sent it: its words stand in the log only."""
        query = {"report_id": {"$in": report_ids}, "type": "task.assigned"}
        found = self._events.find(query, {"body": True}) if report_ids else None
        return {e["body"]["task_id"]: e["body"] async for e in found} if found else {}

    async def visible(self, estate: str | None, estates: Estates) -> list[str]:
        """Named one by one, so that the index in the order of the list serves all of them."""
        if estate is not None:
            return [estate] if estates is None or estate in estates else []
        return sorted(await self._rows.distinct("estate") if estates is None else estates)

    async def _log(self, report_id: str) -> list[Document]:
        return await self._events.find({"report_id": report_id}).to_list() if report_id else []

    async def _lines(self, rows: list[Row]) -> list[Document]:
        ids = [row["_id"] for row in rows]
        numbers = {n["_id"]: n async for n in self._numbers.find({"_id": {"$in": ids}})}
        twins = {report_id: _twins(report_id) for report_id in ids}
        wanted = [twin for some in twins.values() for twin in some]
        there = {row["_id"] async for row in self._rows.find({"_id": {"$in": wanted}}, {"_id": True})}
        return [_line(r, numbers.get(r["_id"]), [t for t in twins[r["_id"]] if t in there]) for r in rows]


def _line(row: Row, number: Document | None, twins: list[str]) -> Document:
    summary = {name: row.get(name) for name in _SUMMARY}
    marks: dict[str, Any] = {"filed_twice_as": sorted(twins)} if twins else {}
    return {"report_id": row["_id"], "estate": row["estate"], **entries(row, number), **summary, **marks}


def _twins(report_id: str) -> list[str]:
    """The same request under the same key, had it been filed in another class or lane (ARCHITECTURE, Accepting)."""
    about = parse_report_id(report_id)
    ids = [str(about._replace(category=category, lane=lane)) for category, lane in REPORT_LANES]
    return [twin for twin in ids if twin != report_id]


def _may_see(report_id: str, estates: Estates) -> bool:
    try:
        estate = parse_report_id(report_id).estate
    except BadId:
        return False
    return estates is None or estate in estates
