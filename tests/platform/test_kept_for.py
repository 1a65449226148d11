"""What is removed after a time, on a real MongoDB."""

import pytest

from shared.platform.mongo import connect, database, keep_for
from shared.platform.settings import Settings
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack


async def test_another_time_to_keep_is_taken_over_at_the_next_start(stack: StackAddress, names: Names) -> None:
    settings = Settings(mongo=stack.mongo_uri, mongo_database=names.database)
    async with connect(settings) as client:
        found = database(client, settings)["readings"]
        for seconds in (60, 60, 90):
            await keep_for(seconds, found, "stored_at", "kept")
        assert (await found.index_information())["kept"]["expireAfterSeconds"] == 90
