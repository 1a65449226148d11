"""Who may do what at notify's door, with parts at hand: a post's page has no devices; a card waits for MongoDB."""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx2 as httpx
import pytest
from pymongo.errors import ServerSelectionTimeoutError

from services.notify.api import LineApi
from services.notify.post_card import PostCard
from services.notify.settings import NotifySettings
from shared.platform.caller import Caller
from tests.support.callers import callers_over, pages_of
from tests.support.estate import an_estate

ONE = frozenset({"qinghe"})
CALLERS = {
    "post": Caller("post.qinghe.patrol-east", ONE, frozenset({"guard"}), post="patrol-east"),
    "head": Caller("head", ONE, frozenset({"service_head"})),
}


class Known:
    async def estate(self, code: str) -> Any:
        return an_estate(code) if code == "qinghe" else None

    async def by_secret(self, secret: str) -> Caller | None:
        return CALLERS.get(secret)


class Away:
    async def issue(self, estate: str, post: str) -> str:
        raise ServerSelectionTimeoutError


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
    line = LineApi(settings, known, cast(Any, NoDevices()), none, none, none, "glass", callers, pages)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(line.app(_ready)), base_url="http://notify"
    ) as browser:
        yield browser


async def test_a_posts_page_neither_lists_nor_tests_devices(notify: httpx.AsyncClient) -> None:
    path, as_post = "/v1/estates/qinghe/devices", {"authorization": "Bearer post"}
    assert (await notify.get(path, headers={"authorization": "Bearer head"})).status_code == 200
    for answer in (await notify.get(path, headers=as_post), await notify.post(f"{path}/tests", headers=as_post)):
        assert answer.status_code == 403 and answer.json()["type"].endswith("not-for-posts")


async def test_a_card_that_cannot_be_made_is_told_as_a_page(notify: httpx.AsyncClient) -> None:
    wanted, as_head = {"estate": "qinghe", "post": "patrol-east"}, {"authorization": "Bearer head"}
    answer = await notify.post("/post/card", data=wanted, headers=as_head)
    assert answer.status_code == 503 and "现在做不了岗位卡" in answer.text
    refused = await notify.post("/post/card", data=wanted, headers={"authorization": "Bearer post"})
    assert refused.status_code == 403
