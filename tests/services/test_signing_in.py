"""Signing in at intake, the register and notify, three processes of one installation, as a browser does it."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from starlette.responses import Response

from shared.platform.accounts import Accounts
from shared.platform.passwords import Passwords
from shared.platform.post_links import PostLinks
from shared.platform.sessions import COOKIE, Session, sessions_of
from shared.platform.settings import Settings
from shared.platform.signing_in.cookies import give
from tests.support.browser_like import Browser
from tests.support.estate import an_estate
from tests.support.installation import Installation, until
from tests.support.peers.oidc_provider import CLIENT, SECRET, Provider, oidc_provider
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
RIGHT = "玉兰花开的清晨2026"
DEVICES = "/v1/estates/qinghe/devices/tests"
REPORT = {"estate": "qinghe", "category": "inquiry", "text": "几点开门"}


class House:
    """Three services that run, and the accounts behind them."""

    def __init__(self, installation: Installation, provider: Provider) -> None:
        self.it, self.provider = installation, provider
        sessions = sessions_of(installation.settings, installation.store)
        self.accounts = Accounts(installation.store, sessions, Passwords(installation.settings))
        self.sessions = sessions
        self.browsers: list[Browser] = []

    def browser(self, service: str = "intake") -> Browser:
        self.browsers.append(Browser(self.it.address(service)))
        return self.browsers[-1]

    async def signed_in(self, service: str = "intake") -> Browser:
        browser = self.browser(service)
        assert (await browser.sign_in("wang", RIGHT)).status_code == 303
        return browser

    async def by_provider(self, browser: Browser, next_page: str = "/desk", **change: str) -> httpx.Response:
        """All the way there and back; `change` alters what comes back."""
        there = await browser.get(f"/session/oidc/start?next={next_page}")
        assert there.status_code == 303, there.text
        back = (await browser.client.get(there.headers["location"])).headers["location"]
        query = {k: v[0] for k, v in parse_qs(urlsplit(back).query).items()} | change
        return await browser.client.get(back.partition("?")[0], params=query)


@pytest.fixture
async def house(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[House]:
    async with oidc_provider() as provider:
        (tmp_path / "secret").write_text(SECRET + "\n")
        more = {
            "BAOSHI_ARGON2_PASSES": "1",
            "BAOSHI_ARGON2_MEMORY_KIB": "8192",
            "BAOSHI_SESSION_CHECK_S": "0.2",
            "BAOSHI_OIDC_ISSUER": provider.issuer,
            "BAOSHI_OIDC_CLIENT_ID": CLIENT,
            "BAOSHI_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            "BAOSHI_OIDC_LOGIN_CLAIM": "staff_login",
            "BAOSHI_OIDC_TIMEOUT_S": "2",
        }
        installation = Installation(stack.bootstrap, stack.mongo_uri, names, tmp_path, devices=True, more=more)
        try:
            await installation.prepare(an_estate(), an_estate("lanting"))
            await installation.start("intake", "register", "notify")
            made = House(installation, provider)
            await made.accounts.prepare()
            await made.accounts.add("wang", "王<b>", RIGHT)
            await made.accounts.grant("wang", ["qinghe"], ["customer_assistant"], {"qinghe": "desk-1"})
            yield made
            for browser in made.browsers:
                await browser.close()
        finally:
            await installation.stop()


async def test_one_sign_in_serves_all_services_and_ends_at_all(house: House) -> None:
    it, browser = house.it, house.browser("register")
    assert (await browser.get("/v1/reports")).status_code == 401
    entered = await browser.sign_in("wang", RIGHT, "/board")
    assert entered.status_code == 303 and entered.headers["location"] == "/board"
    cookie = next(c for c in entered.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}="))
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", f"max-age={12 * 3600}"} <= flags and "secure" not in flags
    assert (await browser.get("/v1/reports?estate=qinghe")).status_code == 200
    assert (await browser.get("/v1/reports?estate=lanting")).status_code == 404, "another estate"
    page = await browser.get("/session?language=en")
    assert "王&lt;b&gt;" in page.text and "Customer assistant" in page.text and "Sign out" in page.text
    assert (
        "no-store" in page.headers["cache-control"]
        and "script-src 'self'" in page.headers["content-security-policy"]
    )
    # What changes something needs the page's token, at each service.
    csrf = page.text.split('data-csrf="')[1].split('"')[0]
    for address in (f"{it.address('intake')}/v1/reports", f"{it.address('notify')}{DEVICES}"):
        for token in ({}, {"x-csrf-token": "x"}, {"x-csrf-token": csrf[:-1]}):
            refused = await browser.client.post(address, json=REPORT, headers=token)
            assert refused.status_code == 403 and "no-page-token" in refused.text
    told = await browser.client.post(
        f"{it.address('intake')}/v1/reports", json=REPORT, headers={"x-csrf-token": csrf}
    )
    assert told.status_code == 202, told.text
    rung = await browser.client.post(f"{it.address('notify')}{DEVICES}", headers={"x-csrf-token": csrf})
    assert rung.json()["type"] == "not-your-role", "the token was taken; the desk rings no devices"
    # Signing out needs it too, and a copy of the token is worth nothing afterwards.
    held = browser.client.cookies.get(COOKIE)
    assert (await browser.post("/session/end", {"token": "x"})).status_code == 403
    assert (await browser.submit(page, "/session/end")).status_code == 303
    assert browser.client.cookies.get(COOKIE) is None

    async def over() -> bool:
        answers = [
            await browser.client.get(
                f"{it.address('register')}/v1/reports", headers={"cookie": f"{COOKIE}={held}"}
            ),
            await browser.client.post(
                f"{it.address('intake')}/v1/reports",
                json={},
                headers={"cookie": f"{COOKIE}={held}", "x-csrf-token": csrf},
            ),
            await browser.client.get(
                f"{it.address('notify')}/v1/estates/qinghe/devices", headers={"cookie": f"{COOKIE}={held}"}
            ),
        ]
        return all(answer.status_code == 401 for answer in answers)

    assert await until(over, 30)


async def test_another_site_signs_nobody_in(house: House) -> None:
    browser = house.browser()
    fields = {"login": "wang", "password": RIGHT}
    page = await browser.get("/session")
    mark = page.text.split('name="mark" value="')[1].split('"')[0]
    tries: list[tuple[dict[str, str], dict[str, str]]] = [
        (fields, {}),
        ({**fields, "mark": "x" * 64}, {}),
        ({**fields, "mark": mark}, {"sec_fetch_site": "cross-site"}),
        ({**fields, "mark": mark}, {"origin": "http://evil.test"}),
    ]
    for sent, headers in tries:
        refused = await browser.post("/session", sent, **headers)
        assert refused.status_code == 403 and COOKIE not in refused.headers.get("set-cookie", "")
    stranger = house.browser()
    assert (await stranger.post("/session", {**fields, "mark": mark})).status_code == 403, (
        "a mark without its cookie"
    )
    assert (await browser.post("/session", {**fields, "mark": mark})).status_code == 303
    big = await browser.client.post(
        f"{browser.address}/session",
        content=b"a" * 20_000,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert big.status_code == 413
    assert (await browser.client.post(f"{browser.address}/session", json=fields)).status_code == 415


async def test_it_leads_only_to_our_own_pages(house: House) -> None:
    ours = f"{house.it.address('register')}/board"
    for asked, leads in ((ours, ours), ("//evil.test/", "/session"), ("http://evil.test/", "/session")):
        entered = await house.browser().sign_in("wang", RIGHT, asked)
        assert entered.headers["location"] == leads
    browser = await house.signed_in()
    assert (
        "evil.test"
        not in (await browser.get("/session?next=http://evil.test/"))
        .text.replace("next%3Dhttp", "")
        .split("<main")[1]
    )


async def test_wrong_passwords_wait_and_whoever_is_signed_in_goes_on(house: House) -> None:
    inside, guessing = await house.signed_in(), house.browser("notify")
    answers = [await guessing.sign_in("wang", f"wrong {n}", "/board") for n in range(8)]
    assert [a.status_code for a in answers] == [401] * 6 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) >= 1 and "next=%2Fboard" in answers[-1].text.replace(
        "/board", "%2Fboard"
    )
    assert [(await guessing.sign_in("nobody", "wrong")).status_code for _ in range(8)] == [401] * 6 + [429] * 2
    assert (await guessing.sign_in("wang", RIGHT)).status_code == 429
    assert (await inside.get(f"{house.it.address('register')}/v1/reports")).status_code == 200
    assert (await inside.sign_in_again("wang", RIGHT)).status_code == 303, "a browser that is known"


async def test_a_new_password_ends_the_other_sessions_and_other_roles_all(house: House) -> None:
    here, there, new = await house.signed_in(), await house.signed_in("register"), "另一个很长的密码2026"
    page = await here.get("/session")
    change = {"password": RIGHT, "new": new, "again": new}
    assert (await here.post("/session/password", change)).status_code == 403, "without the page's token"
    for wrong in ({"again": "other"}, {"new": "short", "again": "short"}, {"password": "wrong"}):
        assert (await here.submit(page, "/session/password", **{**change, **wrong})).status_code in (401, 422)
    assert (await here.submit(page, "/session/password", **change)).status_code == 303
    changed = await here.get("/session?changed=1")
    assert "密码已更改" in changed.text

    async def signed_out(browser: Browser) -> bool:
        return (await browser.get(f"{house.it.address('register')}/v1/reports")).status_code == 401

    assert await until(lambda: signed_out(there), 30) and not await signed_out(here)
    assert (await there.sign_in("wang", RIGHT)).status_code == 401
    assert (await there.sign_in("wang", new)).status_code == 303
    await house.accounts.revoke("wang", "qinghe", ["customer_assistant"])
    assert await until(lambda: signed_out(here), 30) and await until(lambda: signed_out(there), 30)
    await house.accounts.set_disabled("wang", True)
    assert (await there.sign_in("wang", new)).status_code == 401


async def test_a_token_that_no_browser_keeps_is_not_given_out(house: House) -> None:
    many = {f"estate-number-{n:03}": ["guard", "gate_guard"] for n in range(100)}
    await house.it.store["accounts"].update_one({"_id": "wang"}, {"$set": {"grants": many}})
    refused = await house.browser().sign_in("wang", RIGHT)
    assert (
        refused.status_code == 409 and "baoshi users grant" in refused.text and COOKIE not in str(refused.headers)
    )


def test_over_tls_the_cookie_goes_over_tls_only() -> None:
    response = Response()
    session = Session("token", "id", "csrf", datetime.now(UTC))
    give(response, session, 1, Settings(cookie_secure=True))
    assert "secure" in response.headers["set-cookie"].lower()


async def test_the_provider_signs_in_whom_it_is_linked_to(house: House) -> None:
    await house.accounts.link("wang", "subject-1")
    for service in ("intake", "register"):
        browser = house.browser(service)
        assert "/session/oidc/start" in (await browser.get("/session")).text
        entered = await house.by_provider(browser, "/desk")
        assert entered.status_code == 303 and entered.headers["location"] == "/desk", entered.text
        assert (await browser.get(f"{house.it.address('register')}/v1/reports")).status_code == 200
    assert set(house.provider.redirects) == {f"{house.it.address('intake')}/session/oidc"}
    house.provider.rotate()
    rotated = await until(lambda: _enters(house), 30)
    assert rotated, "a new key of the provider is asked for"
    await house.accounts.set_disabled("wang", True)
    assert (await house.by_provider(house.browser())).status_code == 403


async def _enters(house: House) -> bool:
    return (await house.by_provider(house.browser())).status_code == 303


async def test_the_provider_may_name_the_login_where_nobody_is_linked(house: House) -> None:
    house.provider.claims = {"staff_login": "wang"}
    assert (await house.by_provider(house.browser())).status_code == 303
    house.provider.claims = {"preferred_username": "wang"}
    unknown = await house.by_provider(house.browser())
    assert unknown.status_code == 403 and "baoshi users link" in unknown.text
    await house.accounts.link("wang", "subject-2")
    house.provider.claims = {"staff_login": "wang"}
    assert (await house.by_provider(house.browser())).status_code == 403, "another subject's account"


async def test_whatever_the_provider_gets_wrong_signs_nobody_in(house: House) -> None:
    await house.accounts.link("wang", "subject-1")
    now = time.time()
    wrong: list[dict[str, Any]] = [
        {"iss": "http://evil.test"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"exp": now - 3600},
        {"exp": "never"},
        {"iat": now + 3600},
        {"nbf": now + 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": ""},
        {"sub": 1},
    ]
    for claims in wrong:
        house.provider.claims = claims
        refused = await house.by_provider(house.browser())
        assert refused.status_code == 401 and COOKIE not in str(refused.headers), claims
    house.provider.claims = {}
    for forge in ("other", "none", "hs256"):
        house.provider.forge = forge
        assert (await house.by_provider(house.browser())).status_code == 401, forge
    house.provider.forge = ""
    for change in ({"state": "another"}, {"code": "another"}, {"iss": "http://evil.test"}, {"code": ""}):
        assert (await house.by_provider(house.browser(), **change)).status_code in (400, 401), change
    # Begun in one browser, finished in another: the attacker's own account in the victim's browser.
    attacker = house.browser()
    there = await attacker.get("/session/oidc/start")
    back = (await attacker.client.get(there.headers["location"])).headers["location"]
    assert (await house.browser().client.get(back)).status_code == 400
    house.provider.claims = {"exp": now - 30}
    assert (await house.by_provider(house.browser(), "//evil.test")).headers["location"] == "/session"


async def test_without_the_provider_passwords_do(house: House) -> None:
    await house.provider.stop()
    browser = house.browser()
    away = await browser.get("/session/oidc/start")
    assert away.status_code == 502 and "用密码登录" in away.text
    assert (await browser.submit(away, "/session", login="wang", password=RIGHT)).status_code == 303


async def test_a_posts_link_opens_its_page_until_there_is_a_newer_one(house: House) -> None:
    key = (house.it.settings.state_dir / "session.key").read_text().strip()
    links = PostLinks(key, house.it.store, house.sessions)
    browser = house.browser("notify")
    opened = await browser.get(f"/post/open/{await links.issue('qinghe', 'gate-south')}")
    assert opened.status_code == 303 and opened.headers["location"] == "/post"
    who = await browser.get("/session")
    assert "南门岗" in who.text and "/session/password" not in who.text
    refused = await browser.submit(who, "/session/end")
    assert refused.status_code == 303
    older = await links.issue("qinghe", "gate-south")
    await links.issue("qinghe", "gate-south")
    assert (await browser.get(f"/post/open/{older}")).status_code == 410


async def test_a_posts_link_puts_nobody_out_who_is_signed_in_unless_he_says_so(house: House) -> None:
    key = (house.it.settings.state_dir / "session.key").read_text().strip()
    links = PostLinks(key, house.it.store, house.sessions)
    south, north = [await links.issue("qinghe", post) for post in ("gate-south", "gate-north")]
    browser = await house.signed_in("notify")
    held = browser.client.cookies.get(COOKIE)
    asked = await browser.get(f"/post/open/{south}?language=en")
    assert asked.status_code == 200 and browser.client.cookies.get(COOKIE) == held
    assert "王&lt;b&gt; is signed in here" in asked.text and "南门岗" in asked.text
    # Another site can send a form, but knows no token.
    for forged in ("", "x"):
        assert (await browser.post(f"/post/open/{south}", {"token": forged})).status_code == 403
    assert browser.client.cookies.get(COOKIE) == held
    assert "王&lt;b&gt;" in (await browser.get("/session")).text, "still signed in"
    agreed = await browser.submit(asked, f"/post/open/{south}")
    assert (agreed.status_code, agreed.headers["location"]) == (303, "/post")
    assert "南门岗" in (await browser.get("/session")).text
    over = {"cookie": f"{COOKIE}={held}"}

    async def ended() -> bool:
        address = f"{house.it.address('register')}/v1/reports"
        async with httpx.AsyncClient() as client:
            return (await client.get(address, headers=over)).status_code == 401

    assert await until(ended, 30), "signed out at every service, as by the button"
    # A guard goes on to the next card without being asked; a form without a session only leads to the link.
    assert (await browser.get(f"/post/open/{north}")).status_code == 303
    nobody = house.browser("notify")
    sent = await nobody.post(f"/post/open/{north}", {"token": ""})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/post/open/{north}")
    assert nobody.client.cookies.get(COOKIE) is None
