"""Break-glass at intake: what lies in the spool is told to notify once, by itself, and nobody waits for it."""

import asyncio
import stat
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.local.stack import LocalStack
from services.intake.breaking_glass import breaking_glass, is_to_be_rung
from services.intake.drain import Drain
from services.intake.frames import Waiting, framed
from services.intake.keeping import Line
from services.intake.segments import Segments, SpoolFull
from services.intake.settings import IntakeSettings
from services.intake.spool import Spool
from shared.contracts.history import read_event
from shared.contracts.reports import ReportFiled
from shared.contracts.vocabulary import LANES, Lane
from shared.platform.admin_key import ensure_glass_key
from shared.platform.records import Outgoing, outgoing
from shared.platform.service import serving
from shared.platform.settings import Settings
from tests.support.estate import an_estate
from tests.support.events import a_report
from tests.support.installation import Installation, until
from tests.support.intake import FakePublisher, StillClock
from tests.support.kafka import records_of, wait_for
from tests.support.stack import free_ports, new_names, private_stack

MEDICAL, REPAIR, INQUIRY = "reports.medical.emergency", "reports.repair.emergency", "reports.inquiry.routine"
EMERGENCY = {"estate": "qinghe", "category": "medical", "place": "南门"}
ROUTINE = {"estate": "qinghe", "category": "inquiry", "text": "几点开门"}
SINCE = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
PATIENCE = 0.3
AT_ONCE = 16


class Call(NamedTuple):
    """What notify was sent."""

    event_id: str
    body: bytes
    headers: dict[str, str]


class Notify:
    """Stands where notify would; `says` answers a call, knowing how often its event was told before."""

    def __init__(self, says: Callable[[str, int], int] = lambda _, __: 202) -> None:
        self.says, self.port = says, free_ports(1)[0]
        self.address = f"http://127.0.0.1:{self.port}"
        self.calls: list[Call] = []
        self.answers = asyncio.Event()
        self.answers.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        app = Starlette(routes=[Route("/v1/break-glass", self._on_call, methods=["POST"])])
        async with serving(app, "127.0.0.1", self.port):
            yield

    def told(self) -> Counter[str]:
        """How often of each event."""
        return Counter(call.event_id for call in self.calls)

    async def _on_call(self, request: Request) -> Response:
        body = await request.body()
        event_id = str(read_event(body).event_id)  # type: ignore[union-attr]
        before = self.told()[event_id]
        self.calls.append(Call(event_id, body, dict(request.headers)))
        await self.answers.wait()
        return Response(status_code=self.says(event_id, before))


class Spools:
    """Both lanes' spools under break-glass, as `main` puts them together; Kafka is what the test says."""

    def __init__(self, lines: dict[Lane, Line], publishers: dict[Lane, FakePublisher]) -> None:
        self.lines, self.publishers = lines, publishers
        self.emergency, self.routine = lines["emergency"].spool, lines["routine"].spool
        self.drain = Drain(lines, StillClock(), 3)


@asynccontextmanager
async def watched(folder: Path, notify: Notify, **settings: Any) -> AsyncIterator[Spools]:
    chosen = IntakeSettings(
        **{"state_dir": folder, "intake_notify": notify.address, "intake_glass_after_s": PATIENCE, **settings}
    )
    publishers = {lane: FakePublisher() for lane in LANES}
    async with breaking_glass(chosen, ensure_glass_key(chosen)) as glass:
        lines = {
            lane: Line(publishers[lane], Spool(lane, Segments(folder / lane, 1 << 20, 1), glass))  # type: ignore[arg-type]
            for lane in LANES
        }
        for line in lines.values():
            await line.spool.open()
        yield Spools(lines, publishers)
        for line in lines.values():
            await line.spool.close()


def an_emergency(**fields: Any) -> Waiting:
    report = a_report(**fields)
    return Waiting(outgoing(report, f"reports.{report.category}.{report.lane}", "intake"), SINCE)


def id_of(waiting: Waiting) -> str:
    return dict(waiting.record.headers)["ce_id"].decode()


async def heard(notify: Notify, expected: dict[str, int]) -> bool:
    """Whether just these were told so often, as soon as they were."""

    async def complete() -> bool:
        return all(notify.told()[event_id] >= count for event_id, count in expected.items())

    return await until(complete) and notify.told() == expected


async def comes(condition: Callable[[], bool]) -> bool:
    async def asked() -> bool:
        return condition()

    return await until(asked)


def test_only_an_emergencys_report_that_was_not_written_up_afterwards_is_rung_for() -> None:
    assert is_to_be_rung(an_emergency().record)
    assert is_to_be_rung(an_emergency(drill=True).record)
    assert not is_to_be_rung(an_emergency(written_up=True).record)
    assert not is_to_be_rung(an_emergency(category="inquiry").record)
    assert not is_to_be_rung(an_emergency().record._replace(topic="replies.emergency"))


@pytest.mark.parametrize("left", [b"{}", b"no JSON", b'{"type":"report.filed","version":99}'])
async def test_what_cannot_be_read_stops_neither_the_start_nor_the_next_one(tmp_path: Path, left: bytes) -> None:
    notify, behind = Notify(), an_emergency()
    unreadable = Waiting(Outgoing(MEDICAL, "emergency.medical.qinghe.1", left, []), SINCE)
    earlier = Segments(tmp_path / "emergency", 1 << 20, 1 << 20)
    earlier.open()
    for waiting in (unreadable, behind):
        earlier.append(framed(waiting))
    async with notify.open(), watched(tmp_path, notify):
        assert await heard(notify, {id_of(behind): 1})


async def test_an_emergency_that_kafka_has_is_not_rung_for_though_others_still_wait(tmp_path: Path) -> None:
    notify, first, second = Notify(), an_emergency(), an_emergency()
    async with notify.open(), watched(tmp_path, notify) as spools:
        await spools.emergency.append([first])
        await spools.emergency.append([second])
        await spools.routine.append([an_emergency(category="inquiry")])
        found = await spools.emergency.read(1)
        assert [id_of(waiting) for waiting, _ in found] == [id_of(first)]
        await spools.emergency.forget(found)
        assert await heard(notify, {id_of(second): 1})


async def test_what_drains_within_the_patience_rings_nobody(tmp_path: Path) -> None:
    notify, drained, later = Notify(), an_emergency(), an_emergency()
    async with notify.open(), watched(tmp_path, notify) as spools:
        await spools.emergency.append([drained])
        draining = asyncio.create_task(spools.drain.run())
        assert await comes(lambda: not spools.emergency.unsent)
        draining.cancel()
        # Due after the first, so what the first would have rung has rung by then.
        await spools.emergency.append([later])
        assert await heard(notify, {id_of(later): 1})
    assert [str(event.event_id) for event in spools.publishers["emergency"].events] == [id_of(drained)]


async def test_an_emergency_beside_another_lanes_event_is_rung_for_in_whichever_spool_it_lies(
    tmp_path: Path,
) -> None:
    notify, routine, emergency = Notify(), an_emergency(category="inquiry"), an_emergency()
    async with notify.open(), watched(tmp_path, notify) as spools:
        await spools.routine.append([routine, emergency])
        assert await heard(notify, {id_of(emergency): 1})


async def test_a_caller_who_gave_up_on_the_answer_is_rung_for_all_the_same(tmp_path: Path) -> None:
    notify, emergency = Notify(), an_emergency()
    async with notify.open(), watched(tmp_path, notify) as spools:
        asking = asyncio.create_task(spools.emergency.append([emergency]))
        await asyncio.sleep(0)
        asking.cancel()
        assert await heard(notify, {id_of(emergency): 1})


async def test_what_was_refused_with_a_full_spool_rings_nobody(tmp_path: Path) -> None:
    notify, refused, kept = Notify(), an_emergency(text="漏" * 4000), an_emergency()
    async with notify.open(), watched(tmp_path, notify) as spools:
        spools.emergency._segments._most = 4000
        with pytest.raises(SpoolFull):
            await spools.emergency.append([refused])
        await spools.emergency.append([kept])
        assert await heard(notify, {id_of(kept): 1})


async def test_a_notify_that_hangs_holds_up_no_caller_and_has_a_bounded_number_of_calls(tmp_path: Path) -> None:
    notify, emergencies = Notify(), [an_emergency() for _ in range(3 * AT_ONCE)]
    notify.answers.clear()
    async with notify.open(), watched(tmp_path, notify, intake_notify_s=60) as spools:
        before = len(asyncio.all_tasks())
        await spools.emergency.append(emergencies)
        assert await comes(lambda: len(notify.calls) == AT_ONCE)
        await spools.emergency.append([emergencies[0]])
        # Each call costs the receiver, which is in this process too, two.
        assert len(asyncio.all_tasks()) <= before + 3 * AT_ONCE
        assert len(notify.calls) == AT_ONCE
        notify.answers.set()
        assert await heard(notify, {id_of(emergency): 1 for emergency in emergencies})


async def test_one_that_notify_cannot_take_stands_in_nobodys_way(tmp_path: Path) -> None:
    poison = [an_emergency() for _ in range(AT_ONCE + 1)]
    broken = {id_of(waiting) for waiting in poison}
    notify, last = Notify(lambda event_id, _: 500 if event_id in broken else 202), an_emergency()
    async with notify.open(), watched(tmp_path, notify) as spools:
        await spools.emergency.append(poison)
        assert await comes(lambda: all(notify.told()[event_id] >= 2 for event_id in broken))
        await spools.emergency.append([last])
        assert await comes(lambda: notify.told()[id_of(last)] == 1)


async def test_notify_is_asked_again_until_it_takes_it_and_never_after_it_found_no_emergency(
    tmp_path: Path,
) -> None:
    refused, late = an_emergency(), an_emergency()

    def says(event_id: str, before: int) -> int:
        return 422 if event_id == id_of(refused) else (503, 401, 202)[before]

    notify = Notify(says)
    async with notify.open(), watched(tmp_path, notify) as spools:
        await spools.emergency.append([refused, late])
        assert await heard(notify, {id_of(refused): 1, id_of(late): 3})


def test_the_key_is_made_once_and_only_its_owner_reads_it_unless_the_setting_gives_one(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    key = ensure_glass_key(settings)
    assert ensure_glass_key(settings) == key
    assert len(key) >= 40
    [file] = settings.state_dir.iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("break-glass.key", 0o600)
    given = Settings(state_dir=tmp_path / "other", break_glass_key=SecretStr("given-to-both-machines-by-hand"))
    assert ensure_glass_key(given) == "given-to-both-machines-by-hand"
    assert not given.state_dir.exists()
    assert "given-to-both-machines-by-hand" not in repr(given)


@pytest.fixture(scope="module")
def a_stack() -> Iterator[LocalStack]:
    """Its broker is paused by these tests, one after another."""
    with private_stack() as local:
        yield local


@asynccontextmanager
async def intake(
    stack: LocalStack, folder: Path, notify: Notify, patience: float = PATIENCE
) -> AsyncIterator[Installation]:
    """The real process; with the block's end the broker goes on."""
    more = {
        "BAOSHI_INTAKE_NOTIFY": notify.address,
        "BAOSHI_INTAKE_GLASS_AFTER_S": str(patience),
        # So that what a killed process leaves lies in many files.
        "BAOSHI_INTAKE_SEGMENT_KIB": "1",
    }
    installation = Installation(stack.bootstrap, stack.mongo_uri, new_names(), folder, more=more)
    try:
        await installation.prepare(an_estate())
        await installation.start("intake")
        yield installation
    finally:
        stack.kafka.resume()
        await installation.stop()


async def filed(installation: Installation, body: dict[str, Any], **more: Any) -> tuple[str, str]:
    """The event's id, and where it is durable."""
    answer = await installation.post("/v1/reports", {**body, **more}, uuid4().hex)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["event_id"]), str(answer.json()["durable"])


async def spooled(installation: Installation, body: dict[str, Any], **more: Any) -> str:
    event_id, durable = await filed(installation, body, **more)
    assert durable == "spool"
    return event_id


async def outcomes(installation: Installation) -> dict[str, float]:
    """Of the calls that intake counted."""
    answer = await installation._client.get(f"{installation.address('intake')}/metrics")
    return {
        sample.labels["outcome"]: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "baoshi_intake_break_glass_total"
    }


@pytest.mark.stack
@pytest.mark.fault
async def test_without_kafka_each_emergency_is_told_once_with_the_bytes_that_stand_on_kafka_later(
    a_stack: LocalStack, tmp_path: Path
) -> None:
    notify = Notify()
    async with notify.open(), intake(a_stack, tmp_path, notify) as installation:
        a_stack.kafka.pause()
        await spooled(installation, ROUTINE)
        await spooled(installation, EMERGENCY, written_up=True)
        expected = [await spooled(installation, EMERGENCY, drill=drill) for drill in (False, True)]
        expected.append(await spooled(installation, {**EMERGENCY, "category": "repair", "kind": "gas"}))
        assert await heard(notify, {event_id: 1 for event_id in expected})
        key = (tmp_path / "state" / "break-glass.key").read_text().strip()
        assert {call.headers["authorization"] for call in notify.calls} == {f"Bearer {key}"}

        a_stack.kafka.resume()
        await wait_for(installation.settings, MEDICAL, 3)
        await wait_for(installation.settings, REPAIR, 1)
        await wait_for(installation.settings, INQUIRY, 1)
        records = [r for t in (MEDICAL, REPAIR) for r in await records_of(installation.settings, t)]
        on_kafka = {(r.value, dict(r.headers)["traceparent"].decode()) for r in records}
        assert {(call.body, call.headers["traceparent"]) for call in notify.calls} <= on_kafka
        assert {str(read_event(value).event_id) for value, _ in on_kafka} >= set(expected)  # type: ignore[union-attr]
        assert all(isinstance(read_event(call.body), ReportFiled) for call in notify.calls)
        assert notify.told() == {event_id: 1 for event_id in expected}
        assert await outcomes(installation) == {"202": 3}


@pytest.mark.stack
@pytest.mark.fault
async def test_a_notify_that_is_not_there_yet_is_told_when_it_is(a_stack: LocalStack, tmp_path: Path) -> None:
    notify = Notify(lambda _, before: 202 if before else 503)
    async with intake(a_stack, tmp_path, notify) as installation:
        a_stack.kafka.pause()
        event_id = await spooled(installation, EMERGENCY)

        async def asked() -> bool:
            return (await outcomes(installation)).get("no_answer", 0) >= 2

        assert await until(asked)
        async with notify.open():
            assert await heard(notify, {event_id: 2})


@pytest.mark.stack
@pytest.mark.fault
async def test_after_a_kill_all_that_the_spool_holds_is_told_again(a_stack: LocalStack, tmp_path: Path) -> None:
    notify = Notify()
    async with notify.open(), intake(a_stack, tmp_path, notify) as installation:
        a_stack.kafka.pause()
        expected = [await spooled(installation, EMERGENCY, place=f"3栋1单元{n}") for n in range(6)]
        assert await heard(notify, {event_id: 1 for event_id in expected})
        assert len(list((tmp_path / "state" / "spool" / "emergency").glob("*.seg"))) > 2
        await asyncio.to_thread(installation.processes["intake"].kill)
        await asyncio.to_thread(installation.processes["intake"].start)
        assert await heard(notify, {event_id: 2 for event_id in expected})
        assert len({call.body for call in notify.calls}) == len(expected)
        a_stack.kafka.resume()
        found = await wait_for(installation.settings, MEDICAL, len(expected))
        assert {event.event_id for event in found} == {UUID(event_id) for event_id in expected}


@pytest.mark.stack
@pytest.mark.fault
async def test_a_kafka_that_answers_or_only_stood_still_for_a_moment_rings_nobody(
    a_stack: LocalStack, tmp_path: Path
) -> None:
    notify = Notify()
    async with notify.open(), intake(a_stack, tmp_path, notify, patience=6.0) as installation:

        async def straight_to_kafka() -> bool:
            return (await filed(installation, EMERGENCY))[1] == "kafka"

        assert await until(straight_to_kafka)
        before = (await outcomes(installation)).get("drained", 0)
        a_stack.kafka.pause()
        event_id = await spooled(installation, EMERGENCY)
        a_stack.kafka.resume()

        async def drained() -> bool:
            return (await outcomes(installation)).get("drained", 0) > before

        assert await until(drained)
        assert event_id in {str(event.event_id) for event in await wait_for(installation.settings, MEDICAL, 2)}
        assert notify.calls == []
