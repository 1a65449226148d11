"""The register's window: lists, one report's story, replies, figures, and a stream of what changed."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request
from pydantic import AwareDatetime
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from services.register.problems import add_problems, answered, not_a_parameter, not_found
from services.register.queries import Queries, Wanted
from shared.contracts.event import Words
from shared.contracts.vocabulary import Category
from shared.domain.registering.masking import masked, may_see
from shared.platform.clock import Clock
from shared.platform.directory import Caller, Directory
from shared.platform.errors import Rejected
from shared.platform.service import Ready, health_routes

_NO_KEY = Words(zh="请用 Authorization: Bearer <密钥>", en="Send Authorization: Bearer <key>")
_FIGURES_OVER = timedelta(days=31)
_PING_S = 15
_PLAIN = r"^[^\u0000-\u001f\u007f]+$"

State = Literal["filed", "open", "closed", "withdrawn", "followed", "linked"]
Word = Annotated[str | None, Query(max_length=80, pattern=_PLAIN)]
From = Annotated[AwareDatetime | None, Query(alias="from", description="received at or after")]
To = Annotated[AwareDatetime | None, Query(alias="to", description="received before")]


def register_app(directory: Directory, queries: Queries, clock: Clock, ready: Ready) -> FastAPI:
    """No page of FastAPI's own: those load scripts from elsewhere."""
    app = FastAPI(title="Baoshi register 报事登记", version="1", docs_url=None, redoc_url=None)
    app.state.directory, app.state.queries, app.state.clock = directory, queries, clock
    app.get("/v1/reports")(list_reports)
    app.get("/v1/reports/{report_id}")(read_report)
    app.get("/v1/replies/{event_id}")(read_reply)
    app.get("/v1/statistics")(read_statistics)
    app.get("/v1/stream")(stream)
    app.router.routes.extend(health_routes(ready))
    add_problems(app)
    return app


async def caller_of(request: Request) -> Caller:
    """401 for a missing, malformed or unknown key."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    directory: Directory = request.app.state.directory
    caller = await directory.by_secret(secret.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise Rejected(401, "no-key", _NO_KEY)
    return caller


async def queries_of(request: Request) -> Queries:
    queries: Queries = request.app.state.queries
    return queries


async def now_of(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock.now()


Asking = Annotated[Caller, Depends(caller_of)]
Asked = Annotated[Queries, Depends(queries_of)]
Now = Annotated[datetime, Depends(now_of)]


async def list_reports(
    caller: Asking,
    queries: Asked,
    now: Now,
    since: From = None,
    until: To = None,
    estate: Word = None,
    category: Category | None = None,
    state: State | None = None,
    person: Word = None,
    text: Word = None,
    overdue: bool | None = None,
    unacknowledged: bool | None = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The register, newest first."""
    wanted = Wanted(
        estate=_own(caller, estate),
        category=category,
        state=state,
        person=person,
        since=since,
        until=until,
        text=text,
        overdue=overdue,
        unacknowledged=unacknowledged,
    )
    sees = may_see(caller.roles)
    page = await queries.page(wanted, caller.estates, now, limit, cursor, by_name=sees)
    return answered(page if sees else masked(page))


async def read_report(report_id: str, caller: Asking, queries: Asked) -> Response:
    """One report with its whole story: every notice, task, answer and deadline, and where it stands on Kafka."""
    report = await queries.report(report_id, caller.estates)
    if report is None:
        raise not_found()
    return answered(report if may_see(caller.roles) else masked(report))


async def read_reply(event_id: UUID, caller: Asking, queries: Asked) -> Response:
    """`taken`, `refused` with its reason, or `received` while dispatch has not decided; 404 before that."""
    reply = await queries.reply(event_id, caller.estates)
    if reply is None:
        raise not_found()
    return answered(reply)


async def read_statistics(
    caller: Asking, queries: Asked, now: Now, since: From = None, until: To = None, estate: Word = None
) -> Response:
    """By estate and class, over the last 31 days unless said otherwise."""
    until = until or now + timedelta(milliseconds=1)
    since = since or until - _FIGURES_OVER
    if since >= until:
        raise not_a_parameter("from", "from须早于to", "from must be before to")
    wanted = Wanted(estate=_own(caller, estate), since=since, until=until)
    lines = await queries.statistics(wanted, caller.estates, now)
    return answered({"from": since, "to": until, "statistics": lines})


async def stream(caller: Asking, queries: Asked) -> EventSourceResponse:
    """An event `report` with a report's id whenever its row was written."""
    return EventSourceResponse(_events(queries, caller), ping=_PING_S, headers={"cache-control": "no-store"})


async def _events(queries: Queries, caller: Caller) -> AsyncIterator[ServerSentEvent]:
    async for report_id in queries.changes(caller.estates):
        yield ServerSentEvent(report_id, event="report")


def _own(caller: Caller, estate: str | None) -> str | None:
    if estate is not None and not caller.may_enter(estate):
        raise not_found()
    return estate
