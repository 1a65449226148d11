"""Questions to the register. Every one of them is bound to the estates of who asks."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from services.register.cursors import Position, read_cursor, write_cursor
from services.register.numbers import NUMBERS
from services.register.problems import not_a_parameter
from services.register.store import EVENTS, ROWS
from shared.contracts.ids import BadId, parse_report_id
from shared.contracts.topics import REPORT_LANES
from shared.contracts.vocabulary import Category
from shared.domain.registering.columns import entries
from shared.domain.registering.folding import Row
from shared.domain.registering.masking import asks_for_digits
from shared.domain.registering.replying import status_of
from shared.domain.registering.statistics import Breakdown, Statistics
from shared.domain.registering.story import tell
from shared.domain.registering.visits import Quotas
from shared.platform.mongo import Database, Document

Estates = frozenset[str] | None
"""Whose reports may be seen; None for the administrator's all."""

_NOT_IN_LISTS = dict.fromkeys(("notices", "rungs", "limits", "corrections", "joined"), False)
_NO_DIGITS_ZH = "您的岗位不能查看电话号码,检索词中请勿连写三位或以上数字"
_NO_DIGITS_EN = "Your role may not see phone numbers: leave out three or more digits in a row"
_SUMMARY = (
    "state", "help", "owner", "open_tasks", "unacknowledged", "due_at", "late", "hand_ons", "follows",
    "followed_by", "linked_to", "same_event_as", "callers", "drill", "written_up", "happened_at", "closed_because",
)  # fmt: skip


class Wanted(BaseModel):
    """Filters of a list; what is None is not asked. `person`: an id of the roster, or a reporter's whole name."""

    model_config = ConfigDict(frozen=True)

    estate: str | None = None
    category: Category | None = None
    state: str | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    overdue: bool | None = None
    unacknowledged: bool | None = None


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
        query = _query(wanted, await self.visible(wanted.estate, estates), now, by_name)
        if after is not None:
            query = {"$and": [query, _older(read_cursor(after))]}
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

    async def reply(self, event_id: UUID, estates: Estates) -> Document | None:
        """What became of something that was said; None while the register has not heard of it."""
        said = await self._events.find_one({"_id": event_id}, {"estate": True, "report_id": True})
        if said is None or (estates is not None and said["estate"] not in estates):
            return None
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
    ) -> list[Document]:
        """Figures of the reports that a list with the same filters would show."""
        query = _query(wanted, await self.visible(wanted.estate, estates), now, by_name=False)
        counted = Statistics(now, asked, zones, quotas)
        async for row in self._rows.find(query, dict.fromkeys(asked.fields, True)):
            counted.count(row)
        return counted.lines()

    async def changes(self, estates: Estates) -> AsyncIterator[str]:
        """Report ids as their rows are written, by whichever copy of the register."""
        match: list[Document] = []
        if estates is not None:
            one_of = "|".join(map(re.escape, sorted(estates)))
            match = [{"$match": {"documentKey._id": {"$regex": rf"^[a-z]+\.[a-z]+\.(?:{one_of})\."}}}]
        async with await self._rows.watch([*match, {"$project": {"documentKey": True}}]) as changed:
            async for change in changed:
                yield change["documentKey"]["_id"]

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


def _query(wanted: Wanted, estates: list[str], now: datetime, by_name: bool) -> Document:
    query: Document = {"estate": {"$in": estates}}
    if wanted.category is not None:
        query["category"] = wanted.category
    if wanted.state is not None:
        query["state"] = wanted.state
    if wanted.since is not None or wanted.until is not None:
        bounds = {"$gte": wanted.since, "$lt": wanted.until}
        query["sorted_at"] = {name: at for name, at in bounds.items() if at is not None}
    if wanted.overdue is not None:
        query["due_at"] = {"$lte": now} if wanted.overdue else {"$not": {"$lte": now}}
    if wanted.unacknowledged is not None:
        query["unacknowledged"] = {"$gt": 0} if wanted.unacknowledged else 0
    return {"$and": [query, *_words(wanted, by_name)]}


def _words(wanted: Wanted, by_name: bool) -> list[Document]:
    """A name is a filter only for who may see names, and so are digits; else they could be guessed by asking."""
    found: list[Document] = []
    if wanted.text is not None:
        if not by_name and asks_for_digits(wanted.text):
            raise not_a_parameter("text", _NO_DIGITS_ZH, _NO_DIGITS_EN)
        pattern = {"$regex": re.escape(wanted.text), "$options": "i"}
        found.append({"$or": [{name: pattern} for name in ("text", "place", "patient_place")]})
    if wanted.person is not None:
        named = [{"reporter": wanted.person}] if by_name else []
        found.append({"$or": [{"people": wanted.person}, *named]})
    return found


def _older(position: Position) -> Document:
    at, report_id = position
    return {"$or": [{"sorted_at": {"$lt": at}}, {"sorted_at": at, "_id": {"$lt": report_id}}]}
