"""A register with its pages over a real MongoDB, on a port of its own, and signed-in readers of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx

from services.register.api import register_app
from services.register.handlers import Handlers
from services.register.numbers import Numbers
from services.register.settings import RegisterSettings
from services.register.store import Store
from services.register.window import Window
from shared.contracts.event import Event
from shared.contracts.vocabulary import Role
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import connect, database
from shared.platform.service import serving
from shared.platform.sessions import COOKIE, Who
from tests.support.estate import an_estate
from tests.support.lives import MORNING, Life, taken
from tests.support.stack import Names, StackAddress, free_ports


class Standing(Clock):
    """A quarter of an hour after the morning's first report."""

    def now(self) -> Any:
        return MORNING + timedelta(minutes=15)


class ReportRegister:
    """`address` is where it is served; `take` registers lives."""

    def __init__(self, mongo: Any, settings: RegisterSettings) -> None:
        self.mongo, self.address = mongo, settings.pages_register
        directory = Directory(mongo, max_age_s=0)
        self._handlers = Handlers(Store(mongo), Numbers(mongo, directory))
        window = Window.over(settings, mongo, directory, Standing(), self._ready)
        self._sessions, self.live = window.callers.sessions, window.live
        self.app = register_app(window)

    async def _ready(self) -> dict[str, bool]:
        return {}

    async def take(self, *lives: Life) -> None:
        await self._handlers.on_batch(taken([event for life in lives for event in life.events]))

    async def take_events(self, events: list[Event]) -> None:
        await self._handlers.on_batch(taken(events))

    def session(self, *roles: Role, estate: str = "lanting", name: str = "何雁") -> dict[str, str]:
        """Cookie and the page's token."""
        begun = self._sessions.issue(Who("he-yan", name, {estate: frozenset(roles)}, {estate: "desk-1"}), 8)
        return {COOKIE: begun.token, "csrf": begun.csrf}

    async def ask(
        self, method: str, path: str, session: dict[str, str], body: Any = None, *, forged: bool = False
    ) -> httpx.Response:
        """As the page asks; `forged`: as somebody else's page would, without the token."""
        headers = {"cookie": f"{COOKIE}={session[COOKIE]}"} | ({} if forged else {"x-csrf-token": session["csrf"]})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=self.address) as client:
            return await client.request(method, path, headers=headers, json=body)


@asynccontextmanager
async def a_report_register(stack: StackAddress, names: Names, folder: Path) -> AsyncIterator[ReportRegister]:
    """Of the estates `lanting` and `bihai`."""
    port = free_ports(1)[0]
    address = f"http://127.0.0.1:{port}"
    settings = RegisterSettings(
        mongo=stack.mongo_uri,
        mongo_database=names.database,
        state_dir=folder,
        pages_register=address,
        pages_intake=address,
        pages_notify=address,
    )
    async with connect(settings) as client:
        mongo = database(client, settings)
        await apply_estates(mongo, [an_estate("lanting"), an_estate("bihai")])
        await Store(mongo).prepare()
        register = ReportRegister(mongo, settings)
        async with register.live.watch.running(), serving(register.app, "127.0.0.1", port):
            yield register
