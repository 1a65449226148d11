"""A register over a real Kafka and MongoDB, spoken to as the other services would, and readers of its board."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from shared.contracts.event import Addressee
from shared.contracts.vocabulary import Role
from shared.platform.admin_key import ensure_session_key
from shared.platform.records import Taken
from shared.platform.sessions import Sessions, Who
from tests.support.browser import Language, Scheme, Watched, a_context, a_page
from tests.support.estate import an_estate
from tests.support.installation import Installation
from tests.support.kafka import publish
from tests.support.lives import Life, by, taken
from tests.support.stack import StackAddress, new_names

ESTATES = ("lanting", "bihai", "qinghe")
Grants = dict[str, frozenset[Role]]
_DESK: Grants = {estate: frozenset({"customer_assistant", "service_head"}) for estate in ESTATES}


class BoardCase:
    """`tell` puts events on Kafka; `reading` opens the board in a browser of its own."""

    def __init__(self, installation: Installation, browser: Browser) -> None:
        self.installation, self._browser = installation, browser
        settings, self._told = installation.settings, dict[str, int]()
        self._sessions = Sessions(ensure_session_key(settings), installation.store, settings.session_check_s)

    async def tell(self, *lives: Life) -> None:
        """Each event once, in order; a life may be told again with what has been added to it."""
        for life in lives:
            told = self._told.get(life.report_id, 0)
            for one in taken(life.events[told:]):
                await self._publish(one)
            self._told[life.report_id] = len(life.events)

    async def _publish(self, one: Taken) -> None:
        await publish(self.installation.settings, one.incoming.topic, [one.event], "tests")

    @asynccontextmanager
    async def reading(
        self,
        query: str = "",
        language: Language = "zh",
        size: str = "office",
        scheme: Scheme = "light",
        grants: Grants | None = None,
    ) -> AsyncIterator[Watched]:
        who = Who("reader", "王主任", grants or _DESK, dict.fromkeys(ESTATES, "head-1"))
        base = self.installation.address("register")
        token = self._sessions.issue(who, 1).token
        chosen = {"language": language, "size": size, "scheme": scheme}
        async with a_context(self._browser, [base], token=token, **chosen) as context, a_page(context) as watched:  # type: ignore[arg-type]
            # Notify is not part of this test.
            watched.forgive(r"/devices|ERR_|Failed to load resource|Access to fetch|CORS")
            await watched.page.goto(f"{base}/board{query}")
            yield watched


@asynccontextmanager
async def a_board(stack: StackAddress, browser: Browser, folder: Path) -> AsyncIterator[BoardCase]:
    installation = Installation(stack.bootstrap, stack.mongo_uri, new_names(), folder)
    await installation.prepare(*(an_estate(code) for code in ESTATES))
    await installation.start("register")
    try:
        yield BoardCase(installation, browser)
    finally:
        await installation.stop()


def ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def an_emergency(minutes: float = 0, *, limit: float = 60, **fields: Any) -> tuple[Life, str]:
    """Filed so long ago and given to a guard, who has so many minutes to say 明白."""
    fields = {"place": "3栋1单元1201", "estate": "lanting", "text": str(minutes)} | fields
    life = Life("medical", at=ago(minutes), **fields)
    life.opened()
    to = Addressee(role="guard", post="patrol-east")
    task = life.task("go", role="guard", to=to, ack_wait=int(limit * 60), arrive_by=life.at(limit + 5))
    return life, task


def answered(life: Life, task: str, what: str = "acknowledged", minute: float = 1) -> None:
    life.changed(task, what, minute, by=by("guard", "guard-1"))
