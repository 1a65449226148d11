"""Cases in MongoDB: loaded, and written in one unordered bulk write, each guarded by its revision."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

from shared.contracts.topics import LONGEST_RETENTION_DAYS
from shared.contracts.vocabulary import Lane
from shared.domain.rules import Deadline, State
from shared.platform.mongo import Database, Document, only_duplicates

_CLOSED_KEPT_S = 2 * LONGEST_RETENTION_DAYS * 86_400


@dataclass(slots=True)
class Case:
    """What one service keeps of one report.

    `taken`: ids of events taken in. `produced`: the facts of each record's processing, to be published again when
    the record comes again. `held`: events that came before what they need. `deadlines`: for the ticker. `content`:
    a digest of the filing, to tell a repeated request from another report under the same id.
    """

    id: str
    lane: Lane
    estate: str
    revision: int = 0
    state: State = field(default_factory=dict)
    taken: dict[UUID, None] = field(default_factory=dict)
    produced: list[Document] = field(default_factory=list)
    held: list[Document] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    closed_at: datetime | None = None
    content: bytes = b""
    changed: bool = False

    @property
    def is_a_reports(self) -> bool:
        return bool(report_of(self.id))


def estate_case_id(lane: Lane, estate: str) -> str:
    """Of what belongs to an estate and to no report, in one lane; no class of report is called `estate`."""
    return f"{lane}.estate.{estate}"


def report_of(case_id: str) -> str:
    """The report that a case is about; empty for an estate's own."""
    return "" if case_id.split(".")[1] == "estate" else case_id


class Cases:
    """The collection of one service's cases."""

    def __init__(self, database: Database, service: str) -> None:
        self.collection = database.get_collection(f"{service}_cases")

    async def prepare(self) -> None:
        """Indexes: what is due by lane, and the removal of closed cases after twice the longest retention."""
        await self.collection.create_index([("lane", ASCENDING), ("ring_at", ASCENDING)], name="due", sparse=True)
        await self.collection.create_index(
            "closed_really_at", name="kept", expireAfterSeconds=_CLOSED_KEPT_S, sparse=True
        )

    async def load(self, ids: Iterable[str]) -> dict[str, Case]:
        wanted = list(ids)
        return {
            d["_id"]: _case(d) async for d in self.collection.find({"_id": {"$in": wanted}}, batch_size=len(wanted))
        }

    async def save(self, cases: list[Case]) -> bool:
        """False when another copy wrote one of them meanwhile: load and decide again."""
        writes = [_write(case) for case in cases]
        if not writes:
            return True
        try:
            result = await self.collection.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if only_duplicates(error):
                return False
            raise
        return result.inserted_count + result.matched_count == len(writes)


def _write(case: Case) -> InsertOne[Document] | ReplaceOne[Document]:
    document = _document(case)
    if case.revision == 0:
        return InsertOne(document)
    return ReplaceOne({"_id": case.id, "revision": case.revision}, document)


def _document(case: Case) -> Document:
    document: Document = {
        "_id": case.id,
        "lane": case.lane,
        "estate": case.estate,
        "revision": case.revision + 1,
        "state": case.state,
        "taken": list(case.taken),
        "produced": case.produced,
        "held": case.held,
        "content": case.content,
        "deadlines": [{"name": d.name, "due": d.due, "armed_by": d.armed_by} for d in case.deadlines],
        "rings": 0,
    }
    if case.deadlines:
        document["ring_at"] = min(d.due for d in case.deadlines)
    if case.closed_at is not None:
        document["closed_at"] = case.closed_at
        # MongoDB removes by its own clock; a demo's evening may lie months away from it.
        document["closed_really_at"] = datetime.now(UTC)
    return document


def _case(document: dict[str, Any]) -> Case:
    return Case(
        id=document["_id"],
        lane=document["lane"],
        estate=document["estate"],
        revision=document["revision"],
        state=document["state"],
        taken=dict.fromkeys(document["taken"]),
        produced=document["produced"],
        held=document["held"],
        deadlines=[Deadline(d["name"], d["due"], d["armed_by"]) for d in document["deadlines"]],
        closed_at=document.get("closed_at"),
        content=document["content"],
    )
