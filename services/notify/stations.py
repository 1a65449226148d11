"""The channels of this process that are in use: one a row of an estate's file, made when first used."""

import asyncio
import time
from typing import Any

from services.notify.channel_secrets import secret_named
from services.notify.channels.channel import Channel, Hear, Site
from services.notify.channels.table import CHANNELS, options_of
from services.notify.settings import NotifySettings
from shared.domain.estates.devices import DeviceChannel
from shared.domain.estates.roster import Estate

_SECRET_S = 10.0


class Stations:
    """A changed row makes a new channel; the old one is closed once nothing of it is under way any more."""

    def __init__(self, settings: NotifySettings, name: str, hear: Hear) -> None:
        self._settings, self._name, self._hear = settings, name, hear
        self._live: dict[tuple[str, str], tuple[DeviceChannel, str | None, Channel[Any]]] = {}
        self._secrets: dict[str, tuple[float, str | None]] = {}
        self._retired: dict[Channel[Any], asyncio.Task[None]] = {}

    def channel(self, estate: Estate, channel_id: str) -> Channel[Any] | None:
        """None where the estate has no such channel, or one whose kind or options are not known here."""
        row = next((c for c in estate.channels if c.id == channel_id), None)
        options = options_of(row) if row else None
        if row is None or options is None:
            return None
        key = (estate.estate, channel_id)
        secret = self._secret(row.secret) if row.secret else None
        known = self._live.get(key)
        if known and known[0] == row and known[1] == secret:
            return known[2]
        made = CHANNELS[row.kind](Site(estate.estate, row, secret, self._hear, self._name), options)
        self._live[key] = (row, secret, made)
        if known:
            self._retire(known[2])
        return made

    def _secret(self, name: str) -> str | None:
        """Read again from time to time: a new one counts without a restart."""
        known = self._secrets.get(name)
        if known is None or time.monotonic() - known[0] > _SECRET_S:
            found = secret_named(name, self._settings.secrets_dir)
            # A file that is just being replaced is not a secret that is gone.
            known = (time.monotonic(), found or (known[1] if known else None))
            self._secrets[name] = known
        return known[1]

    def _retire(self, channel: Channel[Any]) -> None:
        async def later() -> None:
            await asyncio.sleep(self._settings.notify_send_s)
            await channel.close()
            self._retired.pop(channel, None)

        self._retired[channel] = asyncio.create_task(later())

    async def close(self) -> None:
        """All of them, old ones too."""
        for task in self._retired.values():
            task.cancel()
        every = [*self._retired, *(channel for _, _, channel in self._live.values())]
        await asyncio.gather(*(channel.close() for channel in every), return_exceptions=True)
        self._retired.clear()
        self._live.clear()
