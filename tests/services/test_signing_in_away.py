"""Signing in while MongoDB is away: said so, and whoever is signed in goes on and can leave."""

from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from shared.platform.callers import Callers
from shared.platform.mongo import connect, database
from shared.platform.sessions import COOKIE, Who, sessions_of
from shared.platform.settings import Settings
from shared.platform.signing_in.post_page import post_route
from shared.platform.signing_in.routes import session_routes
from shared.platform.web.pages import Pages
from tests.support.browser_like import Browser
from tests.support.stack import free_ports


class Nobody:
    async def by_secret(self, secret: str) -> None:
        return None


async def test_without_mongodb_the_page_says_so_and_sessions_go_on(tmp_path: Path) -> None:
    settings = Settings(mongo=f"mongodb://127.0.0.1:{free_ports(1)[0]}/", state_dir=tmp_path)
    async with connect(settings) as client:
        store = database(client, settings)
        sessions = sessions_of(settings, store)
        callers = Callers(Nobody(), sessions)  # type: ignore[arg-type]
        pages = Pages(settings, "notify", tmp_path, callers)
        pages.add([*session_routes(settings, store, pages, callers), post_route(settings, store, pages, callers)])
        app = Starlette(routes=pages.routes(), middleware=pages.middleware())
        browser = Browser("http://notify.test")
        browser.client = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        away = await browser.sign_in("wang", "a long password")
        assert away.status_code == 503 and "数据库没有应答" in away.text
        session = sessions.issue(Who("staff.wang", "王", {}, {}), 1)
        browser.client.cookies.set(COOKIE, session.token, domain="notify.test")
        inside = await browser.get("/session")
        assert "退出登录" in inside.text
        left = await browser.submit(inside, "/session/end")
        assert left.status_code == 503 and "已在此浏览器退出" in left.text and "退出登录" not in left.text
        assert browser.client.cookies.get(COOKIE) is None
        assert (await browser.get("/post/open/a.b.c")).status_code == 410
        await browser.close()


@pytest.mark.parametrize("secure", [True, False])
async def test_over_tls_a_browser_is_told_to_forget_what_it_kept_of_pages(tmp_path: Path, secure: bool) -> None:
    """Not its storage: a phone keeps there what it could not send yet."""
    settings = Settings(mongo=f"mongodb://127.0.0.1:{free_ports(1)[0]}/", state_dir=tmp_path, cookie_secure=secure)
    async with connect(settings) as client:
        store = database(client, settings)
        callers = Callers(Nobody(), sessions_of(settings, store))  # type: ignore[arg-type]
        pages = Pages(settings, "notify", tmp_path, callers)
        app = Starlette(routes=session_routes(settings, store, pages, callers))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://notify.test") as browser:
            left = await browser.post("/session/end", data={"token": ""})
        assert left.status_code == 303 and left.headers.get("clear-site-data") == ('"cache"' if secure else None)
