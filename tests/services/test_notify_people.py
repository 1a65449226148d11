"""Who may do what at notify's door, with parts at hand: a post's page has no devices; a card waits for MongoDB."""

from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

import httpx2 as httpx
import pytest
from pymongo.errors import ServerSelectionTimeoutError

from services.notify.api import LineApi
from services.notify.post_card import PostCard
from services.notify.settings import NotifySettings
from shared.contracts.vocabulary import ROLES
from shared.domain.estates.devices import Device, DeviceChannel
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller
from tests.support.callers import callers_over, pages_of
from tests.support.estate import an_estate

ONE = frozenset({"qinghe"})
CALLERS = {
    "post": Caller("post.qinghe.patrol-east", ONE, frozenset({"guard"}), post="patrol-east"),
    "head": Caller("head", ONE, frozenset({"service_head"})),
    "admin": Caller("admin", None, frozenset(ROLES)),
    **{role: Caller(role, ONE, frozenset({role}), {"qinghe": frozenset({role})}) for role in ROLES},
    # Runs another estate, and is a guard here.
    "elsewhere": Caller(
        "staff.he",
        frozenset({"qinghe", "lanting"}),
        frozenset({"guard", "shift_leader"}),
        {"qinghe": frozenset({"guard"}), "lanting": frozenset({"shift_leader"})},
    ),
}
SERVER = DeviceChannel(id="pager", kind="snpp")
PAGER = Device(id="pager-1", channel="pager", address="4711", post="patrol-east")


class Known:
    async def estate(self, code: str) -> Any:
        if code != "qinghe":
            return None
        return an_estate(code).model_copy(update={"channels": (SERVER,), "devices": (PAGER,)})

    async def by_secret(self, secret: str) -> Caller | None:
        return CALLERS.get(secret)


class Away:
    async def issue(self, estate: str, post: str) -> str:
        raise ServerSelectionTimeoutError


class Rings:
    async def test_now(self, _: Estate, devices: tuple[Device, ...]) -> list[tuple[str, UUID]]:
        return [(device.id, UUID(int=1)) for device in devices]


class NoDevices:
    async def of(self, estate: str) -> dict[str, Any]:
        return {}


async def _ready() -> dict[str, bool]:
    return {}


@pytest.fixture
async def notify() -> AsyncIterator[httpx.AsyncClient]:
    settings, known = NotifySettings(), cast(Any, Known())
    callers, none = callers_over(known), cast(Any, None)
    pages = pages_of("notify", callers)
    pages.add(PostCard(settings, known, callers, pages, cast(Any, Away())).routes())
    line = LineApi(settings, known, cast(Any, NoDevices()), cast(Any, Rings()), none, none, "glass", callers, pages)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(line.app(_ready)), base_url="http://notify"
    ) as browser:
        yield browser


async def test_a_posts_page_neither_lists_nor_tests_devices(notify: httpx.AsyncClient) -> None:
    path, as_post = "/v1/estates/qinghe/devices", {"authorization": "Bearer post"}
    assert (await notify.get(path, headers={"authorization": "Bearer head"})).status_code == 200
    for answer in (await notify.get(path, headers=as_post), await notify.post(f"{path}/tests", headers=as_post)):
        assert answer.status_code == 403 and answer.json()["type"].endswith("not-for-posts")


RUN_IT = {"admin", "head", "shift_leader", "security_supervisor", "service_head", "management_director"}


@pytest.mark.parametrize("who", sorted(CALLERS.keys() - {"post"}))
async def test_only_who_runs_the_estate_rings_a_device_to_test_it(notify: httpx.AsyncClient, who: str) -> None:
    headers = {"authorization": f"Bearer {who}", "accept-language": "en"}
    answer = await notify.post("/v1/estates/qinghe/devices/tests", headers=headers)
    assert answer.status_code == (202 if who in RUN_IT else 403), answer.text
    if who not in RUN_IT:
        assert answer.json()["type"] == "not-your-role" and "ask one of them" in answer.json()["detail"]


async def test_a_card_that_cannot_be_made_is_told_as_a_page(notify: httpx.AsyncClient) -> None:
    wanted, as_head = {"estate": "qinghe", "post": "patrol-east"}, {"authorization": "Bearer head"}
    answer = await notify.post("/post/card", data=wanted, headers=as_head)
    assert answer.status_code == 503 and "现在做不了岗位卡" in answer.text
    refused = await notify.post("/post/card", data=wanted, headers={"authorization": "Bearer post"})
    assert refused.status_code == 403
