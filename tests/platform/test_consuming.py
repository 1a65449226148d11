"""Reading, skipping, retrying, parking and committing, on a real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import IllegalOperation

from shared.contracts.event import Event
from shared.platform.clock import Clock
from shared.platform.consuming import Consumption, Work
from shared.platform.errors import Unsafe
from shared.platform.publishing import Publisher
from shared.platform.records import WAITED_MS, Outgoing, Taken, outgoing
from shared.platform.settings import Settings
from shared.platform.topic_admin import create_topics, refuse_unsafe
from tests.support.events import a_report
from tests.support.kafka import events_of, publish, records_of
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
TOPIC = "reports.inquiry.routine"


@pytest.fixture
async def settings(stack: StackAddress, names: Names) -> Settings:
    made = Settings(
        kafka=stack.bootstrap, mongo=stack.mongo_uri, mongo_database=names.database, topic_prefix=names.topic_prefix
    )
    await create_topics(made)
    return made


@pytest.fixture
def late(settings: Settings) -> Settings:
    """Nothing is committed while a test runs, but by what does not wait for the time."""
    return settings.model_copy(update={"commit_ms": 5000})


@asynccontextmanager
async def consuming(settings: Settings, work: Work, topic: str = TOPIC) -> AsyncIterator[Consumption]:
    publisher = Publisher(settings, "tests")
    lane = topic.rsplit(".", 1)[-1]
    consumption = Consumption(settings, "tests", lane, (topic,), work, publisher)
    await consumption.start()
    try:
        yield consumption
    finally:
        await consumption.stop()
        await publisher.stop()


async def ignored(_: list[Taken]) -> None:
    """What is read is of no matter."""


async def until(condition: object, seconds: float = 20.0) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)


async def send_raw(settings: Settings, topic: str, key: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, max_request_size=2_000_000)
    await producer.start()
    try:
        await producer.send_and_wait(
            settings.topic_prefix + topic, value, key.encode(), headers=[("odd", b"\xff\xfe"), ("empty", None)]
        )
    finally:
        await producer.stop()


async def test_every_record_is_worked_and_the_position_is_committed(settings: Settings) -> None:
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(str(t.event.event_id) for t in batch)

    reports = [a_report("inquiry") for _ in range(50)]
    await publish(settings, TOPIC, reports)
    async with consuming(settings, work):
        await until(lambda: len(seen) >= 50)
    assert sorted(seen) == sorted(str(r.event_id) for r in reports)

    async with consuming(settings, work):
        await publish(settings, TOPIC, [late := a_report("inquiry")])
        await until(lambda: len(seen) >= 51)
    assert seen[50:] == [str(late.event_id)]


async def work_off(settings: Settings, reports: Sequence[Event], *, killed: bool = False) -> list[str]:
    """Reads until all of these were worked; what was worked. Killed: it ends without a word to Kafka."""
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(str(t.event.event_id) for t in batch)

    async with consuming(settings, work) as consumption:
        await until(lambda: {str(r.event_id) for r in reports} <= set(seen))
        if killed:
            consumption._positions.stop = ignored_stop  # type: ignore[method-assign]
    return seen


async def ignored_stop() -> None:
    """As a kill does."""


async def test_a_stop_commits_what_still_waits_for_its_commit(settings: Settings, late: Settings) -> None:
    await publish(settings, TOPIC, first := [a_report("inquiry") for _ in range(50)])
    await work_off(late, first)
    await publish(settings, TOPIC, [last := a_report("inquiry")])
    assert await work_off(late, [last]) == [str(last.event_id)]


async def test_what_a_kill_kept_from_being_committed_is_read_again(settings: Settings, late: Settings) -> None:
    await publish(settings, TOPIC, first := [a_report("inquiry") for _ in range(50)])
    await work_off(late, first, killed=True)
    assert sorted(await work_off(settings, first)) == sorted(str(r.event_id) for r in first)


async def test_a_batch_in_hand_while_it_stops_is_committed(settings: Settings, late: Settings) -> None:
    began, goes = asyncio.Event(), asyncio.Event()

    async def work(_: list[Taken]) -> None:
        began.set()
        await goes.wait()

    await publish(settings, TOPIC, [a_report("inquiry")])
    async with consuming(late, work) as consumption:
        await asyncio.wait_for(began.wait(), 20)
        stopping = asyncio.create_task(consumption.stop())
        await asyncio.sleep(0.2)
        goes.set()
        await stopping
    await publish(settings, TOPIC, [last := a_report("inquiry")])
    assert await work_off(settings, [last]) == [str(last.event_id)]


async def test_another_copy_begins_where_this_one_ended(settings: Settings, late: Settings) -> None:
    await publish(settings, TOPIC, first := [a_report("inquiry") for _ in range(50)])
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(str(t.event.event_id) for t in batch)

    async with consuming(late, work) as one:
        await until(lambda: len(seen) >= 50)
        async with consuming(late.model_copy(update={"copy_number": 2}), work) as two:
            await until(lambda: bool(two.partitions) and len(one.partitions | two.partitions) == 12)
            await publish(settings, TOPIC, second := [a_report("inquiry") for _ in range(50)])
            await until(lambda: len(seen) >= 100)
    assert two.partitions == frozenset()
    assert sorted(seen) == sorted(str(r.event_id) for r in [*first, *second])


async def test_a_stop_does_not_wait_for_a_commit_that_never_ends(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.Event().wait()

    await publish(settings, TOPIC, first := [a_report("inquiry")])
    monkeypatch.setattr(AIOKafkaConsumer, "commit", hangs)
    await asyncio.wait_for(work_off(settings, first), 60)
    monkeypatch.undo()
    assert await work_off(settings, first) == [str(r.event_id) for r in first]


async def test_a_copy_has_caught_up_when_all_that_stood_there_was_worked(settings: Settings) -> None:
    seen, goes = list[str](), asyncio.Event()

    async def work(batch: list[Taken]) -> None:
        await goes.wait()
        seen.extend(str(t.event.event_id) for t in batch)

    await publish(settings, TOPIC, [a_report("inquiry") for _ in range(20)])
    async with consuming(settings, work) as consumption:
        await until(lambda: len(consumption.partitions) > 0)
        assert not await consumption.caught_up("reports", 1)
        asking = asyncio.create_task(consumption.caught_up("reports", 20))
        goes.set()
        assert await asking
        assert len(seen) == 20
        assert await consumption.caught_up("reports", 20)


async def test_a_client_that_stumbles_while_it_is_asked_ends_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stumbles(*_: object) -> None:
        raise IllegalOperation

    async with consuming(settings, ignored) as consumption:
        await until(lambda: len(consumption.partitions) > 0)
        monkeypatch.setattr(AIOKafkaConsumer, "end_offsets", stumbles)
        assert not await consumption.caught_up("reports", 5)
        assert not consumption.ending


async def test_a_handler_that_raised_ends_the_process_and_nothing_is_passed_over(settings: Settings) -> None:
    """FastStream alone commits past a batch whose handler raised (ARCHITECTURE, measured)."""
    await publish(settings, TOPIC, [report := a_report("inquiry")])

    async def breaks(_: list[Taken]) -> None:
        raise SystemError

    publisher = Publisher(settings, "tests")
    broken = Consumption(settings, "tests", "routine", (TOPIC,), breaks, publisher)

    async def cannot_park(*_: object) -> None:
        raise SystemError

    broken._park = cannot_park  # type: ignore[method-assign, assignment]
    await broken.start()
    await until(lambda: broken.ending)
    assert broken.ending
    await broken.stop()
    await publisher.stop()

    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(t.event.report_id for t in batch)

    async with consuming(settings, work):
        await until(lambda: bool(seen))
    assert seen == [report.report_id]


async def test_what_cannot_be_read_is_parked_with_its_bytes_and_the_partition_goes_on(settings: Settings) -> None:
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(t.event.report_id for t in batch)

    report = a_report("medical")
    await send_raw(settings, "reports.medical.emergency", report.report_id, b"{not json")
    await send_raw(settings, "reports.medical.emergency", "emergency.nonsense", b'{"type": "report.filed"}')
    await publish(settings, "reports.medical.emergency", [report])
    async with consuming(settings, work, "reports.medical.emergency"):
        await until(lambda: bool(seen))
        await until(lambda: False, 0.5)
    assert seen == [report.report_id]
    parked = await records_of(settings, "parked")
    assert sorted(r.value or b"" for r in parked) == [b'{"type": "report.filed"}', b"{not json"]
    notices = await events_of(settings, "notices.emergency")
    assert sorted(n.estate_id for n in notices) == ["lanting", "operator"]


@pytest.mark.parametrize("age", ["²", "9" * 20, "-5", "soon"])
async def test_an_odd_header_stops_nobody(settings: Settings, age: str) -> None:
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(t.event.report_id for t in batch)

    record = outgoing(report := a_report("inquiry"), TOPIC, "intake")
    publisher = Publisher(settings, "tests")
    await publisher.publish([Outgoing(*record[:3], [*record.headers, (WAITED_MS, age.encode())])], 20)
    await publisher.stop()
    async with consuming(settings, work):
        await until(lambda: bool(seen))
    assert seen == [report.report_id]


async def test_the_largest_record_that_kafka_takes_can_be_parked(settings: Settings) -> None:
    await send_raw(settings, TOPIC, "routine.nonsense", b"x" * 1_048_300)
    await publish(settings, TOPIC, [report := a_report("inquiry")])
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(t.event.report_id for t in batch)

    async with consuming(settings, work):
        await until(lambda: bool(seen))
    assert seen == [report.report_id]


async def test_an_event_of_an_unknown_type_is_skipped(settings: Settings) -> None:
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(t.event.report_id for t in batch)

    report = a_report("inquiry")
    await send_raw(settings, TOPIC, report.report_id, b'{"type": "report.sung", "version": 1}')
    await publish(settings, TOPIC, [report])
    async with consuming(settings, work):
        await until(lambda: bool(seen))
    assert seen == [report.report_id]
    assert await records_of(settings, "parked") == []


async def test_the_one_record_at_fault_is_parked_and_its_neighbours_are_worked(settings: Settings) -> None:
    seen: set[str] = set()

    async def work(batch: list[Taken]) -> None:
        if any(t.event.report_id == bad.report_id for t in batch):
            raise ValueError("cannot work this one")
        seen.update(t.event.report_id for t in batch)

    reports = [a_report("inquiry") for _ in range(20)]
    bad = reports[11]
    await publish(settings, TOPIC, reports)
    async with consuming(settings, work):
        await until(lambda: len(seen) >= 19)
        await until(lambda: False, 0.5)
    assert seen == {r.report_id for r in reports} - {bad.report_id}
    assert [(r.key or b"").decode() for r in await records_of(settings, "parked")] == [bad.report_id]


@pytest.mark.parametrize(("waited_ms", "claimed_h"), [(0, -5), (0, 5), (60_000, -5)])
async def test_a_hosts_wrong_clock_moves_nothing(settings: Settings, waited_ms: int, claimed_h: int) -> None:
    taken: list[Taken] = []

    async def work(batch: list[Taken]) -> None:
        taken.extend(batch)

    report = a_report("inquiry")
    wrong = report.model_copy(update={"accepted_at": report.accepted_at + timedelta(hours=claimed_h)})
    record = outgoing(wrong, TOPIC, "intake")
    publisher = Publisher(settings, "tests")
    await publisher.publish([Outgoing(*record[:3], [*record.headers, (WAITED_MS, str(waited_ms).encode())])], 20)
    await publisher.stop()
    async with consuming(settings, work):
        await until(lambda: bool(taken))
    broker = taken[0].incoming.at
    expected = broker if claimed_h > 0 or not waited_ms else broker - timedelta(milliseconds=waited_ms)
    assert taken[0].event.accepted_at == expected


async def test_a_report_older_than_the_topics_keep_is_parked(settings: Settings) -> None:
    """Lost offsets never send guards to last week's cases."""
    seen: list[str] = []

    async def work(batch: list[Taken]) -> None:
        seen.extend(t.event.report_id for t in batch)

    class NextWeek(Clock):
        def now(self) -> datetime:
            return super().now() + timedelta(days=8)

    await publish(settings, TOPIC, [report := a_report("inquiry")])
    publisher = Publisher(settings, "tests")
    late = Consumption(settings, "tests", "routine", (TOPIC,), work, publisher)
    late._clock = NextWeek()
    await late.start()
    for _ in range(100):
        if parked := await records_of(settings, "parked"):
            break
    await late.stop()
    await publisher.stop()
    assert seen == [] and [(r.key or b"").decode() for r in parked] == [report.report_id]


async def test_unsafe_settings_stop_the_start(settings: Settings) -> None:
    await refuse_unsafe(settings)
    with pytest.raises(Unsafe, match="OFFSET_RESET"):
        await refuse_unsafe(settings.model_copy(update={"offset_reset": "latest"}))
    with pytest.raises(Unsafe, match="replicas"):
        await refuse_unsafe(settings.model_copy(update={"profile": "cluster"}))
