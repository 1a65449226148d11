"""Reads many rows a moment at a time and leaves the process to others in between: streams go on meanwhile."""

import asyncio
from collections.abc import AsyncIterator

from pymongo.asynchronous.cursor import AsyncCursor

from shared.platform.mongo import Document

_AT_ONCE = 100
_MOMENT_S = 0.001
"""An event on its way to a page waits for others at each of some ten steps, so that a moment more is ten more."""


async def in_passing(found: AsyncCursor[Document], share: float) -> AsyncIterator[Document]:
    """`share`: how much of the time reading, and whoever takes the rows, may use; the rest is waited."""
    seconds = asyncio.get_running_loop().time
    began = seconds()
    async for row in found.batch_size(_AT_ONCE):
        yield row
        if (used := seconds() - began) > _MOMENT_S:
            await asyncio.sleep(used * (1 / share - 1))
            began = seconds()
