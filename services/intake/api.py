"""Intake's HTTP: three plain Starlette routes, problems in RFC 9457 form, and the document that describes them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.intake.authentication import caller_of
from services.intake.door import Asked, IntakeDoor
from services.intake.limits import Headers, headers_of, read_body, too_slow
from services.intake.metrics import REFUSED
from services.intake.openapi import document
from services.intake.problems import Refusal, problem_response
from services.intake.segments import SpoolFull
from services.intake.settings import IntakeSettings
from services.intake.wording import TITLES, phone_us, unknown, words
from shared.contracts.commands import ReportAccepted
from shared.platform.callers import Callers
from shared.platform.errors import Unavailable
from shared.platform.language import language_of
from shared.platform.logs import log
from shared.platform.service import Ready, health_routes
from shared.platform.web.pages import Pages

Answer = Callable[[Asked, Request, str], Awaitable[bytes]]

_TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_UNREADY = (SpoolFull, Unavailable, TimeoutError)


def intake_app(
    settings: IntakeSettings, callers: Callers, door: IntakeDoor, pages: Pages, ready: Ready
) -> Starlette:
    """All routes of intake."""
    described = document()

    async def report(asked: Asked, _: Request, language: str) -> bytes:
        done = await door.report(asked)
        return (
            ReportAccepted(
                report_id=done.report_id,
                event_id=done.event_id,
                accepted_at=done.accepted_at,
                durable=done.durable,
                unread=tuple(mistake.told(language) for mistake in done.unread),
            )
            .model_dump_json()
            .encode()
        )

    async def reply(asked: Asked, request: Request, _: str) -> bytes:
        return (await door.reply(asked, request.path_params["task_id"])).model_dump_json().encode()

    async def amendment(asked: Asked, request: Request, _: str) -> bytes:
        return (await door.amendment(asked, request.path_params["report_id"])).model_dump_json().encode()

    async def handover(asked: Asked, request: Request, _: str) -> bytes:
        return (await door.handover(asked, request.path_params["code"])).model_dump_json().encode()

    async def openapi(_: Request) -> Response:
        return Response(described, media_type="application/json")

    def route(path: str, answer: Answer) -> Route:
        return Route(path, _endpoint(settings, callers, answer), methods=["POST"])

    return Starlette(
        routes=[
            route("/v1/reports", report),
            route("/v1/tasks/{task_id}/replies", reply),
            route("/v1/reports/{report_id}/amendments", amendment),
            route("/v1/estates/{code}/handovers", handover),
            Route("/openapi.json", openapi),
            *pages.routes(),
            *health_routes(ready),
        ],
        middleware=pages.middleware(),
        exception_handlers={HTTPException: _on_http, Exception: _on_failure},
    )


def _endpoint(
    settings: IntakeSettings, callers: Callers, answer: Answer
) -> Callable[[Request], Awaitable[Response]]:
    """Whatever happens, the caller has an answer within `intake_answer_s` of our own time, whoever is away."""

    async def endpoint(request: Request) -> Response:
        headers = headers_of(request)
        language = language_of(headers.get(b"accept-language", b"").decode("latin-1"))
        seconds, body = asyncio.get_running_loop().time, None
        began = seconds()
        try:
            async with asyncio.timeout(settings.intake_body_wait_s) as patience:
                caller = await caller_of(request, callers)
                left = settings.intake_answer_s - (seconds() - began)
                body = await read_body(request, headers, settings)
                patience.reschedule(seconds() + left)
                asked = Asked(caller, body, _idempotency_key(headers), _trace(headers))
                return Response(await answer(asked, request, language), 202, media_type="application/json")
        except Refusal as refusal:
            return _refused(refusal, language)
        except _UNREADY as away:
            if body is None and isinstance(away, TimeoutError):
                return _refused(too_slow(), language)
            log.error("refused, nothing could be promised", error=type(away).__name__)
            return _refused(phone_us(settings.intake_retry_after_s, settings.intake_phone), language)

    return endpoint


def _refused(refusal: Refusal, language: str) -> Response:
    REFUSED.labels(refusal.reason).inc()
    return problem_response(refusal, TITLES, language)


def _idempotency_key(headers: Headers) -> str | None:
    return headers.get(b"idempotency-key", b"").strip().decode("latin-1") or None


def _trace(headers: Headers) -> str | None:
    given = headers.get(b"traceparent", b"").decode("latin-1")
    return given if _TRACE.fullmatch(given) else None


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language", ""))


async def _on_http(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: an unknown path, a wrong method."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _refused(unknown("地址", "address"), _language(request))
    text = words("请看/openapi.json", "See /openapi.json")
    refusal = Refusal(error.status_code, "not-allowed", text, headers=dict(error.headers or {}))
    return _refused(refusal, _language(request))


async def _on_failure(request: Request, error: Exception) -> Response:
    """A fault of ours; Starlette raises it on after this answer, so the log has its type and place."""
    log.error("failure at the door", error=type(error).__name__, path=request.url.path)
    text = words("未能收下,请立即打电话", "Not taken in, please phone at once")
    return _refused(Refusal(500, "failure", text), _language(request))
