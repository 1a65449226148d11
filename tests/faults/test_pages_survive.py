"""Notify killed, doubled, or without Kafka or MongoDB while it pages: nobody is left out, nobody rung thrice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.support.devices import PAGERS, with_pagers
from tests.support.estate import an_estate
from tests.support.installation import Installation, until
from tests.support.peers.paging_server import PagingServer, paging_server
from tests.support.stack import Names, StackAddress, free_ports, new_names

pytestmark = [pytest.mark.fault, pytest.mark.stack, pytest.mark.timeout(300)]
LANE = "notify.emergency"
COUNT = 30


@asynccontextmanager
async def town(
    kafka: str, mongo: str, names: Names, folder: Path
) -> AsyncIterator[tuple[Installation, PagingServer]]:
    async with paging_server(free_ports(1)[0]) as pagers:
        made = Installation(kafka, mongo, names, folder, devices=True)
        try:
            await made.prepare(with_pagers(an_estate(), pagers.port))
            await made.start("intake", "dispatch.emergency", LANE, "register")
            yield made, pagers
        finally:
            await made.stop()


def alerts(pagers: PagingServer) -> Counter[str]:
    """How often the leader was alerted of the ambulance to each place."""
    mine = [p.text for p in pagers.pages if p.pager == PAGERS["leader-1"] and "AMBULANCE" in p.text]
    return Counter(text.split(" to ")[1].split(".")[0] for text in mine)


async def emergencies(installation: Installation, first: int = 100, count: int = COUNT) -> None:
    for number in range(first, first + count):
        await installation.file("medical", help=["ambulance"], place=f"3栋1单元{number}")


async def all_alerted(pagers: PagingServer, count: int = COUNT, seconds: float = 90) -> bool:
    async def there() -> bool:
        return len(alerts(pagers)) == count

    return await until(there, seconds)


async def test_killed_in_the_middle_of_sending_each_page_comes_and_at_most_twice(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    async with town(stack.bootstrap, stack.mongo_uri, names, tmp_path) as (installation, pagers):
        pagers.send_takes_s = 1.0
        filing = asyncio.create_task(emergencies(installation))

        async def some_are_out() -> bool:
            return len(alerts(pagers)) > COUNT // 4

        assert await until(some_are_out)
        await asyncio.to_thread(installation.processes[LANE].kill)
        await filing
        await installation.restart(LANE)
        assert await all_alerted(pagers), alerts(pagers)
        await asyncio.sleep(3)
        assert max(alerts(pagers).values()) <= 2


async def test_a_copy_that_dies_leaves_its_pages_to_the_other(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    async with town(stack.bootstrap, stack.mongo_uri, names, tmp_path) as (installation, pagers):
        copy = installation.copy_of(LANE)
        await asyncio.to_thread(copy.start)
        try:
            pagers.send_takes_s = 1.0
            filing = asyncio.create_task(emergencies(installation))

            async def some_are_out() -> bool:
                return len(alerts(pagers)) > COUNT // 4

            assert await until(some_are_out)
            await asyncio.to_thread(copy.kill)
            await filing
            assert await all_alerted(pagers), alerts(pagers)
            await asyncio.sleep(3)
            assert max(alerts(pagers).values()) <= 2
        finally:
            await asyncio.to_thread(copy.stop)


async def test_mongodb_and_kafka_killed_meanwhile_leave_nobody_out(own_stack: LocalStack, tmp_path: Path) -> None:
    async with town(own_stack.bootstrap, own_stack.mongo_uri, new_names(), tmp_path) as (installation, pagers):
        await emergencies(installation, count=COUNT // 3)
        own_stack.mongo.kill()
        await emergencies(installation, 200, COUNT // 3)
        await asyncio.to_thread(own_stack.mongo.start)
        await asyncio.to_thread(own_stack.mongo.wait_ready)
        own_stack.kafka.kill()
        await emergencies(installation, 300, COUNT // 3)
        await asyncio.to_thread(own_stack.kafka.start)
        await asyncio.to_thread(own_stack.kafka.wait_ready)
        assert await all_alerted(pagers, seconds=150), alerts(pagers)
        assert max(alerts(pagers).values()) <= 2
