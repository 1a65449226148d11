"""Notify's ear as a process of its own that says what it is about to hear, and never gets done with it."""

import asyncio
import sys

from services.notify.channels.channel import Heard, Site
from services.notify.channels.mqtt import Mqtt, Options
from shared.domain.estates.devices import DeviceChannel


async def _hear(heard: Heard) -> None:
    print(type(heard).__name__, flush=True)
    await asyncio.Event().wait()


async def _listen(estate: str, port: int, secret: str) -> None:
    site = Site(estate, DeviceChannel(id="radio", kind="mqtt"), secret, _hear, "line.1")
    await Mqtt(site, Options(host="127.0.0.1", port=port, username="notify")).listen()


if __name__ == "__main__":
    asyncio.run(_listen(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
