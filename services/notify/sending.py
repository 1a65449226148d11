"""One page by one channel: asked again while the channel says so, and always with a word of what came of it."""

import asyncio
from collections.abc import Callable
from typing import Any

from services.notify.channels.channel import Channel, Outcome, Page, Refused, Retry
from shared.platform.logs import log

_LEAST_PAUSE_S = 0.05


async def send(channel: Channel[Any], page: Page, patience_s: float, wanted: Callable[[], bool]) -> Outcome:
    """Never raises: a channel's own fault must not leave the holder unrung, the next device is tried."""
    try:
        async with asyncio.timeout(patience_s):
            while wanted():
                outcome = await channel.send(page)
                if not isinstance(outcome, Retry):
                    return outcome
                await asyncio.sleep(max(outcome.after, _LEAST_PAUSE_S))
            return Refused("no_longer_wanted")
    except TimeoutError:
        return Refused("no_answer")
    except Exception as error:
        log.error("channel failed", error=type(error).__name__, name=channel.site.row.kind)
        return Refused("failure")
