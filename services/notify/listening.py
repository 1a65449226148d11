"""Listens to every channel of every estate, and follows the estates' files as they change."""

import asyncio
import contextlib
from typing import Any

from services.notify.channels.channel import Channel
from services.notify.stations import Stations
from shared.platform.directory import Directory
from shared.platform.ending import end
from shared.platform.errors import Unavailable
from shared.platform.logs import log

_LOOK_S = 2.0


class Listening:
    """One task a channel; one that ends is begun again at the next look.

    `with_sender`: in the emergency lane's process, only those that listen on the line they send on.
    """

    def __init__(self, directory: Directory, stations: Stations, *, with_sender: bool = False) -> None:
        self._directory, self._stations, self._with_sender = directory, stations, with_sender
        self._ears: dict[Channel[Any], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Without end."""
        while True:
            with contextlib.suppress(Unavailable):
                self._follow(await self._wanted())
            await asyncio.sleep(_LOOK_S)

    async def _wanted(self) -> set[Channel[Any]]:
        found: set[Channel[Any]] = set()
        for code in await self._directory.codes():
            estate = await self._directory.estate(code)
            for row in estate.channels if estate else ():
                channel = self._stations.channel(estate, row.id) if estate else None
                if channel and channel.listens_with_the_sender == self._with_sender:
                    found.add(channel)
        return found

    def _follow(self, wanted: set[Channel[Any]]) -> None:
        for channel, ear in tuple(self._ears.items()):
            if channel not in wanted:
                ear.cancel()
            elif ear.done() and not ear.cancelled() and (error := ear.exception()):
                log.error("listening failed", error=type(error).__name__, name=channel.site.row.kind)
            if channel not in wanted or ear.done():
                del self._ears[channel]
        for channel in wanted - self._ears.keys():
            self._ears[channel] = asyncio.create_task(channel.listen())

    async def stop(self) -> None:
        await end(self._ears.values())
