"""The installation that the tests of pages look at, and its readers: their sessions, and their browsers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser

from shared.contracts.vocabulary import ROLES
from shared.platform.clock import Clock
from shared.platform.sessions import Who, sessions_of
from tests.pages.evening import Evening, an_evening
from tests.pages.table import PageRow, Reader
from tests.support.browser import Language, Scheme, Watched, a_context, a_page
from tests.support.devices import with_pagers
from tests.support.estate import POSTS, an_estate
from tests.support.installation import Installation
from tests.support.peers.paging_server import paging_server
from tests.support.stack import StackAddress, clear, free_ports, new_names

ORIGIN = "http://127.0.0.1"
"""Of a cookie: a browser sends it to every port."""
ESTATE, OTHER = "qinghe", "duli"
POST = "patrol-east"
SPEED = 5.0
"""Of the clock, so that what nobody answers is overdue before long."""


@asynccontextmanager
async def a_house(stack: StackAddress, browser: Browser, folder: Path) -> AsyncIterator["House"]:
    """Two estates where everybody is on duty, the first one with pagers, after an evening of reports."""
    mine = new_names()
    installation = Installation(stack.bootstrap, stack.mongo_uri, mine, folder, SPEED, devices=True)
    async with paging_server(free_ports(1)[0]) as pagers:
        try:
            await installation.prepare(
                with_pagers(an_estate(ESTATE), pagers.port),
                an_estate(OTHER).model_copy(update={"zh": "独立里", "en": "Duli Lane"}),
            )
            await installation.start()
            yield House(installation, browser, await an_evening(installation, ESTATE, OTHER))
        finally:
            await installation.stop()
            clear(stack, mine)


class House(NamedTuple):
    """All that a test of a page needs."""

    installation: Installation
    browser: Browser
    evening: Evening

    def token(self, reader: Reader, post: str = POST) -> str | None:
        """Of a session that this reader has just begun; None for somebody who has not signed in."""
        if reader == "nobody":
            return None
        installation = self.installation
        return sessions_of(installation.settings, installation.store).issue(_who(reader, post), 8).token

    def address(self, row: PageRow) -> str:
        month = Clock.of(self.installation.settings).now().strftime("%Y-%m")
        path = row.path.format(report=self.evening.emergency, estate=ESTATE, month=month)
        return self.installation.address(row.service) + path

    @asynccontextmanager
    async def opened(
        self,
        row: PageRow,
        *,
        language: Language = "zh",
        size: str = "office",
        scheme: Scheme = "light",
        at: str = "",
        post: str = POST,
    ) -> AsyncIterator[Watched]:
        """The page in a browser of its reader's own, once it has its data. `at`: another address than the row's."""
        token = self.token(row.reader, post)
        async with (
            a_context(self.browser, [ORIGIN], language=language, size=size, scheme=scheme, token=token) as context,
            a_page(context) as watched,
        ):
            # A busy machine's services say for a moment that they are not ready, and the desk asks them.
            watched.forgive("503.*/health/ready")
            # It also asks for the report it has just filed, which register may not have heard of yet.
            watched.forgive("404.*/v1/reports/")
            await watched.page.goto(at or self.address(row))
            await watched.page.wait_for_selector(row.ready)
            yield watched


def _who(reader: Reader, post: str) -> Who:
    if reader == "post":
        name, role = POSTS[post]
        return Who(f"post.{ESTATE}.{post}", name, {ESTATE: frozenset({role})}, {}, post)
    if reader == "gate":
        return Who("staff.gate", "南门岗", {ESTATE: frozenset({"gate_guard"})}, {ESTATE: "gate-1"})
    if reader == "desk":
        return Who("staff.desk", "前台", {ESTATE: frozenset({"customer_assistant"})}, {ESTATE: "desk-1"})
    everything = frozenset(ROLES)
    return Who("staff.head", "主任", {ESTATE: everything, OTHER: everything}, {ESTATE: "head-1"})
