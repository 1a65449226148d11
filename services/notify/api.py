"""HTTP of the line: break-glass, devices and their tests, and what channels' other sides call."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import Receive, Scope, Send

from services.notify.devices import Devices
from services.notify.glass import Glass
from services.notify.settings import NotifySettings
from services.notify.stations import Stations
from services.notify.testing import Testing
from shared.contracts.commands import Problem
from shared.contracts.event import Words
from shared.contracts.history import Unreadable, read_event
from shared.contracts.reports import ReportFiled
from shared.contracts.vocabulary import Role
from shared.domain.estates.devices import Device
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller
from shared.platform.callers import Callers
from shared.platform.directory import Directory
from shared.platform.errors import Rejected, Unavailable
from shared.platform.language import language_of
from shared.platform.service import Ready, health_routes
from shared.platform.web.pages import Pages

MAY_TEST: frozenset[Role] = frozenset(
    {"shift_leader", "security_supervisor", "service_head", "management_director"}
)
"""Who runs the estate: a test rings somebody at work, or at home."""
_NO_KEY = Words(zh="请登录,或用 Authorization: Bearer <密钥>", en="Sign in, or send Authorization: Bearer <key>")
_NOT_FOR_POSTS = Words(zh="岗位页面看不到设备", en="A post's page has nothing to do with devices")
_NOT_YOURS = Words(
    zh="测试设备须是当班班长、保安部主管、客服主任或管理处主任,请向其提出",
    en="Devices are tested by the shift leader, security supervisor, service head or director: ask one of them",
)
_UNKNOWN = Words(zh="没有这个对象,或不属于您的小区", en="No such thing, or not of your estate")
_NOT_EMERGENCY = Words(zh="不是急事报事", en="This is no emergency's report")
_TOO_LARGE = Words(zh="请求太大", en="The request is too large")
_AWAY = Words(zh="暂时不能,请稍后再试", en="Not possible now, try again soon")
_TIMES = ("seen_at", "lost_at", "told_at")


class LineApi:
    """The routes of the line, over the parts that do the work."""

    def __init__(
        self,
        settings: NotifySettings,
        directory: Directory,
        devices: Devices,
        testing: Testing,
        stations: Stations,
        glass: Glass,
        glass_key: str,
        callers: Callers,
        pages: Pages,
    ) -> None:
        self._settings, self._directory, self._devices = settings, directory, devices
        self._testing, self._stations, self._glass, self._glass_key = testing, stations, glass, glass_key
        self._callers, self._pages = callers, pages

    def app(self, ready: Ready) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/break-glass", self._told(self._on_glass), methods=["POST"]),
                Route("/v1/estates/{code}/devices", self._told(self._on_devices)),
                Route("/v1/estates/{code}/devices/tests", self._told(self._on_tests), methods=["POST"]),
                Mount("/v1/channels", app=self._on_channel),
                *self._pages.routes(),
                *health_routes(ready),
            ],
            middleware=self._pages.middleware(),
            exception_handlers={HTTPException: _on_http},
        )

    def _told(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await answer(request)
            except Rejected as refusal:
                return _problem(request, refusal)
            except Unavailable:
                return _problem(request, Rejected(503, "unavailable", _AWAY))

        return endpoint

    async def _on_glass(self, request: Request) -> Response:
        if not hmac.compare_digest(_bearer(request).encode(), self._glass_key.encode()):
            raise Rejected(401, "no-key", _NO_KEY)
        try:
            filed = read_event(await self._body(request))
        except Unreadable as wrong:
            raise Rejected(422, "unreadable", _NOT_EMERGENCY) from wrong
        if not isinstance(filed, ReportFiled) or filed.lane != "emergency" or filed.written_up:
            raise Rejected(422, "not-an-emergency", _NOT_EMERGENCY)
        await self._glass.take(filed)
        return JSONResponse({"report_id": filed.report_id}, 202)

    async def _on_devices(self, request: Request) -> Response:
        estate, _ = await self._asked(request)
        rows = await self._devices.of(estate.estate)
        return JSONResponse({"devices": [_shown(d, rows.get(d.id, {})) for d in estate.devices]})

    async def _on_tests(self, request: Request) -> Response:
        estate, caller = await self._asked(request)
        if MAY_TEST.isdisjoint(caller.roles_in(estate.estate)):
            raise Rejected(403, "not-your-role", _NOT_YOURS)
        post, only = request.query_params.get("post"), request.query_params.get("device")
        wanted = [d for d in estate.devices if post in (None, d.post) and only in (None, d.id)]
        if not wanted:
            raise Rejected(404, "not-found", _UNKNOWN, "post" if post else "device")
        tests = await self._testing.test_now(estate, wanted)
        return JSONResponse({"tests": [{"device": d, "message": str(m)} for d, m in tests]}, 202)

    async def _asked(self, request: Request) -> tuple[Estate, Caller]:
        """The estate of the address and who asks; never a post's page."""
        caller = await self._callers.find(request.headers, request.method)
        if caller is None:
            raise Rejected(401, "no-key", _NO_KEY)
        if caller.post is not None:
            raise Rejected(403, "not-for-posts", _NOT_FOR_POSTS)
        code = request.path_params["code"]
        estate = await self._directory.estate(code) if caller.may_enter(code) else None
        if estate is None:
            raise Rejected(404, "not-found", _UNKNOWN, "code")
        return estate, caller

    async def _body(self, request: Request) -> bytes:
        """Bounded: a body that is too large is refused before it is read whole."""
        found = b""
        async for part in request.stream():
            found += part
            if len(found) > self._settings.notify_body_bytes:
                raise Rejected(413, "too-large", _TOO_LARGE)
        return found

    async def _on_channel(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`/v1/channels/<estate>/<channel>/…`: the channel's own routes, which check who calls."""
        estate_code, _, rest = scope["path"].removeprefix("/v1/channels/").partition("/")
        estate = await self._directory.estate(estate_code)
        channel = self._stations.channel(estate, rest.partition("/")[0]) if estate else None
        if channel is None:
            await JSONResponse({}, 404)(scope, receive, send)
            return
        with_root = {**scope, "root_path": "", "app_root_path": ""}
        try:
            await Router(routes=list(channel.routes()))(with_root, receive, send)
        except ClientDisconnect:
            return


def _shown(device: Device, row: dict[str, Any]) -> dict[str, Any]:
    """No address: it may be a person's phone number."""
    known = {name: row[name].isoformat() for name in _TIMES if isinstance(row.get(name), datetime)}
    about = {"device": device.id, "channel": device.channel, "post": device.post, "person": device.person}
    return {**about, **known, "tested_on": row.get("tested_on")}


def _bearer(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _problem(request: Request, refusal: Rejected) -> Response:
    language = language_of(request.headers.get("accept-language", ""))
    said = refusal.words.zh if language == "zh" else refusal.words.en
    problem = Problem(type=refusal.reason, title=said, status=refusal.status, detail=said)
    return Response(problem.model_dump_json(), refusal.status, media_type="application/problem+json")


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(request, Rejected(error.status_code, "not-found", _UNKNOWN))
