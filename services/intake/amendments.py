"""From an amendment of a report to its event."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.checks import (
    FILE_ALONE,
    NOT_ONE_EVENT,
    PHONES,
    foreign,
    future_mistake,
    grade_mistake,
    kind_mistake,
    may_be_one_event,
    phone_mistake,
)
from services.intake.phones import read_phone
from services.intake.problems import Mistake
from services.intake.replies import said
from services.intake.reports import Told, phone
from services.intake.wording import fields, unknown, words
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
    Withdraw,
)
from shared.contracts.ids import BadId, ReportId, parse_report_id, parse_task_id
from shared.contracts.topics import topic_of
from shared.contracts.vocabulary import lane_of
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
}


def report_at_the_door(report_id: str) -> ReportId:
    """404 for what intake did not write."""
    try:
        return parse_report_id(report_id)
    except BadId as bad:
        raise unknown("报事", "report") from bad


def check_amendment(request: AmendmentRequest, report: ReportId, now: datetime) -> None:
    """What the id alone shows to be wrong; the rest is dispatch's to refuse, by a fact."""
    if isinstance(request, LinkReport) and foreign(request.to_report_id, report.estate):
        raise unknown("报事", "report")
    wrong = _mistakes(request, report, now)
    if wrong:
        raise fields(wrong)


def amendment_event(
    request: AmendmentRequest, report: ReportId, estate: Estate, event_id: UUID, at: datetime
) -> Told:
    """The event on the case's key; the same id and instant give the same event."""
    own: dict[str, Any] = {n: v for n, v in request if n not in Says.model_fields and n != "type"}
    if isinstance(request, CorrectPlace):
        own["building"], own["place_short"] = place_short(estate, request.place)
    own |= {name: phone(own[name]) for name in PHONES if name in own}
    event = _EVENTS[type(request)](**said(request, str(report), report.estate, event_id, at), **own)
    return Told(event, topic_of("replies", report.lane))


def _mistakes(request: AmendmentRequest, report: ReportId, now: datetime) -> list[Mistake]:
    if isinstance(request, CorrectKind):
        return _of_kind(request, report)
    if isinstance(request, ChangeGrade):
        return _only(grade_mistake(report.category, request.grade))
    if isinstance(request, ChangeHelp) and report.category != "medical":
        return [
            _mistake("help", "只有急救病人才选帮助", "Only medical reports choose help", "另报", "File a report")
        ]
    if isinstance(request, LinkReport) and request.to_report_id == str(report):
        return [
            _mistake("to_report_id", "不能并入自己", "A report is not linked to itself", "核对编号", "Check it")
        ]
    if isinstance(request, LinkReport) and not may_be_one_event(request.to_report_id, report.lane, report.category):
        return [Mistake("to_report_id", NOT_ONE_EVENT, FILE_ALONE)]
    if isinstance(request, ExtendLimit):
        return _of_limit(request, report, now)
    if isinstance(request, CorrectDetails):
        return _of_details(request, report)
    return []


def _of_kind(request: CorrectKind, report: ReportId) -> list[Mistake]:
    unknown_kind = kind_mistake(report.category, request.kind)
    if unknown_kind is None and lane_of(report.category, request.kind) != report.lane:
        why = words("改后急缓不同", "It would change the lane")
        return [Mistake("kind", why, words("请另立关联报事(follows)", "File a linked report (follows)"))]
    return _only(unknown_kind)


def _of_limit(request: ExtendLimit, report: ReportId, now: datetime) -> list[Mistake]:
    found = []
    try:
        ours = parse_task_id(request.task_id).report_id == str(report)
    except BadId:
        ours = False
    if not ours:
        found.append(_mistake("task_id", "不是该报事的任务", "No task of this report", "核对编号", "Check the id"))
    if future_mistake("until", request.until, now) is None:
        found.append(_mistake("until", "时间已过", "In the past", "写将来的时间", "Give a later time"))
    return found


def _of_details(request: CorrectDetails, report: ReportId) -> list[Mistake]:
    """In an emergency a number that cannot be read is kept as it was said."""
    phones = {"reporter_phone": request.reporter_phone, "patient_phone": request.patient_phone}
    phones = phones if report.lane == "routine" else {}
    found = [phone_mistake(name) for name, value in phones.items() if value and read_phone(value) is None]
    if not request.model_fields_set - set(Says.model_fields) - {"type"}:
        found.append(_mistake("body", "没有要更正的内容", "Nothing to correct", "填写字段", "Give a field"))
    return found


def _only(mistake: Mistake | None) -> list[Mistake]:
    return [mistake] if mistake else []


def _mistake(field: str, why_zh: str, why_en: str, way_zh: str, way_en: str) -> Mistake:
    return Mistake(field, words(why_zh, why_en), words(way_zh, way_en))
