"""The engine on a real Kafka and a real MongoDB: nothing lost, nothing twice (ARCHITECTURE, 2 and 3)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.contracts.event import Event, Speaker
from shared.contracts.handovers import HandoverGiven
from shared.contracts.ids import deadline_id
from shared.contracts.replies import DeadlinePassed
from shared.contracts.reports import ReportFiled
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.platform.cases import Cases
from shared.platform.casework import Casework
from shared.platform.clock import Clock
from shared.platform.mongo import Database, connect, database
from shared.platform.publishing import Publisher
from shared.platform.records import Incoming, Taken
from shared.platform.settings import Settings
from shared.platform.ticker import Ticker
from shared.platform.topic_admin import create_topics
from tests.support.events import a_note, a_report
from tests.support.kafka import events_of, records_of
from tests.support.stack import Names, StackAddress
from tests.support.toy import RingingRules, ToyRules, WatchingRules

pytestmark = pytest.mark.stack
PLAYBOOKS = Playbooks(by_category={}, waits=(), guardrails={}, kinds={})


class Nobody:
    """A directory without estates: who is on duty is not the engine's affair."""

    async def estate(self, code: str) -> Estate | None:
        return None


@pytest.fixture
async def settings(stack: StackAddress, names: Names) -> Settings:
    made = Settings(
        kafka=stack.bootstrap, mongo=stack.mongo_uri, mongo_database=names.database, topic_prefix=names.topic_prefix
    )
    await create_topics(made)
    return made


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Database]:
    async with connect(settings) as client:
        yield database(client, settings)


@asynccontextmanager
async def working(settings: Settings, store: Database, rules: ToyRules) -> AsyncIterator[Casework]:
    publisher = Publisher(settings, "tests")
    cases = Cases(store, rules.service)
    await cases.prepare()
    yield Casework(settings, "routine", rules, cases, publisher, Nobody(), PLAYBOOKS)  # type: ignore[arg-type]
    await publisher.stop()


def taken(event: Event, topic: str = "reports.inquiry.routine", at: datetime | None = None) -> Taken:
    at = at or Clock().now()
    return Taken(Incoming(topic, 0, 0, event.key, b"", {}, at), event)


def rung(bell: DeadlinePassed) -> Taken:
    """As the ticker has it told: once it is due."""
    return taken(bell, "replies.routine", bell.due_at)


def passed(due: dict[str, object], report_id: str, owner: str = "toy") -> DeadlinePassed:
    name, armed_by = str(due["name"]), due["armed_by"]
    return DeadlinePassed(
        event_id=deadline_id(armed_by, name),  # type: ignore[arg-type]
        report_id=report_id,
        estate_id="lanting",
        occurred_at=due["due"],  # type: ignore[arg-type]
        accepted_at=Clock().now(),
        owner=owner,
        name=name,
        armed_by=armed_by,  # type: ignore[arg-type]
        due_at=due["due"],  # type: ignore[arg-type]
    )


async def ids_on(settings: Settings, topic: str) -> Counter[str]:
    return Counter(str(e.event_id) for e in await events_of(settings, topic))


async def test_a_record_that_comes_again_publishes_the_same_facts_and_changes_nothing(
    settings: Settings, store: Database
) -> None:
    report = taken(a_report("inquiry"))
    async with working(settings, store, ToyRules()) as work:
        await work.work([report])
        first = await store["toy_cases"].find_one({})
        await work.work([report])
        await work.work([report, report])
    assert await store["toy_cases"].find_one({}) == first
    # At least four times: a publish that timed out is one more.
    assert min((await ids_on(settings, "tasks.routine")).values()) >= 4
    assert len(await ids_on(settings, "tasks.routine")) == 1


async def test_what_was_stored_but_not_published_is_published_when_the_record_comes_again(
    settings: Settings, store: Database
) -> None:
    """Killed between the write and Kafka's acknowledgement."""
    report = taken(a_report("inquiry"))
    async with working(settings, store, ToyRules()) as work:
        await work._decide_and_save([report])
        assert await ids_on(settings, "tasks.routine") == Counter()
        await work.work([report])
    assert list((await ids_on(settings, "tasks.routine")).values()) == [1]


async def test_an_event_that_comes_first_is_held_and_decided_when_its_report_arrives(
    settings: Settings, store: Database
) -> None:
    filed = a_report("inquiry")
    note = a_note(filed.report_id)
    async with working(settings, store, ToyRules()) as work:
        await work.work([taken(note, "replies.routine")])
        held = await store["toy_cases"].find_one({})
        assert held is not None and [h["id"] for h in held["held"]] == [note.event_id]
        await work.work([taken(filed)])
    case = await store["toy_cases"].find_one({})
    assert case is not None and case["held"] == [] and case["state"]["notes"] == 1


async def test_an_estates_own_event_makes_no_case_where_the_rules_want_none(
    settings: Settings, store: Database
) -> None:
    at, by = Clock().now(), Speaker(role="customer_assistant")
    given = HandoverGiven(
        event_id=uuid4(), report_id="", estate_id="lanting", occurred_at=at, accepted_at=at, by=by
    )
    async with working(settings, store, ToyRules()) as work:
        await work.work([taken(given, "replies.routine")])
    assert await store["toy_cases"].count_documents({}) == 0


async def test_what_was_held_in_vain_becomes_reply_refused(settings: Settings, store: Database) -> None:
    note = a_note(a_report("inquiry").report_id)
    async with working(settings, store, ToyRules()) as work:
        await work.work([taken(note, "replies.routine")])
        case = await store["toy_cases"].find_one({})
        assert case is not None
        bell = passed(case["deadlines"][0], note.report_id)
        await work.work([rung(bell)])
        await work.work([rung(bell)])
    facts = await events_of(settings, "tasks.routine")
    assert {(f.type, str(f.refused)) for f in facts} == {("reply.refused", str(note.event_id))}  # type: ignore[attr-defined]
    assert len({f.event_id for f in facts}) == 1


async def test_a_batch_is_decided_reports_first_then_replies_then_deadlines(
    settings: Settings, store: Database
) -> None:
    filed = a_report("inquiry")
    note = a_note(filed.report_id)
    async with working(settings, store, ToyRules()) as work:
        await work.work([taken(note, "replies.routine"), taken(filed)])
    case = await store["toy_cases"].find_one({})
    assert case is not None and case["state"]["notes"] == 1 and case["held"] == []


async def test_two_copies_at_one_case_lose_nothing(settings: Settings, store: Database) -> None:
    """A version conflict is ordinary: load and decide again."""
    filed = a_report("inquiry")
    async with working(settings, store, ToyRules()) as one, working(settings, store, ToyRules()) as two:
        await one.work([taken(filed)])
        notes = [a_note(filed.report_id) for _ in range(40)]
        halves = [[taken(n, "replies.routine")] for n in notes]
        await asyncio.gather(*((one if i % 2 else two).work(h) for i, h in enumerate(halves)))
    case = await store["toy_cases"].find_one({})
    assert case is not None and case["state"]["notes"] == 40


async def test_a_deadline_of_another_service_or_of_an_old_arming_is_passed_over(
    settings: Settings, store: Database
) -> None:
    filed = a_report("inquiry")
    async with working(settings, store, ToyRules()) as work:
        await work.work([taken(filed)])
        case = await store["toy_cases"].find_one({})
        assert case is not None
        due = case["deadlines"][0]
        await work.work([rung(passed(due, filed.report_id, owner="other"))])
        await work.work([rung(passed({**due, "armed_by": uuid4()}, filed.report_id))])
        assert [e.type for e in await events_of(settings, "tasks.routine")] == ["report.opened"]
        await work.work([rung(passed(due, filed.report_id))])
    assert [e.type for e in await events_of(settings, "tasks.routine")].count("report.closed") == 1


async def test_notes_are_refused_when_a_case_has_taken_in_too_much(settings: Settings, store: Database) -> None:
    few = settings.model_copy(update={"most_events": 10})
    filed = a_report("inquiry")
    async with working(few, store, ToyRules()) as work:
        await work.work([taken(filed)])
        await work.work([taken(a_note(filed.report_id), "replies.routine") for _ in range(12)])
    case = await store["toy_cases"].find_one({})
    assert case is not None and case["state"]["notes"] == 9
    assert Counter(e.type for e in await events_of(settings, "tasks.routine"))["reply.refused"] == 3


async def test_a_closed_case_is_kept_for_twice_the_longest_retention(settings: Settings, store: Database) -> None:
    async with working(settings, store, ToyRules()):
        indexes = await (await store["toy_cases"].list_indexes()).to_list()
    assert [i["expireAfterSeconds"] for i in indexes if i["name"] == "kept"] == [60 * 86_400]


async def test_the_ticker_rings_what_is_due_never_early_and_again_only_after_its_lease(
    settings: Settings, store: Database
) -> None:
    now = datetime.now(UTC)
    soon, later = a_report("inquiry"), a_report("inquiry")
    publisher = Publisher(settings, "tests")
    async with working(settings, store, ToyRules(closes_after=timedelta())) as work:
        await work.work([taken(soon, at=now - timedelta(seconds=1))])
        await work.work([taken(later, at=now + timedelta(hours=1))])
        ticker = Ticker(settings, "toy", "routine", Cases(store, "toy"), publisher)
        two = Ticker(settings, "toy", "routine", Cases(store, "toy"), publisher)
        await asyncio.gather(ticker.tick(), two.tick())
        await ticker.tick()
        told = [e for e in await events_of(settings, "replies.routine") if isinstance(e, DeadlinePassed)]
        assert {e.report_id for e in told} == {soon.report_id}
        assert len({e.event_id for e in told}) == 1
        leased = await store["toy_cases"].find_one({"_id": soon.report_id})
        assert leased is not None and leased["ring_at"] > now and leased["revision"] == 1
        await work.work([taken(told[0], "replies.routine")])
    await publisher.stop()
    closed = await store["toy_cases"].find_one({"_id": soon.report_id})
    assert closed is not None and closed["deadlines"] == [] and "ring_at" not in closed


async def test_the_same_id_with_other_content_is_decided_again_and_changes_nothing(
    settings: Settings, store: Database
) -> None:
    """Taken unchecked while MongoDB was away from intake; the rules see it again and refuse it by a fact."""
    first = a_report("inquiry", text="一")
    repeated = first.model_copy(update={"accepted_at": first.accepted_at + timedelta(minutes=1)})
    other = first.model_copy(update={"text": "二"})
    rules = WatchingRules()
    async with working(settings, store, rules) as work:
        await work.work([taken(first)])
        before = await store["toy_cases"].find_one({})
        await work.work([taken(repeated)])
        await work.work([taken(other)])
    assert await store["toy_cases"].find_one({}) == before
    assert [e.text for e in rules.seen if isinstance(e, ReportFiled)] == ["一", "二"]


async def test_a_case_that_rings_for_days_stays_small(settings: Settings, store: Database) -> None:
    """Facts of two batches' records are kept at least, and no more; the bells' own ids go with them."""
    few = settings.model_copy(update={"records_kept": 1, "max_records": 2})
    filed = a_report("inquiry")
    async with working(few, store, RingingRules()) as work:
        await work.work([taken(filed)])
        for _ in range(12):
            case = await store["toy_cases"].find_one({})
            assert case is not None
            await work.work([rung(passed(case["deadlines"][0], filed.report_id))])
    case = await store["toy_cases"].find_one({})
    assert case is not None and len(case["produced"]) == 5 and len(case["taken"]) == 6
    assert len({e.event_id for e in await events_of(settings, "tasks.routine")}) == 13


async def test_what_changed_nothing_the_first_time_changes_nothing_the_second(
    settings: Settings, store: Database
) -> None:
    """By the time a record comes again the case may have moved on to where it would count."""
    filed = a_report("inquiry")
    idle, note = a_note(filed.report_id), a_note(filed.report_id)
    rules = WatchingRules(deaf_to=idle.event_id)
    async with working(settings, store, rules) as work:
        await work.work([taken(filed)])
        for event in (idle, note, idle):
            await work.work([taken(event, "replies.routine")])
    assert [e.event_id for e in rules.seen].count(idle.event_id) == 1


async def test_a_deadline_told_before_it_is_due_waits_for_the_next_ring(
    settings: Settings, store: Database
) -> None:
    """The database's clock runs ahead of the broker's, on another host."""
    filed = a_report("inquiry")
    async with working(settings, store, ToyRules()) as work:
        await work.work([taken(filed)])
        case = await store["toy_cases"].find_one({})
        assert case is not None
        bell = passed(case["deadlines"][0], filed.report_id)
        await work.work([taken(bell, "replies.routine", bell.due_at - timedelta(seconds=1))])
        assert [e.type for e in await events_of(settings, "tasks.routine")] == ["report.opened"]
        await work.work([rung(bell)])
    assert [e.type for e in await events_of(settings, "tasks.routine")].count("report.closed") == 1


async def test_many_routine_deadlines_give_way_to_a_due_emergency(settings: Settings, store: Database) -> None:
    """6,000 at one instant: whoever is ill is rung for first, though the routine ticker looked first."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    many = [taken(a_report("inquiry"), at=now) for _ in range(60)]
    ill = taken(a_report("medical"), "reports.medical.emergency", at=now)
    publisher = Publisher(settings, "tests")
    async with working(settings, store, ToyRules(closes_after=timedelta())) as work:
        await work.work([*many, ill])
        routine = Ticker(settings, "toy", "routine", Cases(store, "toy"), publisher)
        emergency = Ticker(settings, "toy", "emergency", Cases(store, "toy"), publisher)
        waiting = asyncio.create_task(routine.tick())
        await asyncio.sleep(0.05)
        await emergency.tick()
        await waiting
    await publisher.stop()
    first = [r.timestamp for r in await records_of(settings, "replies.emergency")]
    others = [r.timestamp for r in await records_of(settings, "replies.routine")]
    assert len(first) == 1 and len(others) == 60 and first[0] <= min(others)


async def test_a_large_batch_keeps_each_case_in_its_order(settings: Settings, store: Database) -> None:
    reports = [a_report("inquiry") for _ in range(150)]
    notes = [a_note(report.report_id, text=str(n)) for n in range(2) for report in reports]
    batch = [*(taken(note, "replies.routine") for note in notes), *map(taken, reports)]
    rules = WatchingRules()
    async with working(settings, store, rules) as work:
        await work.work(batch)
        assert len(await events_of(settings, "tasks.routine")) == 150
        seen: dict[str, list[Event]] = {}
        for event in rules.seen:
            seen.setdefault(event.report_id, []).append(event)
        assert all(
            [type(e).__name__ for e in of] == ["ReportFiled", "TaskNoted", "TaskNoted"] for of in seen.values()
        )
        assert len(seen) == 150
        cases = await store["toy_cases"].find({}).to_list()
        assert {case["state"]["notes"] for case in cases} == {2} and {case["revision"] for case in cases} == {1}
        await work.work(batch)
    assert await store["toy_cases"].find({}).to_list() == cases
