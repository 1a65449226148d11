"""One Chromium and one installation for all tests of pages, which end with the last of them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from deploy.local.chromium import chromium
from tests.pages.house import House, a_house
from tests.support.stack import StackAddress

# What a machine that is busy needs at most; how long it took is not judged.
expect.set_options(timeout=60_000)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as one:
        yield one


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def house(
    stack: StackAddress, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """The same for every test; what a test files of its own it calls off, or knows by its id."""
    async with a_house(stack, browser, tmp_path_factory.mktemp("pages")) as one:
        yield one
