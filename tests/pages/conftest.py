"""One Chromium and one installation for all tests of pages; the clock runs five times as fast."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.pages.evening import an_evening
from tests.pages.house import ESTATE, OTHER, House
from tests.support.browser import chromium
from tests.support.devices import with_pagers
from tests.support.estate import an_estate
from tests.support.installation import Installation
from tests.support.peers.paging_server import paging_server
from tests.support.stack import StackAddress, clear, free_ports, new_names

SPEED = 5.0


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    stack: StackAddress, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Two estates where everybody is on duty, the first one with pagers, after an evening of reports."""
    mine, folder = new_names(), tmp_path_factory.mktemp("pages")
    installation = Installation(stack.bootstrap, stack.mongo_uri, mine, folder, SPEED, devices=True)
    async with paging_server(free_ports(1)[0]) as pagers:
        try:
            await installation.prepare(with_pagers(an_estate(ESTATE), pagers.port), an_estate(OTHER))
            await installation.start()
            yield House(installation, browser, await an_evening(installation, ESTATE, OTHER))
        finally:
            await installation.stop()
            clear(stack, mine)
