"""Addresses of the documents: the register of a month, the figures as a sheet, a report's brief."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.register.asking import PLAIN, Asking, Now, Question
from services.register.documents.documents import MEDIA_TYPES, Document, Documents, Kind
from services.register.documents.months import Month
from services.register.documents.spool import download
from services.register.figures import MONTH, FiguresAsked
from services.register.problems import language_of, not_found
from shared.domain.registering.paper import Language

Said = Annotated[
    Literal["zh", "en"] | None, Field(description="the document's language; by Accept-Language if missing")
]


class MonthAsked(Question):
    """Query of `/v1/register.xlsx`, `.pdf` and `.csv`."""

    estate: str = Field(max_length=80, pattern=PLAIN)
    month: str = Field(pattern=MONTH, description="2026-11, by the estate's own time zone")
    language: Said = None
    drills: bool = Field(False, description="drills, and nothing else; otherwise they are left out")


class SheetAsked(FiguresAsked):
    """Query of `/v1/statistics.xlsx`: that of `/v1/statistics`, and a language."""

    language: Said = None


class BriefAsked(Question):
    """Query of `/v1/reports/{report_id}/brief.pdf`."""

    language: Said = None


def document_routes(documents: Documents) -> APIRouter:
    async def statistics(
        request: Request, caller: Asking, now: Now, asked: Annotated[SheetAsked, Query()]
    ) -> Response:
        """The figures as a sheet: reports, return visits by quota, hand-ons by department."""
        if asked.estate is not None and not caller.may_enter(asked.estate):
            raise not_found()
        return _sent(await documents.statistics(caller, asked, now, spoken(request, asked.language)))

    async def brief(
        request: Request, report_id: str, caller: Asking, now: Now, asked: Annotated[BriefAsked, Query()]
    ) -> Response:
        """SOP S6: the written brief for the authority, filled in from the register, to be checked and signed."""
        return _sent(await documents.brief(caller, report_id, now, spoken(request, asked.language)))

    routes = APIRouter()
    for kind in MEDIA_TYPES:
        routes.get(f"/v1/register.{kind}", name=f"register_{kind}")(_register(documents, kind))
    routes.get("/v1/statistics.xlsx")(statistics)
    routes.get("/v1/reports/{report_id}/brief.pdf")(brief)
    return routes


def spoken(request: Request, asked: Language | None) -> Language:
    return asked or ("en" if language_of(request) == "en" else "zh")


def _register(documents: Documents, kind: Kind) -> Callable[..., Awaitable[Response]]:
    async def register(request: Request, caller: Asking, asked: Annotated[MonthAsked, Query()]) -> Response:
        """The 《报事报修登记表》 of one estate and month (SOP S9), corrections as entries of their own."""
        month = Month(asked.estate, asked.month, asked.drills)
        return _sent(await documents.register(caller, month, kind, spoken(request, asked.language)))

    return register


def _sent(document: Document) -> Response:
    return download(document.file, document.name, document.media_type)
