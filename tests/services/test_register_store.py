"""The register on a real MongoDB: each event once, no row older than it was, numbers without a gap."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from services.register.handlers import Handlers
from services.register.memory import Memory
from services.register.numbers import Numbers
from services.register.store import Store, logged
from shared.contracts.event import Event
from shared.contracts.ids import ReportId
from shared.contracts.reports import ReportFiled
from shared.domain.registering.folding import as_document, fold
from shared.platform.directory import Directory
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import connect, database
from shared.platform.settings import Settings
from tests.support.estate import an_estate
from tests.support.lives import MORNING, Life, a_whole_life, taken
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(stack: StackAddress, names: Names, tmp_path: Path) -> Settings:
    return Settings(mongo=stack.mongo_uri, mongo_database=names.database, state_dir=tmp_path)


@pytest.fixture
async def mongo(settings: Settings) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    async with connect(settings) as client:
        yield database(client, settings)


class Desk:
    """A register without Kafka: batches go straight to the handler."""

    def __init__(self, mongo: AsyncDatabase[dict[str, Any]]) -> None:
        self.mongo, self.store = mongo, Store(mongo)
        self.numbers = Numbers(mongo, Directory(mongo))
        self.handlers = Handlers(self.store, self.numbers)

    async def take(self, *events: Event) -> None:
        await self.handlers.on_batch(taken(list(events)))

    async def row(self, report_id: str) -> dict[str, Any]:
        row = await self.store.rows.find_one({"_id": report_id})
        assert row is not None
        return row

    async def given(self) -> list[tuple[str, int, int]]:
        found = self.mongo["numbers"].find({}).sort([("estate", 1), ("series", 1), ("year", 1), ("number", 1)])
        return [(n["estate"] + n["series"], n["year"], n["number"]) async for n in found]


@pytest.fixture
async def desk(mongo: AsyncDatabase[dict[str, Any]]) -> Desk:
    await apply_estates(mongo, [an_estate("lanting"), an_estate("bihai")])
    desk = Desk(mongo)
    await desk.store.prepare()
    await desk.numbers.prepare()
    return desk


def as_read(life: Life, events: list[Event] | None = None) -> dict[str, Any]:
    """The fold as MongoDB gives it back: lists for tuples."""
    row = fold(life.report_id, [as_document(e) for e in events or life.events])
    return _lists(row)


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lists(inner) for name, inner in value.items()}
    return [_lists(inner) for inner in value] if isinstance(value, (list, tuple)) else value


async def test_the_row_is_the_fold_of_the_log(desk: Desk) -> None:
    life = a_whole_life()
    await desk.take(*life.events[:4])
    await desk.take(*life.events[4:])
    assert await desk.row(life.report_id) == as_read(life)
    assert await desk.store.events.count_documents({}) == len(life.events)


async def test_the_log_keeps_the_whole_event_and_its_place_on_kafka(desk: Desk) -> None:
    life = a_whole_life()
    await desk.take(*life.events)
    filed = await desk.store.events.find_one({"_id": life.filed.event_id})
    assert filed is not None
    assert (filed["topic"], filed["partition"], filed["offset"]) == ("reports.inquiry.routine", 3, 0)
    assert filed["body"] == _lists(as_document(life.filed))


async def test_duplicates_change_nothing_whatever_batch_they_come_in(desk: Desk) -> None:
    life = a_whole_life()
    await desk.take(*life.events)
    before = await desk.row(life.report_id)
    log = [e async for e in desk.store.events.find({}).sort("_id", 1)]
    await desk.take(*life.events, *life.events)
    await desk.take(life.events[2])
    assert await desk.row(life.report_id) == before
    assert [e async for e in desk.store.events.find({}).sort("_id", 1)] == log
    assert await desk.given() == [("lanting", 2026, 1)]


async def test_a_duplicate_is_folded_all_the_same(desk: Desk) -> None:
    """The process was killed after the log's write: the row is mended when the batch comes again."""
    life = a_whole_life()
    await desk.store.append([logged(t) for t in taken(life.events)])
    await desk.take(*life.events)
    assert await desk.row(life.report_id) == as_read(life)


async def test_a_row_never_goes_back_to_fewer_events(desk: Desk) -> None:
    """A slow copy writes what it folded before a faster one had more."""
    life = a_whole_life()
    await desk.take(*life.events)
    await Store(desk.mongo).write_over_fewer({life.report_id: [as_document(e) for e in life.events[:3]]})
    assert (await desk.row(life.report_id))["events"] == len(life.events)


async def test_whoever_is_last_of_many_copies_at_once_the_fullest_row_stays(desk: Desk) -> None:
    life = a_whole_life()
    await asyncio.gather(*(Desk(desk.mongo).take(event, life.filed) for event in reversed(life.events)))
    assert await desk.row(life.report_id) == as_read(life)


async def test_a_first_row_that_lost_a_race_to_one_of_fewer_events_is_written_over_it(desk: Desk) -> None:
    life = a_whole_life()
    bodies = [as_document(e) for e in life.events]
    counts = range(1, len(bodies) + 1)
    copies = [Store(desk.mongo).write_over_fewer({life.report_id: bodies[:n]}) for n in reversed(counts)]
    await asyncio.gather(*copies)
    assert (await desk.row(life.report_id))["events"] == len(life.events)


async def test_what_another_copy_wrote_meanwhile_is_not_forgotten(desk: Desk) -> None:
    """A partition goes to another copy and comes back: what this one remembers of the row is old."""
    life, other = a_whole_life(), Desk(desk.mongo)
    for n, event in enumerate(life.events):
        await (desk if n % 2 else other).take(event)
        assert await desk.row(life.report_id) == as_read(life, life.events[: n + 1])


async def test_a_report_longer_than_the_memory_is_folded_from_the_log(desk: Desk) -> None:
    life, filler = a_whole_life(), Life("medical")
    desk.store._memory = Memory(most_events=2)
    for event in life.events:
        await desk.take(event)
        await desk.take(filler.events[0])
    assert await desk.row(life.report_id) == as_read(life)


async def test_a_closed_report_leaves_its_room_to_the_open_ones_and_is_folded_on_all_the_same(desk: Desk) -> None:
    life = a_whole_life()
    for event in life.events[:-1]:
        await desk.take(event)
    assert len(desk.store._memory.recall(life.report_id)) == len(life.events) - 1
    await desk.take(life.events[-1])
    assert not desk.store._memory.recall(life.report_id)
    await desk.take(life.noticed(30, "after its end"))
    assert await desk.row(life.report_id) == as_read(life)


def test_the_memory_forgets_the_longest_untouched_first() -> None:
    memory = Memory(most_events=3)
    for report, events in (("a", 1), ("b", 1), ("a", 2), ("c", 1)):
        memory.remember(report, [{}] * events)
    assert [len(memory.recall(report)) for report in "abc"] == [2, 0, 1]


async def test_what_belongs_to_no_report_is_logged_and_makes_no_row(desk: Desk) -> None:
    notice = Life().noticed(1, "parked").model_copy(update={"report_id": ""})
    await desk.take(notice)
    assert await desk.store.events.count_documents({}) == 1
    assert await desk.store.rows.count_documents({}) == 0


async def test_one_id_filed_in_two_classes_is_two_reports(desk: Desk) -> None:
    life = Life("inquiry")
    other = str(ReportId("emergency", "medical", "lanting", life.filed.event_id.hex))
    fields = {"report_id": other, "category": "medical", "lane": "emergency"}
    await desk.take(life.filed)
    for _ in range(2):
        await desk.take(life.filed.model_copy(update=fields))
    assert (await desk.row(other))["channel"] == "phone"
    assert len(await desk.given()) == 2
    assert await desk.store.events.count_documents({}) == 2


async def test_numbers_run_by_estate_year_and_drill(desk: Desk) -> None:
    lives = [Life(text=str(n)) for n in range(3)] + [Life(estate="bihai"), Life(drill=True)]
    # 2026-12-31 16:00 UTC is midnight at the estate.
    lives += [Life(at=MORNING.replace(month=12, day=31, hour=hour, minute=0)) for hour in (15, 16)]
    await desk.take(*(life.filed for life in lives))
    assert await desk.given() == [
        ("bihai", 2026, 1),
        *(("lanting", 2026, n) for n in range(1, 5)),
        ("lanting", 2027, 1),
        ("lantingD", 2026, 1),
    ]


async def test_without_an_estates_file_the_year_is_chinas(desk: Desk) -> None:
    await desk.take(Life(estate="nowhere", at=MORNING.replace(month=12, day=31, hour=20)).filed)
    assert await desk.given() == [("nowhere", 2027, 1)]


async def test_two_copies_number_without_gaps(desk: Desk) -> None:
    """Each report comes to both, as over a rebalance."""
    other = Desk(desk.mongo)
    lives = [Life(text=str(n)) for n in range(40)]
    halves = [lives[n : n + 5] for n in range(0, 40, 5)]
    await asyncio.gather(*(d.take(*(life.filed for life in h)) for h in halves for d in (desk, other)))
    assert [n for *_, n in await desk.given()] == list(range(1, 41))


class Killed(Exception):
    """Stands for SIGKILL: nothing after it is done."""


@pytest.mark.parametrize("where", ["find_one_and_update", "insert_many", "after"])
async def test_a_number_is_never_lost_between_two_writes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    first, second = Life(text="1"), Life(text="2")
    owner: Any = {"find_one_and_update": desk.numbers._counters, "insert_many": desk.numbers._numbers}.get(where)
    with monkeypatch.context() as broken, pytest.raises(Killed):
        if owner is not None:
            _dies_after(broken, owner, where)
        else:
            _dies_after(broken, desk.numbers, "give")
        await desk.take(first.filed)
    await desk.take(second.filed)
    await desk.take(first.filed)
    assert [n for *_, n in await desk.given()] == [1, 2]
    assert (await desk.row(first.report_id))["state"] == "filed"


def _dies_after(broken: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    whole = getattr(owner, name)

    async def dying(*args: Any, **kwargs: Any) -> Any:
        await whole(*args, **kwargs)
        raise Killed

    broken.setattr(owner, name, dying)


async def test_a_transaction_whose_process_was_killed_does_not_hold_up_the_next(desk: Desk) -> None:
    """Its session stays open in MongoDB for a minute, with the counter locked."""
    await desk.take(Life(text="1").filed)
    async with desk.mongo.client.start_session() as session:
        await session.start_transaction()
        counters = desk.mongo["counters"]
        await counters.update_one({"_id": "lanting.2026"}, {"$inc": {"last": 1}}, session=session)
        async with asyncio.timeout(20):
            await desk.take(Life(text="2").filed)
        assert await desk.given() == [("lanting", 2026, 1), ("lanting", 2026, 2)]


_FILER = """
import asyncio, sys
from services.register.handlers import Handlers
from services.register.memory import Memory
from services.register.numbers import Numbers
from services.register.store import Store, logged
from shared.platform.directory import Directory
from shared.platform.mongo import connect, database
from shared.platform.settings import Settings
from tests.support.lives import Life, taken

async def main():
    settings = Settings()
    async with connect(settings) as client:
        mongo = database(client, settings)
        handlers = Handlers(Store(mongo), Numbers(mongo, Directory(mongo)))
        for n in range(100_000):
            await handlers.on_batch(taken([Life(text=f"{sys.argv[1]} {n} {m}").filed for m in range(7)]))

asyncio.run(main())
"""


async def test_killed_again_and_again_the_numbers_have_no_gap(desk: Desk, settings: Settings) -> None:
    """SIGKILL in the middle of an evening; every filing has its number once it comes again."""
    environment = {
        "BAOSHI_MONGO": settings.mongo,
        "BAOSHI_MONGO_DATABASE": settings.mongo_database,
        "PYTHONPATH": str(ROOT),
    }
    for round_number in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _FILER, str(round_number), env=environment, cwd=ROOT
        )
        had = await desk.store.events.count_documents({})
        while await desk.store.events.count_documents({}) < had + 30:
            assert process.returncode is None
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        numbers = [n for *_, n in await desk.given()]
        assert numbers == list(range(1, len(numbers) + 1))
    logged = [ReportFiled.model_validate(e["body"]) async for e in desk.store.events.find({})]
    await desk.take(*logged)
    assert [n for *_, n in await desk.given()] == list(range(1, len(logged) + 1))
    # Else the database is dropped only after a minute, when MongoDB gives up the killed process's transaction.
    await asyncio.sleep(1.1)
    await desk.numbers._release_abandoned()
