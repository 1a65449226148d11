"""While Kafka, and MongoDB too, do not answer an accepted emergency still rings; later records add nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.support.devices import PAGERS, with_pagers
from tests.support.estate import an_estate
from tests.support.installation import Installation, until
from tests.support.peers.paging_server import PagingServer, paging_server
from tests.support.stack import free_ports, new_names

pytestmark = [pytest.mark.fault, pytest.mark.stack]
TOLD = ("leader-1", "supervisor-1", "control-1")
SPEED = 5.0


@asynccontextmanager
async def town(stack: LocalStack, folder: Path) -> AsyncIterator[tuple[Installation, PagingServer]]:
    async with paging_server(free_ports(1)[0]) as pagers:
        made = Installation(stack.bootstrap, stack.mongo_uri, new_names(), folder, SPEED, devices=True)
        try:
            await made.prepare(with_pagers(an_estate(), pagers.port))
            await made.start()
            yield made, pagers
        finally:
            await made.stop()


def rung(pagers: PagingServer, place: str) -> list[str]:
    """Who got break-glass's page about this place, each time he got it."""
    numbers = {number: person for person, number in PAGERS.items()}
    return sorted(numbers[p.pager] for p in pagers.pages if "cut off" in p.text and place in p.text)


async def asked_until_taken(installation: Installation) -> str:
    """A door that could promise nothing in time says to phone, and whoever calls asks again with the same key."""
    found: list[str] = []

    async def taken() -> bool:
        body = {"estate": "qinghe", "category": "security", "kind": "theft", "place": "3栋2单元702"}
        answer = await installation.post("/v1/reports", body, "without-both")
        found.extend([answer.json()["report_id"]] if answer.status_code == 202 else [])
        return bool(found)

    assert await until(taken)
    return found[0]


async def eventually(condition: Callable[[], bool], seconds: float = 40.0) -> bool:
    async def asked() -> bool:
        return condition()

    return await until(asked, seconds)


@pytest.mark.timeout(300)
async def test_without_kafka_three_are_rung_once_and_the_register_has_it_later(
    own_stack: LocalStack, tmp_path: Path
) -> None:
    async with town(own_stack, tmp_path) as (installation, pagers):
        own_stack.kafka.pause()
        report = await installation.file("medical", help=["ambulance"], place="3栋1单元1201")
        assert await eventually(lambda: rung(pagers, "B3-1-1201") == sorted(TOLD)), pagers.pages
        own_stack.kafka.resume()
        for number, role in enumerate(("shift_leader", "security_supervisor", "control_room")):
            notice = await installation.seen(report, "notice.issued", name="break_glass", to__role=role, seconds=90)
            assert notice["index"] == number
            accepted = await installation.seen(report, "delivery.accepted", message=notice["event_id"], seconds=90)
            assert accepted["device"] == f"pager-{TOLD[number]}"
        await installation.task(report, "tell_leader", seconds=90)
        assert await eventually(lambda: any("AMBULANCE" in p.text for p in pagers.pages))
        await asyncio.sleep(3)
        assert rung(pagers, "B3-1-1201") == sorted(TOLD)


@pytest.mark.timeout(300)
async def test_without_kafka_and_mongodb_somebody_is_rung_all_the_same(
    own_stack: LocalStack, tmp_path: Path
) -> None:
    async with town(own_stack, tmp_path) as (installation, pagers):
        own_stack.kafka.pause()
        own_stack.mongo.kill()
        report = await asked_until_taken(installation)
        assert await eventually(lambda: rung(pagers, "B3-2-702") == sorted(TOLD)), pagers.pages
        own_stack.mongo.start()
        own_stack.kafka.resume()
        own_stack.mongo.wait_ready()
        await installation.seen(report, "notice.issued", name="break_glass", seconds=90)


@pytest.mark.timeout(300)
async def test_a_kill_of_both_ends_in_the_middle_loses_nobody(own_stack: LocalStack, tmp_path: Path) -> None:
    """Rung again at most once each: a second page is better than none."""
    async with town(own_stack, tmp_path) as (installation, pagers):
        own_stack.kafka.pause()
        await asyncio.to_thread(installation.processes["notify"].kill)
        report = await installation.file("medical", place="1栋1单元101")
        await asyncio.to_thread(installation.processes["intake"].kill)
        await asyncio.to_thread(installation.processes["intake"].start)
        await asyncio.to_thread(installation.processes["notify"].start)
        assert await eventually(lambda: set(rung(pagers, "B1-1-101")) == set(TOLD)), pagers.pages
        await asyncio.to_thread(installation.processes["notify"].kill)
        await asyncio.to_thread(installation.processes["notify"].start)
        own_stack.kafka.resume()
        await installation.seen(report, "notice.issued", name="break_glass", seconds=90)
        await installation.task(report, "ask_address", seconds=90)
        assert all(rung(pagers, "B1-1-101").count(person) <= 2 for person in TOLD)


@pytest.mark.timeout(300)
async def test_a_stall_that_passes_and_what_is_no_emergency_ring_nobody(
    own_stack: LocalStack, tmp_path: Path
) -> None:
    async with town(own_stack, tmp_path) as (installation, pagers):
        own_stack.kafka.pause()
        await installation.file("inquiry", form="oral", text="几点开门", place="1栋1单元102")
        await installation.file("medical", place="1栋1单元103", written_up=True)
        await asyncio.sleep(4)
        assert not any("cut off" in p.text for p in pagers.pages)
        own_stack.kafka.resume()
        own_stack.kafka.pause()
        await installation.file("medical", place="1栋1单元104")
        own_stack.kafka.resume()
        await asyncio.sleep(4)
        assert rung(pagers, "B1-1-104") == []
