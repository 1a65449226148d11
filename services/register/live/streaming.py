"""Streams over HTTP: whoever watches is asked again who they are, so that a session that was ended sees no more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from services.register.asking import PLAIN, Asking, Question
from services.register.live.frames import Kind, View
from services.register.live.hub import Hub, Viewer
from services.register.live.settings import LiveSettings
from services.register.live.watch import Watch
from services.register.problems import not_found
from shared.contracts.ids import BadId, parse_report_id
from shared.domain.registering.masking import may_see
from shared.platform.caller import EVERYWHERE, Caller
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.errors import Rejected, Unavailable
from shared.platform.mongo import Database
from shared.platform.service import Ready

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_COME_BACK = b"retry: 1000\n\n"
_REVOKED_WITHIN_S = 30.0


class StreamAsked(Question):
    """Query of the streams; `last_event_id` where the header cannot be sent."""

    estate: str | None = Field(None, max_length=80, pattern=PLAIN)
    report: str | None = Field(None, max_length=200, pattern=PLAIN, description="changes of this report only")
    last_event_id: str | None = Field(None, max_length=80, description="go on after this one; `Last-Event-ID`")


class Live(NamedTuple):
    """All that streams are made with. `check_s`: how often who watches is asked for again."""

    hub: Hub
    watch: Watch
    callers: Callers
    check_s: float

    @classmethod
    def over(cls, mongo: Database, clock: Clock, callers: Callers, ready: Ready, settings: LiveSettings) -> "Live":
        ring, queue = settings.register_stream_ring, settings.register_stream_queue
        hub = Hub(ring, queue, settings.register_stream_gather_ms)
        return cls(hub, Watch(mongo, hub, clock, settings, ready), callers, settings.session_check_s)


def stream_routes(live: Live) -> APIRouter:
    async def stream(request: Request, caller: Asking, asked: Annotated[StreamAsked, Query()]) -> Response:
        """An event `report` with a report's id whenever its row was written; `pulse` each second; `reset`."""
        return await _streamed(live, request, caller, asked, "report")

    async def board_stream(request: Request, caller: Asking, asked: Annotated[StreamAsked, Query()]) -> Response:
        """An event `line` with what the board shows of a report, `gone` when it is open no more."""
        return await _streamed(live, request, caller, asked, "line")

    routes = APIRouter()
    routes.get("/v1/stream")(stream)
    routes.get("/v1/board/stream")(board_stream)
    return routes


async def _streamed(live: Live, request: Request, caller: Caller, asked: StreamAsked, kind: Kind) -> Response:
    view = view_of(caller, kind, asked.estate, asked.report)
    await live.watch.wanted()
    last = request.headers.get("last-event-id") or asked.last_event_id
    return StreamingResponse(_pieces(live, request, caller, view, last), 200, _HEADERS, "text/event-stream")


def view_of(caller: Caller, kind: Kind, estate: str | None, report: str | None) -> View:
    """Raises 404 for what the caller may not see."""
    if report is not None:
        estate = _estate_of(report)
    if estate is not None and not caller.may_enter(estate):
        raise not_found()
    return View(kind, caller.estates if estate is None else frozenset({estate}), unmasked(caller), report)


def unmasked(caller: Caller) -> frozenset[str] | None:
    """The estates in which the caller may see names and phones, None for all of them (SOP S10)."""
    if not caller.grants:
        return caller.estates if may_see(caller.roles) else frozenset()
    seen = frozenset(estate for estate, roles in caller.grants.items() if may_see(roles))
    return None if EVERYWHERE in seen else seen


def _estate_of(report_id: str) -> str:
    try:
        return parse_report_id(report_id).estate
    except BadId as error:
        raise not_found() from error


async def _pieces(
    live: Live, request: Request, caller: Caller, view: View, last: str | None
) -> AsyncIterator[bytes]:
    viewer = live.hub.join(view, last)
    asking = asyncio.create_task(_end_when_over(live, request, caller, viewer))
    try:
        yield _COME_BACK
        async for piece in live.hub.pieces(viewer):
            yield piece
    finally:
        asking.cancel()
        live.hub.leave(viewer)


async def _end_when_over(live: Live, request: Request, caller: Caller, viewer: Viewer) -> None:
    """Other rights end it as well: the page comes back, and is shown what it may see now. A fault does so, too."""
    # What is known of ended sessions is up to `check_s` old by itself.
    every_s = max(1.0, min(live.check_s, _REVOKED_WITHIN_S - live.check_s))
    try:
        await asyncio.sleep(every_s)
        while await _is_same(live.callers, request, caller):
            await asyncio.sleep(every_s)
    finally:
        viewer.end()


async def _is_same(callers: Callers, request: Request, caller: Caller) -> bool:
    try:
        now = await callers.find(request.headers, request.method)
    except Rejected:
        return False
    except Unavailable:
        return True
    return now is not None and (now.estates, now.roles, now.grants) == (caller.estates, caller.roles, caller.grants)
