"""The event log and the rows folded from it: each event once, each row never older than it was."""

from collections.abc import Iterable, Sequence
from uuid import uuid5

from pymongo import ASCENDING, DESCENDING, ReplaceOne
from pymongo.errors import BulkWriteError

from services.register.memory import MOST_EVENTS, Memory
from shared.contracts.ids import NAMESPACE
from shared.domain.registering.board import SHOWN_STATES
from shared.domain.registering.folding import NEEDLESS, as_document, fold
from shared.platform.errors import Unavailable
from shared.platform.mongo import Database, Document, only_duplicates
from shared.platform.records import Taken

EVENTS, ROWS = "events", "rows"
_FOR_FOLDING = {"_id": False, "report_id": True, "body": True}
Known = dict[str, list[Document]]
"""Events by report."""


class Store:
    """`events` and `rows` of the register."""

    def __init__(self, database: Database, memory_events: int = MOST_EVENTS) -> None:
        self.events = database.get_collection(EVENTS)
        self.rows = database.get_collection(ROWS)
        self._memory = Memory(memory_events)

    async def prepare(self) -> None:
        """Indexes; `due` holds only rows in which a clock runs, `open` those with open tasks.

        `on_paper`: what was written up; `shown`: what stands on the board.
        """
        running = {"due_at": {"$type": "date"}}
        on_paper = [("estate", ASCENDING), ("happened_at", ASCENDING)]
        newest = [("estate", ASCENDING), ("sorted_at", DESCENDING), ("_id", DESCENDING)]
        building = [("estate", ASCENDING), ("building", ASCENDING), ("sorted_at", DESCENDING)]
        due = [("estate", ASCENDING), ("due_at", ASCENDING)]
        working = {"open_tasks": {"$gt": 0}}
        await self.rows.create_index("estate", name="open", partialFilterExpression=working)
        await self.events.create_index("report_id", name="report")
        of_estates = [("estate", ASCENDING), ("type", ASCENDING), ("accepted_at", DESCENDING)]
        await self.events.create_index(of_estates, name="estates", partialFilterExpression={"report_id": ""})
        await self.rows.create_index(newest, name="newest")
        in_one = {"building": {"$type": "string"}}
        await self.rows.create_index(building, name="building", partialFilterExpression=in_one)
        shown = {"state": {"$in": list(SHOWN_STATES)}}
        await self.rows.create_index("estate", name="shown", partialFilterExpression=shown)
        await self.rows.create_index(due, name="due", partialFilterExpression=running)
        await self.rows.create_index(on_paper, name="on_paper", partialFilterExpression={"written_up": True})

    async def append(self, documents: Sequence[Document]) -> set[str]:
        """What stands there already is left as it stands. The reports whose rows have to be folded from the log."""
        again = await self._insert(documents)
        if again:
            await self._insert(await self._of_other_reports(again))
        return {document["report_id"] for document in again}

    async def refold(self, documents: Sequence[Document], again: set[str]) -> None:
        """Every row has the events of these documents when this returns; `again` as `append` gave it."""
        reports: Known = {}
        for document in documents:
            reports.setdefault(document["report_id"], []).append(document["body"])
        reports.pop("", None)
        at_hand = {r: self._memory.recall(r) for r, new in reports.items() if r not in again}
        known = {r: old for r, old in at_hand.items() if old or _is_new(reports[r])}
        left = await self._extend(known, reports)
        rest = [report_id for report_id in reports if report_id in left or report_id not in known]
        await self.write_over_fewer(await self._read_log(rest))

    async def _extend(self, known: Known, new: Known) -> set[str]:
        """Rows that still are as this process left them; the reports of which that is not so."""
        bodies = {report_id: [*old, *map(_slim, new[report_id])] for report_id, old in known.items()}
        guards = {report_id: len(old) for report_id, old in known.items()}
        written = await self._write(bodies, guards)
        return bodies.keys() - written

    async def _read_log(self, report_ids: list[str]) -> Known:
        bodies: Known = {report_id: [] for report_id in report_ids}
        if report_ids:
            query = {"report_id": {"$in": report_ids}}
            for document in await self.events.find(query, _FOR_FOLDING, batch_size=100_000).to_list():
                bodies[document["report_id"]].append(_slim(document["body"]))
        return bodies

    async def write_over_fewer(self, bodies: Known) -> None:
        """A row in the way has as many events or more, and stays, or came in a race with fewer: asked again."""
        guards = {report_id: {"$lt": len(known)} for report_id, known in bodies.items()}
        left = bodies.keys() - await self._write(bodies, guards)
        if left:
            rows = [fold(report_id, bodies[report_id]) for report_id in left]
            await self.rows.bulk_write(
                [_over(row, guards[row["_id"]], upsert=False) for row in rows], ordered=False
            )

    async def _write(self, bodies: Known, guards: dict[str, int] | dict[str, Document]) -> set[str]:
        """The reports whose row had as many events as its guard says, or was not there, and is written now."""
        if not bodies:
            return set()
        rows = [fold(report_id, known) for report_id, known in bodies.items()]
        missed: set[str] = set()
        try:
            await self.rows.bulk_write([_over(r, guards[r["_id"]], upsert=True) for r in rows], ordered=False)
        except BulkWriteError as error:
            missed = {rows[place]["_id"] for place in _there_already(error)}
        closed = {row["_id"] for row in rows if row["state"] not in SHOWN_STATES}
        for report_id, known in bodies.items():
            # Of what is closed little more is heard, and what is open has to have room.
            if report_id in missed or report_id in closed:
                self._memory.forget(report_id)
            else:
                self._memory.remember(report_id, known)
        return bodies.keys() - missed

    async def _insert(self, documents: Sequence[Document]) -> list[Document]:
        """The documents whose `_id` was there already."""
        if not documents:
            return []
        try:
            await self.events.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            return [documents[place] for place in _there_already(error)]
        return []

    async def _of_other_reports(self, again: list[Document]) -> list[Document]:
        """One id in two reports: filed again in another class while nobody could compare (ARCHITECTURE)."""
        found = self.events.find({"_id": {"$in": [d["_id"] for d in again]}}, {"report_id": True})
        known = {stored["_id"]: stored["report_id"] async for stored in found}
        others = [d for d in again if known.get(d["_id"]) != d["report_id"]]
        return [{**d, "_id": uuid5(NAMESPACE, f"log|{d['_id'].hex}|{d['report_id']}")} for d in others]


def logged(taken: Taken) -> Document:
    """The event as it stands in the log, with its place on Kafka."""
    event, record = taken.event, taken.incoming
    return {
        "_id": event.event_id,
        "report_id": event.report_id,
        "estate": event.estate_id,
        "type": event.type,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "at": record.at,
        "accepted_at": event.accepted_at,
        "body": as_document(event),
    }


def _is_new(bodies: Iterable[Document]) -> bool:
    """Whether it is worth trying as if nothing stood there yet."""
    return any(body["type"] == "report.filed" for body in bodies)


def _slim(body: Document) -> Document:
    return {name: value for name, value in body.items() if name not in NEEDLESS}


def _over(row: Document, events: int | Document, *, upsert: bool) -> ReplaceOne[Document]:
    return ReplaceOne({"_id": row["_id"], "events": events}, row, upsert=upsert)


def _there_already(error: BulkWriteError) -> list[int]:
    """Places in the bulk of what was a duplicate; anything else that went wrong is raised."""
    if error.details.get("writeConcernErrors"):
        raise Unavailable("written, but not known to be durable") from error
    if not only_duplicates(error):
        raise error
    return [problem["index"] for problem in error.details["writeErrors"]]
