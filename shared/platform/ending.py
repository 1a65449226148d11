"""Ends tasks for certain: a task that goes on holds up the end of its process until that is killed."""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_S = 1.0


async def end(tasks: Iterable[asyncio.Task[Any]]) -> list[BaseException | None]:
    """Cancels each until it is at its end; gives what each failed by, None where it was cancelled or done.

    Once is not enough: what waits for an answer may lose a cancellation that comes together with it. Of the stops
    of a change stream (PyMongo, Python 3.11) one in six went on for good.
    """
    ending = list(tasks)
    left = {task for task in ending if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_S)
    return [None if task.cancelled() else task.exception() for task in ending]
