"""Numbers without gaps per estate and year, given together with the counter's step in one transaction (SOP S9)."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pymongo import ASCENDING, ReturnDocument, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from shared.contracts.reports import ReportFiled
from shared.platform.directory import Directory
from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.mongo import Database, Document

NUMBERS, COUNTERS = "numbers", "counters"
_UNKNOWN_ESTATE = ZoneInfo("Asia/Shanghai")
_ABANDONED_US = 1_000_000
_SNAPSHOT, _DURABLE = ReadConcern("snapshot"), WriteConcern(w="majority", j=True)


class Series(NamedTuple):
    """Numbers run from 1 in each. Drills are counted apart, with a `D`."""

    estate: str
    name: str
    year: int

    @property
    def id(self) -> str:
        return f"{self.estate}.{self.name}{self.year}"


class Numbers:
    """One a process: its lanes take turns, so that they do not conflict over a counter."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._client = database.client
        self._admin = database.client.get_database("admin", codec_options=database.codec_options)
        self._numbers = database.get_collection(NUMBERS)
        self._counters = database.get_collection(COUNTERS)
        self._directory = directory
        self._turn = asyncio.Lock()
        self._made: set[Series] = set()

    async def prepare(self) -> None:
        """`_id` is the report, so a report has one number; this index keeps a number to one report."""
        keys = [("estate", ASCENDING), ("series", ASCENDING), ("year", ASCENDING), ("number", ASCENDING)]
        await self._numbers.create_index(keys, name="number", unique=True)

    async def give(self, filings: Iterable[ReportFiled]) -> None:
        """Whatever of these has no number yet has one when this returns; one transaction a series.

        A transaction that conflicts is the caller's to try again (`until_it_works`).
        """
        by_series: dict[Series, dict[str, None]] = {}
        for filed in sorted(filings, key=lambda f: (f.accepted_at, f.report_id)):
            by_series.setdefault(await self._series(filed), {})[filed.report_id] = None
        async with self._turn:
            giving = (self._give(series, list(reports)) for series, reports in by_series.items())
            # No two of them have a counter in common.
            ended = await asyncio.gather(*giving, return_exceptions=True)
            await self._settle([failed for failed in ended if isinstance(failed, BaseException)])

    async def _series(self, filed: ReportFiled) -> Series:
        estate = await self._directory.estate(filed.estate_id)
        zone = estate.zone if estate else _UNKNOWN_ESTATE
        return Series(filed.estate_id, "D" if filed.drill else "", filed.accepted_at.astimezone(zone).year)

    async def _give(self, series: Series, reports: list[str]) -> None:
        # Made outside: two transactions that both make it would fail by a duplicate key, which nothing repeats.
        if series not in self._made:
            await self._counters.update_one({"_id": series.id}, {"$setOnInsert": {"last": 0}}, upsert=True)
            self._made.add(series)
        async with self._client.start_session() as session, await session.start_transaction(_SNAPSHOT, _DURABLE):
            await self._give_missing(session, series, reports)

    async def _settle(self, failed: list[BaseException]) -> None:
        """Raises the first; when none of our own transactions is open that could be taken for abandoned."""
        if any(isinstance(f, OperationFailure) and f.has_error_label("TransientTransactionError") for f in failed):
            await self._release_abandoned()
        if failed:
            raise failed[0]

    async def _release_abandoned(self) -> None:
        """Whoever is killed in a transaction leaves the counter locked, for a minute by MongoDB's default."""
        abandoned = {"type": "idleSession", "transaction.timeInactiveMicros": {"$gt": _ABANDONED_US}}
        pipeline: list[Document] = [
            {"$currentOp": {"idleSessions": True}},
            {"$match": abandoned},
            {"$project": {"lsid": True}},
        ]
        found = await (await self._admin.aggregate(pipeline)).to_list()
        if found:
            log.warning("abandoned transactions ended", count=len(found))
            sessions = [{"id": idle["lsid"]["id"]} for idle in found]
            await self._admin.command("killSessions", sessions, codec_options=self._admin.codec_options)

    async def _give_missing(self, session: AsyncClientSession, series: Series, reports: list[str]) -> None:
        found = self._numbers.find({"_id": {"$in": reports}}, {"_id": True}, session=session)
        known = {number["_id"] async for number in found}
        missing = [report_id for report_id in reports if report_id not in known]
        if not missing:
            return
        counter: Document | None = await self._counters.find_one_and_update(
            {"_id": series.id},
            {"$inc": {"last": len(missing)}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if counter is None:
            self._made.discard(series)
            raise Unavailable(f"the counter {series.id} went away")
        first = counter["last"] - len(missing) + 1
        common = {"estate": series.estate, "series": series.name, "year": series.year}
        given = [{"_id": r, "report_id": r, **common, "number": first + n} for n, r in enumerate(missing)]
        await self._numbers.insert_many(given, session=session)
