"""A register filled by hand over a real MongoDB, with its documents and pages, and callers of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx

from services.register.api import register_app
from services.register.handlers import Handlers
from services.register.numbers import Numbers
from services.register.settings import RegisterSettings
from services.register.store import Store
from services.register.window import Window
from shared.contracts.event import Addressee, Event
from shared.contracts.replies import DetailsCorrected, PlaceCorrected
from shared.contracts.tasks import ReportChanged
from shared.contracts.vocabulary import Role
from shared.platform.admin_key import install_admin_key
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.estate_store import add_key, apply_estates
from shared.platform.mongo import connect, database
from tests.support.estate import an_estate
from tests.support.lives import MORNING, WORDS, Life, by, taken

FORMULA = "=cmd|' /C calc'!A0"
PHONE = "13800138000"


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
        self._handlers = Handlers(Store(mongo), Numbers(mongo, directory))
        self.parts = {"kafka": True, "mongodb": True}
        window = Window.over(settings, mongo, directory, self.clock, self._ready)
        self.queries, self.live, self.app = window.queries, window.live, register_app(window)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://register")

    async def _ready(self) -> dict[str, bool]:
        return self.parts

    async def take(self, *lives: Life) -> None:
        await self.take_events(*(event for life in lives for event in life.events))

    async def take_events(self, *events: Event) -> None:
        await self._handlers.on_batch(taken(list(events)))

    async def key(self, *roles: Role, estate: str = "lanting") -> str:
        return (await add_key(self.mongo, estate, roles))[1]

    async def get(self, path: str, secret: str | None = None, accept: str = "zh", **query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {secret or self.admin}", "Accept-Language": accept}
        return await self.client.get(path, params=query or None, headers=headers)

    async def listed(self, secret: str | None = None, **query: Any) -> list[str]:
        answer = await self.get("/v1/reports", secret, **query)
        assert answer.status_code == 200, answer.text
        return [report["report_id"] for report in answer.json()["reports"]]


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


def corrected() -> Life:
    """A repair whose place and text were corrected; `+` and `-` begin what is no formula."""
    life = Life("repair", at=MORNING + timedelta(minutes=5), place="3栋1单元1201", text="-漏水", urgency="urgent")
    life.opened()
    task = life.task("go", role="engineering", finish_by=life.at(60))
    said = life.said(PlaceCorrected, 2, place="3栋2单元1202", by=by("customer_assistant", "desk-1"))
    life.fact(ReportChanged, 2, place="3栋2单元1202", because_of=said.event_id)
    life.said(DetailsCorrected, 3, text="+水管爆裂", by=by("customer_assistant"))
    life.ended(task, 30, "done", record={"parts": FORMULA, "fee": 80, "both_signed": True})
    return life


def fire() -> Life:
    """A fire that an authority was told of, under an orange warning; its brief is not written yet."""
    life = Life("disaster", kind="fire", place="3栋", text="三楼冒烟", weather="orange", reporter="王先生",
                reporter_phone=PHONE)  # fmt: skip
    life.opened()
    gone = life.task("fight_fire", role="shift_leader", to=Addressee(role="shift_leader", person="leader-1"))
    call = life.task("call_119", role="control_room", calls=("119",))
    told = life.task("report_authority", role="management_director", calls=("company", "authority"))
    life.noticed(1, "fire_not_found", to=Addressee(role="control_room"), words=WORDS)
    life.changed(gone, "acknowledged", 1, by=by("shift_leader", "leader-1"))
    life.ended(call, 2, "called", record={"called_119_at": "2026-11-20T09:02:00+08:00"})
    life.ended(told, 9, "reported", record={"event_level": "yellow", "reported_to": ["company", "district"]})
    life.task("brief", 9, role="management_director", finish_by=life.at(180))
    return life
