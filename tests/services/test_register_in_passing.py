"""Many rows read a moment at a time: all of them come, and others run in between."""

import asyncio
import contextlib
import itertools
import time

import pytest

from services.register.in_passing import in_passing
from shared.platform.mongo import connect, database
from shared.platform.settings import Settings
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("share", [1.0, 0.5])
async def test_who_counts_slowly_lets_others_run_after_each_row(
    stack: StackAddress, names: Names, share: float
) -> None:
    settings = Settings(mongo=stack.mongo_uri, mongo_database=names.database)
    turns, seen = 0, list[int]()

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with connect(settings) as client:
        rows = database(client, settings).get_collection("many")
        await rows.insert_many([{"_id": number} for number in range(300)])
        running = asyncio.create_task(other())
        async for row in in_passing(rows.find().sort("_id", 1), share):
            assert row["_id"] == len(seen)
            seen.append(turns)
            time.sleep(0.0015)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert len(seen) == 300
    assert all(later > earlier for earlier, later in itertools.pairwise(seen))
