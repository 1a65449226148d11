"""What every page has: words in two languages, nothing run that people wrote, nobody else's pages asking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.platform.caller import Caller
from shared.platform.errors import Rejected
from shared.platform.settings import Settings
from shared.platform.web.forms import FORM, read_fields
from shared.platform.web.headers import policy_of
from shared.platform.web.pages import Pages
from tests.support.callers import callers_over

PAGE = """{% extends "layout.html" %}
{% block title %}{{ _("值班看板") }}{% endblock %}
{% block main %}<p>{{ said }}</p>
<p>{{ _("前台") }} {{ name_of("role", "guard") }} {{ name_of("role", "x") }}</p>{% endblock %}
"""
MARKUP = "<script>alert(1)</script>"


POST = Caller("post.qinghe.north", frozenset({"qinghe"}), frozenset({"guard"}), post="north")


class Nobody:
    """Save for a post's page."""

    async def by_secret(self, secret: str) -> Caller | None:
        return POST if secret == "post" else None


@asynccontextmanager
async def browsing(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A service with one page, asked as a browser asks."""
    (folder / "page.html").write_text(PAGE)
    (folder / "assets").mkdir()
    (folder / "assets" / "own.js").write_text("export {};\n")
    chosen = Settings(**settings)
    pages = Pages(chosen, "register", folder, callers_over(Nobody(), chosen))

    async def page(request: Request) -> Response:
        wanted = request.query_params.get("caller")
        if wanted and await pages.caller(request, posts=wanted == "post") is None:
            return pages.sign_in(request)
        return pages.render(request, "page.html", said=MARKUP)

    app = Starlette(routes=[Route("/page", page), *pages.routes()], middleware=pages.middleware())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://register.test") as client:
        yield client


async def test_a_posts_session_opens_only_what_is_for_posts(tmp_path: Path) -> None:
    async with browsing(tmp_path) as browser:
        as_post = {"authorization": "Bearer post"}
        assert (await browser.get("/page?caller=post", headers=as_post)).status_code == 200
        assert (await browser.get("/page?caller=wanted", headers=as_post)).status_code == 303


async def test_chinese_first_and_english_a_switch_away(tmp_path: Path) -> None:
    async with browsing(tmp_path) as browser:
        first = (await browser.get("/page", headers={"accept-language": "en"})).text
        assert 'lang="zh-CN"' in first and "前台 护卫队员 x" in first and "值班看板" in first
        switched = await browser.get("/page?language=en&estate=a")
        assert 'lang="en"' in switched.text and "Desk Guard x" in switched.text
        assert "?estate=a&amp;language=zh" in switched.text
        assert "Desk" in (await browser.get("/page")).text, "remembered"


async def test_what_people_wrote_is_text(tmp_path: Path) -> None:
    async with browsing(tmp_path) as browser:
        page = (await browser.get("/page")).text
        assert MARKUP not in page and "&lt;script&gt;" in page


async def test_a_language_that_is_none_is_chinese(tmp_path: Path) -> None:
    async with browsing(tmp_path) as browser:
        page = await browser.get("/page?language=../../etc")
        assert 'lang="zh-CN"' in page.text and "set-cookie" not in page.headers


@pytest.mark.parametrize("path", ["/page", "/assets/base.css", "/assets/register/own.js", "/nowhere"])
async def test_every_answer_says_what_a_browser_must_not_do(tmp_path: Path, path: str) -> None:
    async with browsing(tmp_path) as browser:
        told = (await browser.get(path)).headers
        assert "script-src 'self'" in told["content-security-policy"]
        assert told["x-content-type-options"] == "nosniff" and told["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in told


async def test_behind_tls_a_browser_is_told_to_stay_there(tmp_path: Path) -> None:
    async with browsing(tmp_path, cookie_secure=True) as browser:
        assert "strict-transport-security" in (await browser.get("/page")).headers


def test_the_policy_allows_no_inline_script_and_nothing_from_elsewhere() -> None:
    policy = policy_of(Settings(pages_intake="", pages_register="", pages_notify=""))
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert policy.startswith("default-src 'none'")


async def test_pages_of_our_own_services_may_ask_and_no_others(tmp_path: Path) -> None:
    async with browsing(tmp_path, pages_intake="https://desk.test") as browser:
        ours = (await browser.get("/page", headers={"origin": "https://desk.test"})).headers
        assert ours["access-control-allow-origin"] == "https://desk.test"
        assert ours["access-control-allow-credentials"] == "true"
        others = (await browser.get("/page", headers={"origin": "https://evil.test"})).headers
        assert "access-control-allow-origin" not in others


async def test_who_is_not_signed_in_is_led_there_and_back(tmp_path: Path) -> None:
    async with browsing(tmp_path) as browser:
        led = await browser.get("/page?caller=wanted&x=1", follow_redirects=False)
        assert (
            led.status_code == 303 and led.headers["location"] == "/session?next=%2Fpage%3Fcaller%3Dwanted%26x%3D1"
        )


async def test_scripts_have_the_words_of_their_page(tmp_path: Path) -> None:
    async with browsing(tmp_path) as browser:
        words = await browser.get("/assets/register/words-en.js")
        assert words.headers["content-type"].startswith("text/javascript") and '"前台": "Desk"' in words.text
        assert '"guard": ["护卫队员", "Guard"]' in (await browser.get("/assets/names-table.js")).text


async def test_a_form_is_read_within_bounds_of_size_fields_and_time() -> None:
    async def asked(parts: list[bytes], kind: str = FORM, seconds: float = 5.0) -> Any:
        waiting = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

        async def receive() -> Any:
            if not waiting:
                await asyncio.sleep(60)
            part = waiting.pop(0)
            return {**part, "more_body": part["body"] != b"&end="}

        request = Request({"type": "http", "headers": [(b"content-type", kind.encode())]}, receive)
        try:
            return await read_fields(request, 60, seconds)
        except Rejected as refused:
            return refused.status

    whole = [("a", "东门"), ("a", "2"), ("end", "")]
    assert await asked([b"a=%E4%B8%9C%E9%97%A8&a=2", b"&end="], f"{FORM}; charset=utf-8") == whole
    assert await asked([b"a=1", b"&end="], "application/json") == 415
    assert await asked([b"a=" + b"x" * 60, b"&end="]) == 413
    assert await asked([b"a=1"], seconds=0.05) == 408
    assert await asked([b"&" * 30, b"&end="]) == 400
    assert await asked([b"a=%ff", b"&end="]) == 400
