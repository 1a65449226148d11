"""One installation for all journeys; each files its own reports. The clock runs 20 times as fast."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.calling_off import call_off
from tests.support.estate import an_estate
from tests.support.installation import Installation
from tests.support.stack import Names, StackAddress, clear, new_names

SPEED = 20.0


@pytest.fixture(scope="session")
def journey_names(stack: StackAddress) -> Iterator[Names]:
    mine = new_names()
    yield mine
    clear(stack, mine)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
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
