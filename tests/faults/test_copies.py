"""Two copies that claim one place in the group: one of them ends its process, and nothing is worked by both."""

import asyncio

import pytest

from tests.support.accounts import assert_once, settle
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.fault, pytest.mark.stack]


async def test_a_fenced_copy_ends_its_process(installation: Installation) -> None:
    """The same `group.instance.id` twice: Kafka puts out the older one, which must not go on by itself."""
    twin = installation.copy_of("dispatch.routine", number=1)
    first = installation.processes["dispatch.routine"]
    try:
        await asyncio.to_thread(twin.start)

        async def one_has_ended() -> bool:
            return not first.alive() or not twin.alive()

        assert await until(one_has_ended, 60), "both copies go on"
        ended = twin if not twin.alive() else first
        assert "ended by a failure" in ended.log_tail()
        accepted = [await installation.file("inquiry", form="oral", text=f"第{n}问") for n in range(5)]
        await settle(installation, accepted)
        await assert_once(installation, accepted)
    finally:
        await asyncio.to_thread(twin.stop)
