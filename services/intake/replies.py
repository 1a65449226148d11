"""From an answer to a task to its event; the door refuses what the step forbids and what the id shows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.authentication import speaker
from services.intake.linking import Told
from services.intake.problems import Mistake
from services.intake.wording import fields, unknown, words
from shared.contracts import replies
from shared.contracts.commands import (
    Acknowledge,
    Arrive,
    AskSideTask,
    Complete,
    Decline,
    HandOn,
    NeedHelp,
    Note,
    ReplyRequest,
    Says,
    Start,
)
from shared.contracts.ids import BadId, ReportId, TaskId, parse_report_id, parse_task_id
from shared.contracts.topics import topic_of

NURSING = "go_nursing"
RELATIVE = "relative_present"
IMPOSSIBLE = ("impossible_why", "impossible_onward")
_NO = frozenset({"", "no", "none", "false", "无", "没有", "否", "不在", "unknown", "未知"})

_EVENTS: dict[type[Says], type[replies.Reply]] = {
    Acknowledge: replies.TaskAcknowledged,
    Start: replies.TaskStarted,
    Arrive: replies.TaskArrived,
    Complete: replies.TaskCompleted,
    Decline: replies.TaskDeclined,
    HandOn: replies.TaskHandedOn,
    Note: replies.TaskNoted,
    NeedHelp: replies.HelpNeeded,
    AskSideTask: replies.SideTaskAsked,
}


def task_at_the_door(task_id: str) -> tuple[TaskId, ReportId]:
    """404 for what dispatch cannot have written."""
    try:
        task = parse_task_id(task_id)
        return task, parse_report_id(task.report_id)
    except BadId as bad:
        raise unknown("任务", "task") from bad


def check_reply(request: ReplyRequest, task: TaskId) -> None:
    """What the step forbids whatever its case's state: no onward contact, no relative, no new holder."""
    wrong: list[Mistake] = []
    if isinstance(request, HandOn) and not (request.to_person or request.to_role or request.to_department):
        wrong.append(
            _mistake("to_person", "没有写明交给谁", "Nobody is named", "写明人、岗位或部门", "Name who takes it")
        )
    if isinstance(request, Complete):
        wrong += _outcome_mistakes(request, task)
    if wrong:
        raise fields(wrong)


def reply_event(request: ReplyRequest, task_id: str, report: ReportId, event_id: UUID, at: datetime) -> Told:
    """The event on the case's key; the same id and instant give the same event."""
    event = _EVENTS[type(request)](
        **said(request, str(report), report.estate, event_id, at), task_id=task_id, **_own_fields(request)
    )
    return Told(event, topic_of("replies", report.lane))


def said(request: Says, report_id: str, estate: str, event_id: UUID, at: datetime) -> dict[str, Any]:
    """The fields that everything said has."""
    return {
        "event_id": event_id,
        "report_id": report_id,
        "estate_id": estate,
        "occurred_at": request.occurred_at or at,
        "accepted_at": at,
        "by": speaker(request.by),
        "heard_by": speaker(request.heard_by) if request.heard_by else None,
        "words": request.words,
    }


def _own_fields(request: Says) -> dict[str, Any]:
    return {name: value for name, value in request if name not in Says.model_fields and name != "type"}


def _outcome_mistakes(request: Complete, task: TaskId) -> list[Mistake]:
    if request.outcome == "impossible":
        return [_SHIRKED[name] for name in IMPOSSIBLE if not _is_said(request.record.get(name))]
    if task.step == NURSING and request.outcome == "started" and not _is_said(request.record.get(RELATIVE)):
        return [
            _mistake(
                f"record.{RELATIVE}",
                "亲属不在场不可开始护理",
                "Nursing does not start before a relative is present",
                "请亲属到场后再报,或报no_relative",
                "Wait for a relative, or say no_relative",
            )
        ]
    return []


def _is_said(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in _NO
    return bool(value)


_SHIRKED: dict[str, Mistake] = {
    "impossible_why": Mistake(
        "record.impossible_why", words("没有写明为何办不到", "Without a reason"), words("写明原因", "Say why")
    ),
    "impossible_onward": Mistake(
        "record.impossible_onward",
        words("严禁推诿:没有写明转由谁办", "No shirking: no onward contact is named"),
        words("写明已联系的部门、人和电话", "Name the body, person and phone that takes it"),
    ),
}


def _mistake(field: str, why_zh: str, why_en: str, way_zh: str, way_en: str) -> Mistake:
    return Mistake(field, words(why_zh, why_en), words(way_zh, way_en))
