"""The register's window: lists, one report's story, replies, figures, and streams of what changed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI, Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.register.asking import PLAIN, Asked, Asking, Now, Question, Recorded
from services.register.documents.month_pages import MonthPages
from services.register.documents.routes import document_routes
from services.register.estates import estate_routes
from services.register.figures import figure_routes
from services.register.filters import Wanted
from services.register.handovers import handover_routes
from services.register.problems import add_problems, answered, not_found
from services.register.report_page import ReportPage
from services.register.reveals import reveal_routes
from services.register.rooms import room_routes
from services.register.rosters import roster_routes
from services.register.tasks import task_routes
from services.register.window import Window
from shared.contracts.vocabulary import Category
from shared.domain.registering.masking import masked, may_see
from shared.platform.caller import Caller
from shared.platform.service import health_routes

State = Literal["filed", "open", "closed", "withdrawn", "followed", "linked", "drill_stopped"]
Word = Annotated[str | None, Field(max_length=80, pattern=PLAIN)]


class ReportsAsked(Question):
    """Query of `/v1/reports`: filters, and which page."""

    since: AwareDatetime | None = Field(None, alias="from", description="received at or after")
    until: AwareDatetime | None = Field(None, alias="to", description="received before")
    estate: Word = None
    category: Category | None = None
    state: State | None = None
    person: Word = None
    text: Word = None
    rings: Word = Field(None, description="who rings again: last digits of a phone, from four, or part of a name")
    overdue: bool | None = None
    unacknowledged: bool | None = None
    cursor: str | None = Field(None, max_length=300)
    limit: int = Field(50, ge=1, le=200)


def register_app(window: Window) -> FastAPI:
    """No page of FastAPI's own: those load scripts from elsewhere."""
    title, middleware = "Baoshi register 报事登记", window.pages.middleware()
    app = FastAPI(title=title, version="1", docs_url=None, redoc_url=None, middleware=middleware)
    app.state.callers, app.state.directory = window.callers, window.directory
    app.state.queries, app.state.clock = window.queries, window.clock
    app.state.playbooks, app.state.readings = window.playbooks, window.kept.readings
    app.get("/v1/reports")(list_reports)
    app.get("/v1/reports/{report_id}")(read_report)
    app.get("/v1/replies/{event_id}")(read_reply)
    app.include_router(figure_routes(window.counting))
    app.include_router(document_routes(window.documents))
    app.include_router(MonthPages(window.pages, window.documents, window.counting).routes())
    app.include_router(roster_routes())
    app.include_router(handover_routes(window.kept.handovers))
    app.include_router(reveal_routes(window.kept.readings))
    app.include_router(_report_page(window).routes())
    app.include_router(room_routes(window.kept.rooms, window.kept.readings))
    app.include_router(task_routes())
    app.include_router(estate_routes())
    app.include_router(window.board.routes())
    app.router.routes.extend([*window.pages.routes(), *health_routes(window.ready)])
    add_problems(app)
    return app


def _report_page(window: Window) -> ReportPage:
    return ReportPage(window.pages, window.queries, window.directory, window.kept.readings, window.fields)


async def list_reports(
    caller: Asking, queries: Asked, now: Now, asked: Annotated[ReportsAsked, Query()]
) -> Response:
    """The register, newest first. To a person no line shows names or phones: they are revealed one by one."""
    if asked.estate is not None and not caller.may_enter(asked.estate):
        raise not_found()
    wanted = Wanted(**asked.model_dump(exclude={"cursor", "limit"}))
    asks_by_name = sees_all(caller, asked.estate)
    page = await queries.page(wanted, caller.estates, now, asked.limit, asked.cursor, by_name=asks_by_name)
    return answered({**page, "reports": [listed_for(caller, line) for line in page["reports"]]})


async def read_report(report_id: str, caller: Asking, queries: Asked, readings: Recorded, now: Now) -> Response:
    """One report with its whole story: every notice, task, answer and deadline, and where it stands on Kafka.

    A person is shown names and phones only when it is recorded; the rest is answered in any case.
    """
    report = await queries.report(report_id, caller.estates)
    if report is None:
        raise not_found()
    shown = shown_to(caller, report)
    is_bare = shown is report and caller.session is not None
    if is_bare and not await readings.of_work(caller, report_id, report["estate"], now):
        shown = masked(report)
    return answered(shown)


async def read_reply(event_id: UUID, caller: Asking, queries: Asked) -> Response:
    """`taken`, `refused` with its reason, or `received` while dispatch has not decided; 404 before that."""
    reply = await queries.reply(event_id, caller.estates)
    if reply is None:
        raise not_found()
    return answered(reply)


def shown_to(caller: Caller, line: dict[str, Any]) -> dict[str, Any]:
    """Masked unless the caller's roles in the line's own estate may see names and phones (SOP S10)."""
    return line if may_see(caller.roles_in(line["estate"])) else masked(line)


def listed_for(caller: Caller, line: dict[str, Any]) -> dict[str, Any]:
    """As the report's page shows it before anything is revealed; a program's key has its role's view (SOP S10)."""
    return shown_to(caller, line) if caller.session is None else masked(line)


def sees_all(caller: Caller, estate: str | None) -> bool:
    """Whether nothing of what is asked for is masked, so that names and numbers may be asked by."""
    if estate is not None or not caller.grants:
        return may_see(caller.roles if estate is None else caller.roles_in(estate))
    return all(may_see(roles) for roles in caller.grants.values())
