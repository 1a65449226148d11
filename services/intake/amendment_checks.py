"""What an amendment shows to be wrong, by itself and by its report's id; the rest dispatch refuses, by a fact."""

from datetime import datetime

from services.intake.checks import (
    appointment_mistake,
    future_mistake,
    grade_mistake,
    kind_mistake,
    phone_mistake,
)
from services.intake.link_checks import FILE_ALONE, NOT_ONE_EVENT, foreign, may_be_one_event
from services.intake.phones import read_phone
from services.intake.problems import Mistake
from services.intake.wording import fields, unknown, words
from shared.contracts.commands import (
    AmendmentRequest,
    ChangeGrade,
    ChangeHelp,
    CorrectDetails,
    CorrectKind,
    ExtendLimit,
    LinkReport,
    Says,
    StopDrill,
)
from shared.contracts.ids import BadId, ReportId, parse_report_id, parse_task_id
from shared.contracts.vocabulary import lane_of


def report_at_the_door(report_id: str) -> ReportId:
    """404 for what intake did not write."""
    try:
        return parse_report_id(report_id)
    except BadId as bad:
        raise unknown("报事", "report") from bad


def check_amendment(request: AmendmentRequest, report: ReportId, now: datetime) -> None:
    """404 for another estate's report, 422 for the rest."""
    if foreign(_other_report(request), report.estate):
        raise unknown("报事", "report")
    wrong = _mistakes(request, report, now)
    if wrong:
        raise fields(wrong)


def _other_report(request: AmendmentRequest) -> str | None:
    if isinstance(request, LinkReport):
        return request.to_report_id
    return request.for_report_id if isinstance(request, StopDrill) else None


def _mistakes(request: AmendmentRequest, report: ReportId, now: datetime) -> list[Mistake]:
    if isinstance(request, CorrectKind):
        return _of_kind(request, report)
    if isinstance(request, ChangeGrade):
        return _only(grade_mistake(report.category, request.grade))
    if isinstance(request, ChangeHelp) and report.category != "medical":
        return [
            _mistake("help", "只有急救病人才选帮助", "Only medical reports choose help", "另报", "File a report")
        ]
    if isinstance(request, LinkReport):
        return _of_link(request, report)
    if isinstance(request, StopDrill) and request.for_report_id == str(report):
        return [
            _mistake(
                "for_report_id", "这是演习本身", "That is the drill itself", "填真实报事", "Give the real report"
            )
        ]
    if isinstance(request, ExtendLimit):
        return _of_limit(request, report, now)
    if isinstance(request, CorrectDetails):
        return _of_details(request, report, now)
    return []


def _of_link(request: LinkReport, report: ReportId) -> list[Mistake]:
    if request.to_report_id == str(report):
        return [
            _mistake("to_report_id", "不能并入自己", "A report is not linked to itself", "核对编号", "Check it")
        ]
    if not may_be_one_event(request.to_report_id, report.lane, report.category):
        return [Mistake("to_report_id", NOT_ONE_EVENT, FILE_ALONE)]
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


def _of_details(request: CorrectDetails, report: ReportId, now: datetime) -> list[Mistake]:
    """In an emergency a number that cannot be read is kept as it was said."""
    found = _only(appointment_mistake(request.appointment_at, now))
    if report.lane == "routine":
        phones = {"reporter_phone": request.reporter_phone, "patient_phone": request.patient_phone}
        found += [phone_mistake(name) for name, value in phones.items() if value and read_phone(value) is None]
    if not request.model_fields_set - set(Says.model_fields) - {"type"}:
        found.append(_mistake("body", "没有要更正的内容", "Nothing to correct", "填写字段", "Give a field"))
    return found


def _only(mistake: Mistake | None) -> list[Mistake]:
    return [mistake] if mistake else []


def _mistake(field: str, why_zh: str, why_en: str, way_zh: str, way_en: str) -> Mistake:
    return Mistake(field, words(why_zh, why_en), words(way_zh, way_en))
