"""The register's streams over real sockets and a real MongoDB: nothing is missed, nothing goes to others."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from services.register.estates import estate_routes
from services.register.handlers import Handlers
from services.register.live.frames import View
from services.register.live.hub import Hub, Written
from services.register.live.settings import LiveSettings
from services.register.live.streaming import Live, stream_routes
from services.register.numbers import Numbers
from services.register.problems import add_problems
from services.register.store import Store
from shared.contracts.vocabulary import Role
from shared.platform.admin_key import install_admin_key
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.estate_store import add_key, apply_estates
from shared.platform.mongo import connect, database
from shared.platform.service import serving
from shared.platform.sessions import COOKIE, Sessions, Who
from tests.support.estate import an_estate
from tests.support.lives import MORNING, Life, by, taken
from tests.support.stack import Names, StackAddress, free_ports
from tests.support.streams import Listener, Told, listening

pytestmark = pytest.mark.stack
PHONE = "13800138000"


class Served:
    """A register's streams on a port, filled by hand."""

    def __init__(self, mongo: Any, admin: str, port: int, settings: LiveSettings) -> None:
        self.mongo, self.admin, self.base = mongo, admin, f"http://127.0.0.1:{port}"
        directory = Directory(mongo, max_age_s=0)
        self.handlers = Handlers(Store(mongo), Numbers(mongo, directory))
        self.sessions = Sessions("a key of tests, which is long enough", mongo, settings.session_check_s)
        self.reading = True
        callers = Callers(directory, self.sessions)
        self.live = Live.over(mongo, Clock(), callers, self._ready, settings)
        self.app = FastAPI()
        self.app.state.callers, self.app.state.directory = callers, directory
        self.app.include_router(stream_routes(self.live))
        self.app.include_router(estate_routes())
        add_problems(self.app)

    async def _ready(self) -> dict[str, bool]:
        return {"reading": self.reading}

    async def take(self, *lives: Life) -> None:
        await self.handlers.on_batch(taken([event for life in lives for event in life.events]))

    async def bearer(self, *roles: Role, estate: str = "lanting") -> dict[str, str]:
        return {"Authorization": f"Bearer {(await add_key(self.mongo, estate, roles))[1]}"}

    def listen(self, path: str, headers: Mapping[str, str] | None = None, last: str = "") -> Any:
        told = dict(headers) if headers is not None else {"Authorization": f"Bearer {self.admin}"}
        return listening(f"{self.base}{path}", told, last)


@asynccontextmanager
async def served(stack: StackAddress, names: Names, folder: Any, **more: Any) -> AsyncIterator[Served]:
    settings = LiveSettings(mongo=stack.mongo_uri, mongo_database=names.database, state_dir=folder, **more)
    async with connect(settings) as client:
        mongo = database(client, settings)
        await apply_estates(mongo, [an_estate("lanting"), an_estate("bihai")])
        await Store(mongo).prepare()
        (port,) = free_ports(1)
        made = Served(mongo, await install_admin_key(mongo, folder), port, settings)
        async with serving(made.app, "127.0.0.1", port), made.live.watch.running():
            yield made


def numbered(n: int, **fields: Any) -> Life:
    return Life("inquiry", at=MORNING + timedelta(seconds=n), text=f"nr. {n}", **fields)


async def first_mark(listener: Listener) -> str:
    """Of the first pulse: from there on changes are watched."""
    pulse = await listener.next("pulse")
    assert pulse is not None
    return pulse.id


async def test_who_comes_back_again_and_again_misses_nothing_that_was_written_meanwhile(
    stack: StackAddress, names: Names, tmp_path: Any
) -> None:
    lives = [numbered(n) for n in range(60)]
    every = {life.report_id for life in lives}

    async def write(register: Served) -> None:
        for life in lives:
            await register.take(life)
            await asyncio.sleep(0.02)

    async with served(stack, names, tmp_path) as register:
        async with register.listen("/v1/stream") as listener:
            last = await first_mark(listener)
        writing = asyncio.create_task(write(register))
        seen: set[str] = set()

        def enough(found: list[Told]) -> bool:
            return len(found) >= 4 or every <= seen | {t.data for t in found}

        while not every <= seen:
            async with register.listen("/v1/stream", last=last) as listener:
                told = await listener.until(enough, "report", "reset")
            last = listener.last
            assert "reset" not in {t.event for t in told}
            seen |= {t.data for t in told}
            await asyncio.sleep(0.05)
        await writing
    assert seen == every


async def test_a_mark_that_is_not_known_any_more_is_answered_by_a_reset(
    stack: StackAddress, names: Names, tmp_path: Any
) -> None:
    async with served(stack, names, tmp_path, register_stream_ring=10) as register:
        async with register.listen("/v1/stream") as listener:
            old = await first_mark(listener)
            for n in range(30):
                await register.take(numbered(n))
            await listener.until(lambda found: len({t.data for t in found}) >= 30, "report")
        for last in (old, "nonsense", "0000000000-5", old.split("-")[0] + "-999999"):
            async with register.listen("/v1/stream", last=last) as again:
                told = await again.next()
                assert told is not None and told.event == "reset", last
        async with register.listen("/v1/stream", last=listener.last) as again:
            told = await again.next()
            assert told is not None and told.event != "reset"


async def test_two_estates_hear_nothing_of_each_other(stack: StackAddress, names: Names, tmp_path: Any) -> None:
    async with served(stack, names, tmp_path) as register:
        lanting, bihai = await register.bearer("guard"), await register.bearer("guard", estate="bihai")
        async with (
            register.listen("/v1/stream", lanting) as one,
            register.listen("/v1/board/stream", bihai) as other,
            register.listen("/v1/stream?estate=bihai") as chosen,
        ):
            for listener in (one, other, chosen):
                await first_mark(listener)
            for n in range(5):
                await register.take(numbered(n), numbered(n, estate="bihai"))
            heard = [
                await listener.until(lambda found: len({_report(t) for t in found}) >= 5, "report", "line")
                for listener in (one, other, chosen)
            ]
        estates = [{_report(t).split(".")[2] for t in told} for told in heard]
        assert estates == [{"lanting"}, {"bihai"}, {"bihai"}]
        for path in ("/v1/stream?estate=lanting", f"/v1/stream?report={numbered(0).report_id}"):
            answer = await _get(register, path, bihai)
            assert answer.status_code == 404, path


def _report(told: Told) -> str:
    return str(told.content["report_id"]) if told.event == "line" else told.data


async def _get(register: Served, path: str, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10) as client:
        return await client.get(register.base + path, headers=headers)


async def test_lines_of_the_board_are_masked_by_role_and_go_when_the_report_is_closed(
    stack: StackAddress, names: Names, tmp_path: Any
) -> None:
    life = Life("medical", place=f"3栋门口打{PHONE}")
    life.opened()
    task = life.task("go", role="guard", ack_wait=30)
    async with served(stack, names, tmp_path) as register:
        desk, guard = await register.bearer("customer_assistant"), await register.bearer("guard")
        async with (
            register.listen("/v1/board/stream", desk) as sees,
            register.listen("/v1/board/stream", guard) as hidden,
        ):
            await first_mark(sees)
            await first_mark(hidden)
            await register.take(life)
            lines = [
                (await listener.until(lambda found: bool(found) and bool(found[-1].content["no"]), "line"))[-1]
                for listener in (sees, hidden)
            ]
            assert [PHONE in line.data for line in lines] == [True, False]
            assert lines[1].content["tasks"][0]["state"] == "waiting"
            life.ended(task, 1, by=by("guard", "guard-1"))
            life.closed(2)
            await register.take(life)
            gone = await hidden.next("gone")
            assert gone is not None and gone.content == {"report_id": life.report_id, "v": len(life.events)}


async def test_only_one_report_is_told_of_where_only_one_is_asked_for(
    stack: StackAddress, names: Names, tmp_path: Any
) -> None:
    one, other = numbered(1), numbered(2)
    path = f"/v1/stream?report={one.report_id}"
    async with served(stack, names, tmp_path) as register, register.listen(path) as listener:
        await first_mark(listener)
        await register.take(other)
        await register.take(one)
        told = await listener.next("report")
        assert told is not None and told.data == one.report_id


async def test_a_session_that_was_ended_hears_no_more(stack: StackAddress, names: Names, tmp_path: Any) -> None:
    async with served(stack, names, tmp_path, session_check_s=1) as register:
        grants: dict[str, frozenset[Role]] = {"lanting": frozenset({"guard"})}
        session = register.sessions.issue(Who("w", "王", grants, {}), hours=1)
        other = register.sessions.issue(Who("l", "李", grants, {}), hours=1)
        async with (
            register.listen("/v1/stream", {"Cookie": f"{COOKIE}={session.token}"}) as listener,
            register.listen("/v1/stream", {"Cookie": f"{COOKIE}={other.token}"}) as stays,
        ):
            await first_mark(listener)
            await register.sessions.end(session.id)
            await listener.until(lambda _: False)
            assert await stays.next("pulse") is not None


async def test_a_register_that_reads_nothing_says_so(stack: StackAddress, names: Names, tmp_path: Any) -> None:
    async with served(stack, names, tmp_path) as register:
        register.reading = False
        async with register.listen("/v1/stream") as listener:
            told = await listener.until(lambda found: bool(found) and not found[-1].content["reading"], "pulse")
        assert told[-1].content["speed"] == 1.0


async def test_estates_are_listed_with_the_callers_roles_there(
    stack: StackAddress, names: Names, tmp_path: Any
) -> None:
    async with served(stack, names, tmp_path) as register:
        answer = await _get(register, "/v1/estates", await register.bearer("guard", estate="bihai"))
        (line,) = answer.json()["estates"]
        assert (line["estate"], line["roles"], line["time_zone"]) == ("bihai", ["guard"], "Asia/Shanghai")
        assert (await _get(register, "/v1/estates", {})).status_code == 401


VIEW = View("report", None, None)


async def test_a_slow_viewer_is_told_to_load_anew_and_holds_no_more_than_its_queue() -> None:
    hub = Hub(ring=5, queue=3, gather_ms=0)
    slow, quick = hub.join(VIEW, None), hub.join(VIEW, None)
    for n in range(50):
        hub.take([Written(f"r{n}", "lanting", 1, None)])
        pieces = await quick.take()
        assert [b"reset" in p for p in pieces] == [False]
    assert slow.lost and len(slow._pieces) == 0
    reading = hub.pieces(slow)
    assert b"event: reset" in await anext(reading)
    hub.take([Written("later", "lanting", 1, None)])
    assert b"data: later" in await anext(reading)
    hub.leave(quick)
    hub.leave(slow)
    assert not hub.watched


async def test_after_a_gap_in_the_changes_everybody_loads_anew() -> None:
    hub = Hub(ring=5, queue=3, gather_ms=0)
    viewer, mark = hub.join(VIEW, None), hub.mark
    hub.begin_anew()
    assert viewer.lost and hub.join(VIEW, mark).lost
    assert not hub.join(VIEW, hub.mark).lost


async def test_of_what_is_gathered_only_a_reports_last_line_goes_out() -> None:
    hub = Hub(ring=50, queue=30, gather_ms=200)
    view = View("line", None, frozenset())
    viewer, *_ = [hub.join(view, None) for _ in range(200)]
    hub.take([Written("r", "lanting", 1, {"v": 0})])
    assert len(await viewer.take()) == 1
    hub.take([Written("r", "lanting", 1, {"v": n}) for n in (1, 2)])
    hub.take([Written("r", "lanting", 1, {"v": 3}), Written("q", "lanting", 1, {"v": 9})])
    (piece,) = await viewer.take()
    assert (b'{"v":1}' in piece, b'{"v":3}' in piece, b'{"v":9}' in piece) == (False, True, True)
    (again,) = await hub.join(view, hub.mark.split("-")[0] + "-1").take()
    assert again == piece
