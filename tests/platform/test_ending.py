"""A task that loses its cancellation is ended all the same."""

import asyncio

from shared.platform.ending import end


async def test_a_task_that_lost_its_cancellation_is_cancelled_again() -> None:
    lost = 0

    async def deaf() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
                if lost > 1:
                    raise

    async def failing() -> None:
        raise ValueError("broken")

    tasks = [asyncio.create_task(deaf()), asyncio.create_task(failing()), asyncio.create_task(asyncio.sleep(60))]
    await asyncio.sleep(0)
    failures = await asyncio.wait_for(end(tasks), 30)
    assert (lost, [type(f) for f in failures]) == (2, [type(None), ValueError, type(None)])
