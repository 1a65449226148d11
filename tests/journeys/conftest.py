"""One installation for all journeys; each files its own reports. The clock runs 20 times as fast.

It ends with the last journey: what nobody answers rings on, and would take the machine from the tests that follow.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from cli.demoing.pager_server import PagerServer, pager_server
from tests.support.calling_off import call_off
from tests.support.devices import with_pagers
from tests.support.estate import an_estate
from tests.support.installation import Installation
from tests.support.peers.paging_server import PagingServer, paging_server
from tests.support.stack import Names, StackAddress, clear, free_ports, new_names

SPEED = 20.0
DEVICES_SPEED = 5.0


@pytest.fixture(scope="package")
def journey_names(stack: StackAddress) -> Iterator[Names]:
    mine = new_names()
    yield mine
    clear(stack, mine)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def everywhere(
    stack: StackAddress, journey_names: Names, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """`qinghe`, where everybody is on duty; `wuren`, which has no leader; `duli`, for the walls between estates."""
    folder: Path = tmp_path_factory.mktemp("journeys")
    installation = Installation(stack.bootstrap, stack.mongo_uri, journey_names, folder, SPEED)
    try:
        await installation.prepare(an_estate(), an_estate("wuren", without=("leader-1",)), an_estate("duli"))
        await installation.start()
        yield installation
    finally:
        await installation.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def town(everywhere: Installation) -> AsyncIterator[Installation]:
    """The same for every journey; what one leaves open is called off, or it would ring through all that follow."""
    yield everywhere
    await call_off(everywhere)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def pagers() -> AsyncIterator[PagingServer]:
    """Where every pager of `paged_town` is reached; a journey that spoils its mood restores it."""
    async with paging_server(free_ports(1)[0]) as server:
        yield server


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def answering() -> AsyncIterator[PagerServer]:
    """Where the two-way pagers of `duli` are reached, whose bearers reply."""
    async with pager_server(free_ports(1)[0]) as server:
        yield server


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def paged_everywhere(
    stack: StackAddress, pagers: PagingServer, answering: PagerServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """With notify: `qinghe`, where everybody has a pager, `wuren`, where the leader and the gates are away, and
    `duli`, whose pagers answer."""
    mine, folder = new_names(), tmp_path_factory.mktemp("paged")
    installation = Installation(stack.bootstrap, stack.mongo_uri, mine, folder, DEVICES_SPEED, devices=True)
    try:
        away = an_estate("wuren", without=("leader-1", "gate-1", "gate-2"))
        one_way = [with_pagers(estate, pagers.port) for estate in (an_estate(), away)]
        two_way = with_pagers(an_estate("duli"), answering.port, two_way=True, poll_s=0.2)
        await installation.prepare(*one_way, two_way)
        await installation.start()
        yield installation
    finally:
        await installation.stop()
        clear(stack, mine)


@pytest_asyncio.fixture(loop_scope="session")
async def paged_town(paged_everywhere: Installation, pagers: PagingServer) -> AsyncIterator[Installation]:
    """The same for every journey of devices, with the paging server in a good mood again afterwards."""
    yield paged_everywhere
    pagers.mood, pagers.send_takes_s = "well", 0.0
    await call_off(paged_everywhere)
