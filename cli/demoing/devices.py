"""The evening's devices: a paging server that takes every page, and two handhelds whose bearers answer by key."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from cli.demoing.pager_server import Paged, pager_server
from cli.demoing.screen import Screen
from cli.handhelds.handheld import Handheld, Shown
from cli.installation import MOSQUITTO, Installation
from services.notify.channels.mqtt_link import Broker
from services.notify.channels.mqtt_topics import device_user
from shared.contracts.ids import parse_report_id
from shared.domain.estates.roster import Estate

KEYS = {"acknowledge": "1", "start": "2", "arrive": "3"}
"""What a key says by itself; the rest wants an outcome or a name, and is said at the desk (PLAYBOOKS 10)."""
_URGENT = 1


class Carried(NamedTuple):
    """A handheld at a post of an estate."""

    estate: str
    post: str
    handheld: Handheld


class Devices:
    """`answers`: how many keys were pressed; `pages`: how many pages the paging server took."""

    def __init__(self, carried: Sequence[Carried]) -> None:
        self._carried = {(one.estate, one.post): one.handheld for one in carried}
        self.pages, self.answers = 0, 0

    @property
    def shown(self) -> int:
        return sum(len(handheld.messages) for handheld in self._carried.values())

    def say(self, task_id: str, body: dict[str, Any]) -> bool:
        """True where somebody at a post with a handheld says it by a key; the others go to the door."""
        handheld = self._carried.get(
            (parse_report_id(task_id.rsplit(".", 2)[0]).estate, body["by"].get("post", ""))
        )
        key = KEYS.get(body["type"])
        shown = _shown(handheld, task_id) if handheld else None
        if handheld is None or key is None or shown is None:
            return False
        handheld.chosen = shown
        handheld.answer(key)
        self.answers += 1
        return True


def _shown(handheld: Handheld, task_id: str) -> Shown | None:
    return next((s for s in reversed(handheld.messages) if s.message.task_id == task_id and s.message.code), None)


@asynccontextmanager
async def devices_of(
    installation: Installation, estates: Iterable[Estate], screen: Screen
) -> AsyncIterator[Devices]:
    """Switched on inside the block: a handheld for each device on MQTT, connected, and the paging server."""
    estates = list(estates)
    carried = [
        Carried(estate.estate, device.address, _handheld(installation, estate, device.address, screen))
        for estate in estates
        for device in estate.devices
        if device.channel in {c.id for c in estate.channels if c.kind == "mqtt"}
    ]
    devices = Devices(carried)

    def on_page(page: Paged) -> None:
        devices.pages += 1
        if page.level <= _URGENT:
            screen.paged(page.pager, page.text)

    async with AsyncExitStack() as on:
        await on.enter_async_context(pager_server(installation.snpp_port, on_page))
        running = [asyncio.create_task(one.handheld.run()) for one in carried]
        on.push_async_callback(_ended, running)
        while any(one.handheld.state == "away" for one in carried):
            await asyncio.sleep(0.05)
        yield devices


def _handheld(installation: Installation, estate: Estate, post: str, screen: Screen) -> Handheld:
    user = device_user(estate.estate, post)
    password = (MOSQUITTO / "secrets" / user).read_text(encoding="utf-8").strip()
    broker = Broker("127.0.0.1", installation.mqtt_port, user, password)
    return Handheld(
        broker,
        estate.estate,
        post,
        on_message=lambda shown: screen.radioed(estate.estate, post, shown.message.text),
    )


async def _ended(running: Sequence["asyncio.Task[None]"]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
