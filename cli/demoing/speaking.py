"""What a request says, as the event that it must become: from the contracts, apart from the door's code."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cli.demoing.people import Request
from shared.contracts import replies
from shared.contracts.event import Event
from shared.contracts.ids import fact_id, keyed_event_id, parse_report_id
from shared.contracts.reports import ReportFiled
from shared.contracts.vocabulary import lane_of
from shared.domain.estates.places import place_short
from shared.domain.estates.roster import Estate

DESK = {"role": "customer_assistant"}
SAID: dict[str, type[replies.Said]] = {
    "acknowledge": replies.TaskAcknowledged,
    "start": replies.TaskStarted,
    "arrive": replies.TaskArrived,
    "complete": replies.TaskCompleted,
    "decline": replies.TaskDeclined,
    "hand_on": replies.TaskHandedOn,
    "note": replies.TaskNoted,
    "need_help": replies.HelpNeeded,
    "side_task": replies.SideTaskAsked,
    "help": replies.HelpChanged,
    "place": replies.PlaceCorrected,
    "details": replies.DetailsCorrected,
    "grade": replies.GradeChanged,
    "withdraw": replies.ReportWithdrawn,
    "kind": replies.KindCorrected,
    "link": replies.ReportLinked,
    "extend": replies.LimitExtended,
    "stop_drill": replies.DrillStopped,
}


def events_of(request: Request, estate: Estate, at: datetime) -> list[Event]:
    """What an accepted request becomes, and the word on the report that it follows or joins."""
    event = event_of(request, estate, at)
    return [event, *_on_the_other(request, event)]


def _on_the_other(request: Request, event: Event) -> Iterator[Event]:
    body = request.body
    common = {**event.model_dump(include={"estate_id", "occurred_at", "accepted_at"}), "because_of": event.event_id}
    common |= {"by": body.get("by", DESK), "by_report_id": event.report_id}
    if first := body.get("follows"):
        event_id = fact_id("intake", event.event_id, f"followed|{first}", 0)
        yield replies.ReportFollowed(**common, event_id=event_id, report_id=first)
    if main := body.get("same_event_as") or body.get("to_report_id"):
        event_id = fact_id("intake", event.event_id, f"joined|{main}", 0)
        household = body.get("household") or getattr(event, "place_short", None) or body.get("place")
        drill = event.drill if isinstance(event, ReportFiled) else None
        yield replies.ReportJoined(**common, event_id=event_id, report_id=main, household=household, drill=drill)


def event_of(request: Request, estate: Estate, at: datetime) -> Event:
    """The event of an accepted request."""
    common = {
        "event_id": keyed_event_id(estate.estate, request.key),
        "report_id": request.report_id,
        "estate_id": estate.estate,
        "occurred_at": at,
        "accepted_at": at,
    }
    if request.path == "/v1/reports":
        return ReportFiled(**{**common, **_filed(request.body, estate)})
    own = {name: value for name, value in request.body.items() if name != "type"}
    if request.body["type"] == "place":
        own["building"], own["place_short"] = place_short(estate, own["place"])
    task = {"task_id": request.task_id} if request.task_id else {}
    return SAID[request.body["type"]](**common, **task, **own)


def is_filing(request: Request) -> bool:
    return request.path == "/v1/reports"


def estate_of(request: Request) -> str:
    return parse_report_id(request.report_id).estate


def _filed(body: dict[str, Any], estate: Estate) -> dict[str, Any]:
    said = {name: value for name, value in body.items() if name != "estate"}
    place = said.get("patient_place") or said.get("place")
    building, short = place_short(estate, place) if place else (None, None)
    written = said["category"] == "inquiry" and said.get("channel") in ("app", "written")
    form = said.get("form") or (
        {True: "written", False: "oral"}[written] if said["category"] == "inquiry" else None
    )
    named = {"place": said.get("place") or said.get("patient_place"), "place_short": short, "building": building}
    lane = lane_of(said["category"], said.get("kind"))
    return {"channel": "phone", "by": DESK, **said, **named, "form": form, "lane": lane}
