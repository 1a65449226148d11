"""From an amendment of a report to its event, and what a report is told that another is linked to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.checks import PHONES
from services.intake.linking import Told, joined_later
from services.intake.replies import said
from services.intake.reports import phone
from shared.contracts import replies
from shared.contracts.commands import (
    AmendmentRequest,
    ChangeGrade,
    ChangeHelp,
    CorrectDetails,
    CorrectKind,
    CorrectPlace,
    ExtendLimit,
    LinkReport,
    Says,
    StopDrill,
    Withdraw,
)
from shared.contracts.ids import ReportId
from shared.contracts.topics import topic_of
from shared.domain.estates.places import place_short
from shared.domain.estates.roster import Estate

_EVENTS: dict[type[Says], type[replies.Said]] = {
    ChangeHelp: replies.HelpChanged,
    CorrectPlace: replies.PlaceCorrected,
    CorrectDetails: replies.DetailsCorrected,
    CorrectKind: replies.KindCorrected,
    ChangeGrade: replies.GradeChanged,
    LinkReport: replies.ReportLinked,
    ExtendLimit: replies.LimitExtended,
    Withdraw: replies.ReportWithdrawn,
    StopDrill: replies.DrillStopped,
}


def amended(
    request: AmendmentRequest, report: ReportId, estate: Estate, event_id: UUID, at: datetime
) -> list[Told]:
    """The event on the case's key, a link's `report.joined` before it; the same id and instant give the same."""
    own: dict[str, Any] = {n: v for n, v in request if n not in Says.model_fields and n != "type"}
    if isinstance(request, CorrectPlace):
        own["building"], own["place_short"] = place_short(estate, request.place)
    own |= {name: phone(own[name]) for name in PHONES if name in own}
    event = _EVENTS[type(request)](**said(request, str(report), report.estate, event_id, at), **own)
    told = [Told(event, topic_of("replies", report.lane))]
    return [joined_later(event, estate), *told] if isinstance(event, replies.ReportLinked) else told
