"""A real Chromium for tests of pages, and what such a test watches: nothing may be said on the console."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page

Language = Literal["zh", "en"]
Scheme = Literal["light", "dark"]
SIZES: Mapping[str, tuple[int, int]] = {
    "small-phone": (320, 640),
    "phone": (390, 844),
    "office": (1280, 800),
    "wall": (1920, 1080),
}
"""Width and height in CSS pixels."""
PHONES = ("small-phone", "phone")
LANGUAGE_COOKIE = "baoshi_language"
SESSION_COOKIE = "baoshi_session"


class Violation(NamedTuple):
    """What axe-core found: the rule, how bad, and where (selectors)."""

    rule: str
    impact: str
    help: str
    where: tuple[str, ...]


class Watched:
    """A page whose console is heard. Leaving its context fails when anything was an error."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self._forgiven: list[re.Pattern[str]] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("dialog", self._on_dialog)
        page.on("crash", lambda _: self.faults.append("the page crashed"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    async def _on_dialog(self, dialog: Dialog) -> None:
        """Pages have dialogs of their own; `alert` is what a text tries that wants to be seen to run."""
        self.faults.append(f"{dialog.type}: {dialog.message}")
        await dialog.dismiss()

    def forgive(self, pattern: str) -> None:
        """What a test provokes, as a request that fails because it has stopped the service."""
        self._forgiven.append(re.compile(pattern))

    def unforgiven(self) -> list[str]:
        return [fault for fault in self.faults if not any(p.search(fault) for p in self._forgiven)]

    def check(self) -> None:
        assert not self.unforgiven(), "\n".join(self.unforgiven())


@asynccontextmanager
async def a_context(
    browser: Browser,
    origins: Iterable[str],
    *,
    language: Language = "zh",
    size: str = "office",
    scheme: Scheme = "light",
    token: str | None = None,
) -> AsyncIterator[BrowserContext]:
    """One reader's browser: its own cookies, signed in by the session's `token`. CSP is in force."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="zh-CN" if language == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        has_touch=size in PHONES,
        reduced_motion="reduce",
    )
    cookies = {LANGUAGE_COOKIE: language, **({SESSION_COOKIE: token} if token else {})}
    await context.add_cookies(
        [{"name": name, "value": value, "url": origin} for origin in origins for name, value in cookies.items()]
    )
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def a_page(context: BrowserContext) -> AsyncIterator[Watched]:
    """A new page; whatever it said on its console that was not forgiven fails the test that used it."""
    watched = Watched(await context.new_page())
    yield watched
    watched.check()


async def axe(page: Page, *without: str) -> list[Violation]:
    """The serious and critical findings of WCAG 2.2 AA. `without`: rules left out.

    It works in a world of its own beside the page's scripts: the page's policy stays in force, and nothing of the
    page is changed by it.
    """
    options = {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        "rules": {rule: {"enabled": False} for rule in without},
    }
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    found = await beside(page, script, f"axe.run(document, {json.dumps(options)}).then((r) => r.violations)")
    return [
        Violation(v["id"], v["impact"], v["help"], tuple(str(node["target"]) for node in v["nodes"]))
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


async def beside(page: Page, *scripts: str) -> Any:
    """Runs the scripts in an isolated world of the page and gives what the last one comes to."""
    session = await page.context.new_cdp_session(page)
    try:
        tree = await session.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "beside"})
        said: dict[str, Any] = {}
        for script in scripts:
            said = await session.send(
                "Runtime.evaluate",
                {
                    "expression": script,
                    "contextId": world["executionContextId"],
                    "awaitPromise": script is scripts[-1],
                    "returnByValue": script is scripts[-1],
                },
            )
            if "exceptionDetails" in said:
                raise Error(str(said["exceptionDetails"]))
        return said["result"].get("value")
    finally:
        await session.detach()
