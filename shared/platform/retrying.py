"""Trying again without end, inside the handler, while Kafka or MongoDB is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.metrics import RETRIES
from shared.platform.mongo import passes

T = TypeVar("T")
_LONGEST_S = 5.0


async def until_it_works(service: str, where: str, action: Callable[[], Awaitable[T]]) -> T:
    """Repeats only what goes away by itself, with backoff up to 5 s; every other error is the caller's."""
    wait = 0.05
    while True:
        try:
            return await action()
        except Exception as error:
            if not isinstance(error, Unavailable) and not passes(error):
                raise
            RETRIES.labels(service, where).inc()
            # Ours names no secret; a driver's may quote an address with its password.
            reason = str(error) if isinstance(error, Unavailable) else ""
            log.warning("tried again", where=where, error=type(error).__name__, reason=reason, seconds=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_S)
