"""Pages of the office: the register of a month with its documents, and the month's figures for the service head."""

import re
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.register.asking import now_of
from services.register.documents.documents import Documents
from services.register.documents.months import Month
from services.register.figures import MONTH, Counting, FiguresAsked
from shared.domain.estates.roster import Estate
from shared.domain.registering.figure_tables import figure_tables
from shared.domain.registering.figure_words import worded
from shared.domain.registering.form import FORM, Line, headings
from shared.domain.registering.paper import Cell, Language
from shared.domain.registering.statistics import UNKNOWN_ESTATE, month_of
from shared.platform.caller import Caller
from shared.platform.web.pages import Pages

PREVIEWED = 30
BRIEFS = 50
_BY_DEPARTMENT = "estate,department"


class Choice(NamedTuple):
    """What was chosen on a page; `wrong`: what of it cannot be, `month` or `estate`."""

    estates: list[tuple[str, str]]
    estate: str
    month: str
    drills: bool
    wrong: str | None

    def link(self, path: str, language: Language, **more: str) -> str:
        drills = {"drills": "true"} if self.drills else {}
        return f"{path}?{urlencode({**more, **drills, 'language': language})}"


class MonthPages:
    """`/register` and `/statistics`; whoever is not signed in, a post's page too, is sent to where one does."""

    def __init__(self, pages: Pages, documents: Documents, counting: Counting) -> None:
        self._pages, self._documents, self._counting = pages, documents, counting

    def routes(self) -> APIRouter:
        routes = APIRouter(include_in_schema=False)
        routes.get("/register")(self.register)
        routes.get("/statistics")(self.statistics)
        return routes

    async def register(self, request: Request) -> Response:
        caller = await self._pages.caller(request)
        if caller is None or caller.post:
            return self._pages.sign_in(request)
        choice = await self._choice(request, caller, all_estates=False)
        shown = await self._month(request, caller, choice) if choice.wrong is None else {}
        return self._answered(request, caller, "register.html", choice, {"shown": None, **shown})

    async def statistics(self, request: Request) -> Response:
        caller = await self._pages.caller(request)
        if caller is None or caller.post:
            return self._pages.sign_in(request)
        choice = await self._choice(request, caller, all_estates=True)
        shown = await self._figures(request, caller, choice) if choice.wrong is None else {}
        return self._answered(request, caller, "statistics.html", choice, {"tables": None, **shown})

    def _answered(
        self, request: Request, caller: Caller, template: str, choice: Choice, shown: dict[str, Any]
    ) -> Response:
        status = {"month": 422, "estate": 404}.get(choice.wrong or "", 200)
        return self._pages.render(request, template, caller, status=status, choice=choice, **shown)

    async def _choice(self, request: Request, caller: Caller, *, all_estates: bool) -> Choice:
        """The first estate and the running month where nothing is chosen."""
        asked, language = request.query_params, self._pages.language(request)
        estates = await self._documents.estates(caller)
        names = [(code, _name(estate, language)) for code, estate in estates.items()]
        code = asked.get("estate", "" if all_estates else next(iter(estates), ""))
        zone = estates[code].zone if code in estates else UNKNOWN_ESTATE
        month = asked.get("month") or month_of(await now_of(request), zone)
        wrong = "month" if not re.fullmatch(MONTH, month) else None
        if code not in estates and not (all_estates and code == ""):
            wrong = "estate"
        return Choice(names, code, month, asked.get("drills") == "true", wrong)

    async def _month(self, request: Request, caller: Caller, choice: Choice) -> dict[str, Any]:
        language = _language(self._pages, request)
        paper = await self._documents.paper(caller, choice.estate, language)
        month = Month(choice.estate, choice.month, choice.drills)
        lines = await self._documents.preview(caller, month, language, PREVIEWED)
        briefs = await self._documents.disasters(month, paper, BRIEFS)
        query = {"estate": choice.estate, "month": choice.month}
        return {
            "shown": lines,
            "count": await self._documents.count(month, paper),
            "headings": headings(paper),
            "cells": [(line.correction, [_written(cell) for cell in line.cells]) for line in lines],
            "links_of_month": [
                (kind, choice.link(f"/v1/register.{kind}", language, **query)) for kind in ("xlsx", "pdf", "csv")
            ],
            "briefs": [(_about(line), f"/v1/reports/{i}/brief.pdf?language={language}") for i, line in briefs],
            "hidden": paper.hidden,
        }

    async def _figures(self, request: Request, caller: Caller, choice: Choice) -> dict[str, Any]:
        """By class and by department; return visits and hand-ons come with the first."""
        language, now = _language(self._pages, request), await now_of(request)
        paper = await self._documents.paper_of_figures(caller, choice.estate or None, language)
        names = await self._documents.estate_names(caller, language)
        by_class = await self._asked(caller, choice, now, FiguresAsked.model_fields["group_by"].default)
        by_department = await self._asked(caller, choice, now, _BY_DEPARTMENT)
        classes, visits, hand_ons = (worded(table, paper) for table in figure_tables(by_class, paper, names))
        departments = worded(figure_tables(by_department, paper, names)[0], paper)
        query = {"from_month": choice.month, "to_month": choice.month}
        query |= {"estate": choice.estate} if choice.estate else {}
        by = {"group_by": _BY_DEPARTMENT}
        return {
            "tables": {"class": classes, "department": departments, "visits": visits, "hand_ons": hand_ons},
            "by_class": choice.link("/v1/statistics.xlsx", language, **query),
            "by_department": choice.link("/v1/statistics.xlsx", language, **query, **by),
        }

    async def _asked(self, caller: Caller, choice: Choice, now: datetime, group_by: str) -> dict[str, Any]:
        asked = FiguresAsked(
            from_month=choice.month,
            to_month=choice.month,
            estate=choice.estate or None,
            group_by=group_by,
            drills=choice.drills,
        )
        return await self._counting.figures(asked, caller.estates, now)


def _language(pages: Pages, request: Request) -> Language:
    return "en" if pages.language(request) == "en" else "zh"


def _name(estate: Estate, language: str) -> str:
    return estate.en if language == "en" else estate.zh


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else str(cell)


def _about(line: Line) -> str:
    """Number, time, class and place of a report."""
    cells = dict(zip((column.id for column in FORM), line.cells, strict=True))
    return " · ".join(_written(cells[name]) for name in ("no", "received_at", "class", "place") if cells[name])
