"""Reads what the board shows: open rows with their numbers, and rows folded anew as they stood at an instant."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from services.register.in_passing import in_passing
from services.register.live.settings import LiveSettings
from services.register.numbers import NUMBERS
from services.register.problems import not_a_parameter
from services.register.store import EVENTS, ROWS
from shared.domain.registering.board import FIELDS, SHOWN_STATES, Line, is_shown, line_of
from shared.domain.registering.folding import NEEDLESS, fold
from shared.platform.mongo import Database, Document

_AT_ONCE = 50
_WANTED = {name: True for name in ("_id", *FIELDS)}
_LOUDEST = [("lane", 1), ("due_at", 1), ("_id", 1)]
_TOO_MUCH_ZH = "此刻的事件过多,请只选一个小区或一类报事"
_TOO_MUCH_EN = "Too much stood open then: choose one estate or one class"


class BoardWanted(NamedTuple):
    """`estates`: named one by one."""

    estates: list[str]
    category: str | None = None
    lane: str | None = None

    def query(self) -> Document:
        query: Document = {"estate": {"$in": self.estates}}
        asked = {"category": self.category, "lane": self.lane}
        return query | {name: value for name, value in asked.items() if value is not None}


class Shown(NamedTuple):
    """`left_out`: how many more there are than the limit."""

    lines: list[Line]
    left_out: int


class BoardRows:
    """Reads only."""

    def __init__(self, database: Database, settings: LiveSettings) -> None:
        self._rows, self._events = database.get_collection(ROWS), database.get_collection(EVENTS)
        self._numbers, self._settings = database.get_collection(NUMBERS), settings

    async def now(self, wanted: BoardWanted) -> Shown:
        """All open reports; over the limit emergencies first, and of them those whose time runs out first."""
        query = {"state": {"$in": list(SHOWN_STATES)}, **wanted.query()}
        most = self._settings.register_board_reports
        found = await self._rows.find(query, _WANTED).sort(_LOUDEST).limit(most + 1).to_list()
        rows = [row for row in found[:most] if is_shown(row)]
        left_out = await self._rows.count_documents(query) - most if len(found) > most else 0
        return Shown(await self._lines(rows), left_out)

    async def at(self, wanted: BoardWanted, instant: datetime) -> Shown:
        """As it stood then, from the log. Raises `Rejected` naming `at` when that is too much to be folded."""
        ids = await self._open_at(wanted, instant)
        most = self._settings.register_board_replay_reports
        lines: list[Line] = []
        left = self._settings.register_board_replay_events
        for start in range(0, min(len(ids), most), _AT_ONCE):
            bodies = await self._log(ids[start : min(start + _AT_ONCE, most)], instant, left)
            left -= sum(map(len, bodies.values()))
            rows = [fold(report_id, events) for report_id, events in bodies.items()]
            lines += await self._lines([row for row in rows if is_shown(row)])
            # Others are served between two chunks.
            await asyncio.sleep(0)
        return Shown(lines, max(0, len(ids) - most))

    def received(self, estates: Iterable[str], since: datetime, share: float) -> AsyncIterator[Document]:
        """Estate, class and time of all since then."""
        query = {"estate": {"$in": list(estates)}, "sorted_at": {"$gte": since}, "written_up": {"$ne": True}}
        wanted = dict.fromkeys(("estate", "category", "sorted_at", "drill"), True)
        return in_passing(self._rows.find(query, wanted), share)

    async def _open_at(self, wanted: BoardWanted, instant: datetime) -> list[str]:
        """What was closed before and stayed so was not open then; what was opened again since may have been."""
        then = {"$or": [{"closed_at": None}, {"closed_at": {"$gt": instant}}]}
        query = {**wanted.query(), "sorted_at": {"$lte": instant}, "written_up": {"$ne": True}, **then}
        found = self._rows.find(query, {"_id": True}).sort([("lane", 1), ("sorted_at", -1)])
        return [row["_id"] async for row in found]

    async def _log(self, ids: list[str], instant: datetime, left: int) -> dict[str, list[Document]]:
        query = {"report_id": {"$in": ids}, "accepted_at": {"$lte": instant}}
        found = await self._events.find(query, {"_id": False, "report_id": True, "body": True}).to_list(left + 1)
        if len(found) > left:
            raise not_a_parameter("at", _TOO_MUCH_ZH, _TOO_MUCH_EN)
        bodies: dict[str, list[Document]] = {}
        for event in found:
            slim = {name: value for name, value in event["body"].items() if name not in NEEDLESS}
            bodies.setdefault(event["report_id"], []).append(slim)
        return bodies

    async def _lines(self, rows: list[Any]) -> list[Line]:
        ids = [row["_id"] for row in rows]
        numbers = {n["_id"]: n async for n in self._numbers.find({"_id": {"$in": ids}})}
        return [line_of(row, numbers.get(row["_id"])) for row in rows]
