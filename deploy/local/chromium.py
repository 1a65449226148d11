"""A Chromium without a screen, for tests of pages and for what is measured in one: the same for both."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from deploy.local.peers import environment, find

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The one on PATH or below `.local/peers`. Raises PeerMissing, which says how to get it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find("chromium"), args=_FLAGS, env={**os.environ, **environment()}
        )
        try:
            yield browser
        finally:
            await browser.close()
