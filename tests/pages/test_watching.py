"""The browser tests can fail: what goes wrong in a page is heard, under the pages' own policy."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route

from shared.platform.settings import Settings
from shared.platform.web.headers import policy_of
from tests.pages.keyboard import tab_through
from tests.support.browser import Watched, a_context, axe, beside

pytestmark = pytest.mark.asyncio(loop_scope="session")
ORIGIN = "http://pages.test"
LAYOUT = (
    "<!doctype html><html lang=zh><head><meta charset=utf-8><title>t</title>{head}</head><body><main>{body}</main>"
)


@pytest_asyncio.fixture(loop_scope="session")
async def watched(browser: Browser) -> AsyncIterator[Watched]:
    """A page of this test alone, which checks by itself."""
    async with a_context(browser, [ORIGIN]) as context:
        yield Watched(await context.new_page())


async def show(watched: Watched, body: str, head: str = "") -> None:
    """As if a service had served it, with the policy of every page."""
    policy = policy_of(Settings(pages_intake="", pages_register="", pages_notify=""))

    async def serve(route: Route) -> None:
        headers = {"content-security-policy": policy}
        await route.fulfill(body=LAYOUT.format(head=head, body=body), content_type="text/html", headers=headers)

    await watched.page.route(f"{ORIGIN}/page", serve)
    await watched.page.goto(f"{ORIGIN}/page")


async def test_a_quiet_page_has_no_fault(watched: Watched) -> None:
    await show(watched, "<h1>报事</h1><button type=button>明白</button>")
    assert await axe(watched.page) == []
    watched.check()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>document.title = 1</script>", "script-src"),
        ("<p style='color: red'>x</p>", "style-src"),
        ("<img alt='' src=x onerror='alert(1)'>", "script-src"),
        ("<img alt='' src='http://elsewhere.test/a.png'>", "img-src"),
    ],
)
async def test_what_the_policy_forbids_is_heard(watched: Watched, body: str, said: str) -> None:
    await show(watched, body)
    await beside(watched.page, "new Promise((done) => setTimeout(done, 100))")
    assert said in "\n".join(watched.faults)
    with pytest.raises(AssertionError, match=said):
        watched.check()


async def test_markup_from_text_is_refused_by_trusted_types(watched: Watched) -> None:
    await show(watched, "<p id=it></p>")
    refused = await watched.page.evaluate(
        "() => { try { document.getElementById('it').innerHTML = '<b>x</b>'; } catch (e) { return e.name; } }"
    )
    assert refused == "TypeError"
    assert "requires 'TrustedHTML'" in "\n".join(watched.faults)


async def test_an_error_nobody_caught_is_heard_and_one_that_was_provoked_forgiven(watched: Watched) -> None:
    await show(watched, "<p>x</p>")
    await watched.page.evaluate("() => { setTimeout(() => { throw new Error('away') }); }")
    await watched.page.wait_for_event("pageerror", timeout=5000) if not watched.faults else None
    assert [f for f in watched.faults if "away" in f]
    watched.forgive("away")
    watched.check()


async def test_axe_finds_what_nobody_can_read_or_hear(watched: Watched) -> None:
    await show(watched, "<h1>x</h1><button type=button></button><input>")
    assert {v.rule for v in await axe(watched.page)} == {"button-name", "label", "target-size"}
    assert {v.rule for v in await axe(watched.page, "label", "target-size")} == {"button-name"}


async def test_what_the_keyboard_does_not_reach_or_show_is_named(watched: Watched) -> None:
    fields = "<a href=/page>1</a><input type=month aria-label=m>"
    body = fields + "<button type=button id=no tabindex=-1>2</button><input id=last aria-label=x>"
    await show(watched, body)
    assert (await tab_through(watched.page)) == (["button#no"], [])
    await watched.page.evaluate("() => { document.getElementById('last').style.outline = 'none'; }")
    _, [unseen] = await tab_through(watched.page)
    assert 'id="last"' in unseen
