"""A register filled by hand over a real MongoDB, with its documents and pages, and callers of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx

from services.register.api import Window, register_app
from services.register.documents.documents import Documents
from services.register.documents.months import Months
from services.register.figures import Counting
from services.register.handlers import Handlers
from services.register.numbers import Numbers
from services.register.queries import Queries
from services.register.settings import RegisterSettings
from services.register.store import Store
from shared.contracts.vocabulary import Role
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.paper import labels_of
from shared.domain.registering.visits import quotas_of
from shared.platform.admin_key import install_admin_key
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.estate_store import add_key, apply_estates
from shared.platform.mongo import connect, database
from tests.support.callers import callers_over, pages_of
from tests.support.estate import an_estate
from tests.support.lives import MORNING, Life, taken

PLAYBOOKS = load_playbooks()


class Still(Clock):
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.time = at

    def now(self) -> datetime:
        return self.time


class Register:
    """`take` registers lives, `get` asks as the administrator or with a key."""

    def __init__(self, mongo: Any, admin: str, settings: RegisterSettings) -> None:
        self.mongo, self.admin, self.clock = mongo, admin, Still(MORNING + timedelta(hours=2))
        directory = Directory(mongo, max_age_s=0)
        queries, self._handlers = Queries(mongo), Handlers(Store(mongo), Numbers(mongo, directory))
        counting = Counting(queries, directory, quotas_of(PLAYBOOKS))
        documents = Documents(directory, Months(mongo), queries, counting, labels_of(PLAYBOOKS), settings)
        callers = callers_over(directory)
        pages = pages_of("register", callers)
        window = Window(callers, directory, queries, counting, self.clock, pages, documents)
        self.app = register_app(window, self._ready)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://register")

    async def _ready(self) -> dict[str, bool]:
        return {}

    async def take(self, *lives: Life) -> None:
        await self._handlers.on_batch(taken([event for life in lives for event in life.events]))

    async def key(self, *roles: Role, estate: str = "lanting") -> str:
        return (await add_key(self.mongo, estate, roles))[1]

    async def get(self, path: str, secret: str | None = None, accept: str = "zh", **query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {secret or self.admin}", "Accept-Language": accept}
        return await self.client.get(path, params=query, headers=headers)


@asynccontextmanager
async def a_register(mongo_uri: str, name: str, folder: Path, **more: Any) -> AsyncIterator[Register]:
    """Of the estates `lanting` and `bihai`."""
    settings = RegisterSettings(mongo=mongo_uri, mongo_database=name, state_dir=folder, **more)
    async with connect(settings) as client:
        mongo = database(client, settings)
        await apply_estates(mongo, [an_estate("lanting"), an_estate("bihai")])
        await Store(mongo).prepare()
        register = Register(mongo, await install_admin_key(mongo, folder), settings)
        yield register
        await register.client.aclose()
