"""The report's page: the whole story in order, masked until somebody who may see asks and says why."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.register.asking import now_of
from services.register.queries import Queries
from services.register.readings import Readings
from services.register.report_words import Fields, ReportWords
from shared.contracts.ids import BadId, parse_report_id
from shared.domain.estates.roster import Estate
from shared.domain.registering.masking import masked, may_see
from shared.domain.registering.timeline import place_now, reached, timeline
from shared.platform.caller import Caller
from shared.platform.directory import Directory
from shared.platform.web.pages import Pages

_PERSONAL = (
    "reporter", "reporter_phone", "place", "patient_place", "patient_phone", "relation", "wished_by", "vulnerable",
    "signs", "text",
)  # fmt: skip
_LINKS = ("follows", "followed_by", "linked_to", "same_event_as")


class ReportPage(NamedTuple):
    """`/reports/{id}`; whoever is not signed in is sent to where one does."""

    pages: Pages
    queries: Queries
    directory: Directory
    readings: Readings
    fields: Fields

    def routes(self) -> APIRouter:
        routes = APIRouter(include_in_schema=False)
        routes.get("/reports/{report_id}")(self.page)
        return routes

    async def page(self, report_id: str, request: Request) -> Response:
        caller = await self.pages.caller(request)
        if caller is None:
            return self.pages.sign_in(request)
        report = await self.queries.report(report_id, caller.estates)
        estate = await self._estate(report_id) if report else None
        if report is None or estate is None:
            return self.pages.render(request, "report.html", caller, status=404, report=None)
        context = await self._context(request, caller, report, estate)
        return self.pages.render(request, "report.html", caller, **context)

    async def _context(
        self, request: Request, caller: Caller, report: dict[str, Any], estate: Estate
    ) -> dict[str, Any]:
        """Masked for everybody: a role that may see has to ask, so that it is known."""
        sees = may_see(caller.roles_in(estate.estate))
        shown = lenient(masked(report))
        row = shown["row"]
        parts = timeline(shown["story"], row)
        start = row.get("clock_from") or row.get("received_at") or row["sorted_at"]
        words = ReportWords(self.pages.language(request), estate, start, self.fields, named=sees)
        return {
            "report": shown,
            "row": row,
            "estate": estate,
            "parts": parts,
            "reached_at": reached(parts),
            "w": words,
            "start": start,
            "running": running(row),
            "place": place_now(row),
            "steps": {
                e["task_id"]: words.words(e["words"]) for e in shown["story"] if e["type"] == "task.assigned"
            },
            "personal": [name for name in _PERSONAL if row.get(name)],
            "others": [(name, row[name]) for name in _LINKS if row.get(name)],
            "may_reveal": sees,
            "reveals": await self.readings.revealed(report["report_id"]) if sees else [],
            "shown_at": await now_of(request),
        }

    async def _estate(self, report_id: str) -> Estate | None:
        try:
            code = parse_report_id(report_id).estate
        except BadId:
            return None
        # A report of an estate that is in no directory any more is still shown.
        return await self.directory.estate(code) or Estate(estate=code, zh=code, en=code)


class _Said(dict[str, Any]):
    """A field that an event or a row does not have is None in a template."""

    def __missing__(self, name: str) -> None:
        return None


def lenient(value: Any) -> Any:
    """The same document for a template, which asks for what may not be there."""
    if isinstance(value, dict):
        return _Said({name: lenient(inner) for name, inner in value.items()})
    return [lenient(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def running(row: dict[str, Any]) -> list[tuple[dict[str, Any], list[tuple[str, Any]]]]:
    """Open tasks with the clocks that still run, the earliest first."""
    found = []
    for task in row.get("tasks", ()):
        if task["state"] == "open":
            due = [("ack", task["ack_by"]), ("finish", task["finish_by"])]
            due += [] if "arrived_at" in task else [("arrive", task["arrive_by"])]
            found.append((task, sorted(((n, at) for n, at in due if at), key=lambda one: one[1])))
    return sorted(found, key=lambda one: (not one[1], one[1][0][1] if one[1] else one[0]["assigned_at"]))
