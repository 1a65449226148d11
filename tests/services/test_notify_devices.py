"""A handheld on a real broker and pagers on a real server: answered by key, lost, silent, tested every day."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from cli.handhelds.handheld import Handheld
from shared.domain.estates.devices import Device, DeviceChannel
from tests.support.devices import PAGERS, with_pagers
from tests.support.estate import an_estate
from tests.support.installation import Installation, until
from tests.support.peers.mosquitto import ESTATE, Mosquitto, mosquitto
from tests.support.peers.paging_server import PagingServer, paging_server
from tests.support.stack import Names, StackAddress, free_ports

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]
SERVICES = ("intake", "dispatch.emergency", "notify", "notify.emergency", "notify.routine", "register")


class Town:
    def __init__(self, installation: Installation, broker: Mosquitto, pagers: PagingServer) -> None:
        self.installation, self.broker, self.pagers = installation, broker, pagers

    async def paged(self, person: str, *words: str, seconds: float = 60.0) -> str:
        found: list[str] = []

        async def there() -> bool:
            found[:] = [t for t in self.pagers.texts(PAGERS[person]) if all(w in t for w in words)]
            return bool(found)

        assert await until(there, seconds), f"{person} was not paged {words}: {self.pagers.pages}"
        return found[0]

    async def line(self, method: str, path: str, key: str | None = None) -> httpx.Response:
        """The line's own HTTP, as the administrator unless another key is given."""
        headers = {"Authorization": f"Bearer {self.installation.key if key is None else key}"}
        async with httpx.AsyncClient(base_url=self.installation.address("notify"), trust_env=False) as client:
            return await client.request(method, path, headers=headers)


@asynccontextmanager
async def town(stack: StackAddress, names: Names, folder: Path, **more: str) -> AsyncIterator[Town]:
    """The south gate has a radio before its pager; the north gate's device is on a server that is not there."""
    async with mosquitto() as broker, paging_server(free_ports(1)[0]) as pagers:
        secrets = folder / "secrets"
        secrets.mkdir()
        (secrets / "notify").write_text(broker.as_notify().password or "")
        radio: dict[str, Any] = {"host": "127.0.0.1", "port": broker.port, "username": "notify"}
        channels = (
            DeviceChannel(id="radio", kind="mqtt", secret="notify", options=radio),
            DeviceChannel(id="dead", kind="snpp", options={"host": "127.0.0.1", "port": free_ports(1)[0]}),
        )
        devices = (
            Device(id="radio-south", channel="radio", address="gate-south", post="gate-south"),
            Device(id="dead-north", channel="dead", address="77", post="gate-north"),
        )
        settings = {"BAOSHI_NOTIFY_SECRETS_DIR": str(secrets), **more}
        made = Installation(stack.bootstrap, stack.mongo_uri, names, folder, devices=True, more=settings)
        try:
            await made.prepare(with_pagers(an_estate(ESTATE), pagers.port, *devices, channels=channels))
            await made.start(*SERVICES)
            yield Town(made, broker, pagers)
        finally:
            await made.stop()


@asynccontextmanager
async def carried(broker: Mosquitto) -> AsyncIterator[tuple[Handheld, "asyncio.Task[None]"]]:
    handheld = Handheld(broker.as_post("gate-south"), ESTATE, "gate-south")
    running = asyncio.create_task(handheld.run())

    async def connected() -> bool:
        return handheld.state == "connected"

    try:
        assert await until(connected, 20)
        yield handheld, running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_key_on_the_handheld_carries_the_task_on(stack: StackAddress, names: Names, tmp_path: Path) -> None:
    async with town(stack, names, tmp_path) as at, carried(at.broker) as (handheld, _):
        report = await at.installation.file("medical", estate=ESTATE, help=["ambulance"], place="3栋1单元1201")
        await at.installation.complete(report, "tell_leader", "told", "shift_leader")

        async def shown() -> bool:
            return any("120将到" in one.message.text for one in handheld.messages)

        assert await until(shown, 40)
        task = f"{report}.meet.1"
        await at.installation.seen(report, "delivery.delivered", task_id=task, device="radio-south")
        handheld.answer("1")
        said = await at.installation.seen(report, "reply.acknowledged", task_id=task)
        assert said["by"] == {"role": "gate_guard", "person": "gate-1", "post": "gate-south"}
        handheld.answer("3")
        await at.installation.seen(report, "reply.arrived", task_id=task)
        handheld.answer("9")
        await at.installation.seen(report, "amendment.grade_changed", grade="major")


async def test_a_handheld_that_is_lost_is_told_to_the_head_once_and_seen_again_when_it_comes_back(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    async with town(stack, names, tmp_path, BAOSHI_NOTIFY_LOST_AFTER_S="2") as at:
        async with carried(at.broker):

            async def seen() -> bool:
                return "seen_at" in await _device(at, "radio-south")

            assert await until(seen, 30)
        await at.paged("head-1", "DEVICE SILENT: radio-south")
        assert "lost_at" in await _device(at, "radio-south")
        async with carried(at.broker):

            async def well() -> bool:
                return "lost_at" not in await _device(at, "radio-south")

            assert await until(well, 30)
        silent = [t for t in at.pagers.texts(PAGERS["head-1"]) if "radio-south" in t]
        assert len(silent) == 1


async def test_every_device_is_tested_each_day_and_a_silent_one_is_told_to_the_head(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    more = {"BAOSHI_NOTIFY_TESTS": "true", "BAOSHI_NOTIFY_TEST_HOUR": "0"}
    async with town(stack, names, tmp_path, **more) as at:
        for person in ("leader-1", "guard-1", "desk-1"):
            await at.paged(person, "DEVICE TEST")
        await at.paged("head-1", "DEVICE SILENT: dead-north", seconds=90)
        assert (await _device(at, "pager-leader-1"))["tested_on"]
        await asyncio.sleep(7)
        tests = [t for t in at.pagers.texts(PAGERS["leader-1"]) if "DEVICE TEST" in t]
        assert len(tests) == 1


async def test_a_test_now_and_the_listing_are_for_the_estates_own_keys_and_show_no_address(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    async with town(stack, names, tmp_path) as at:
        path = f"/v1/estates/{ESTATE}/devices"
        assert (await at.line("GET", path, "no-such-key")).status_code == 401
        assert (await at.line("GET", "/v1/estates/nowhere/devices")).status_code == 404
        listed = (await at.line("GET", path)).json()["devices"]
        assert len(listed) == 2 + len(PAGERS) and not any("address" in row for row in listed)
        asked = await at.line("POST", f"{path}/tests?device=pager-guard-2")
        assert asked.status_code == 202 and [t["device"] for t in asked.json()["tests"]] == ["pager-guard-2"]
        await at.paged("guard-2", "DEVICE TEST")
        assert (await at.line("POST", f"{path}/tests?post=nowhere")).status_code == 404


async def _device(at: Town, device: str) -> dict[str, Any]:
    rows = (await at.line("GET", f"/v1/estates/{ESTATE}/devices")).json()["devices"]
    return next(dict(row) for row in rows if row["device"] == device)
