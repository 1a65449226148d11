"""Replies and amendments: what the door lets through, and what it refuses by the id and the step alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import replies
from tests.support.intake import NOW, IntakeAtHand, intake_at_hand

HEX = "0" * 31 + "1"
REPORT = f"emergency.medical.qinghe.{HEX}"
INQUIRY = f"routine.inquiry.qinghe.{HEX}"
LIFT = f"emergency.repair.qinghe.{HEX}"
TASK = f"{REPORT}.ask_help.1"
NURSING = f"{REPORT}.go_nursing.1"
BY = {"role": "customer_assistant", "person": "desk-1"}
GUARD = {"role": "guard", "post": "patrol-east"}
LATER = (NOW + timedelta(hours=1)).isoformat()


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


REPLIES: list[tuple[dict[str, Any], type[replies.Reply]]] = [
    ({"type": "acknowledge"}, replies.TaskAcknowledged),
    ({"type": "start"}, replies.TaskStarted),
    ({"type": "arrive"}, replies.TaskArrived),
    (
        {
            "type": "complete",
            "outcome": "known",
            "record": {"patient_phone": "1", "flag": True, "n": 2, "l": ["a"]},
        },
        replies.TaskCompleted,
    ),
    ({"type": "complete", "outcome": "cancelled"}, replies.TaskCompleted),
    (
        {
            "type": "complete",
            "outcome": "impossible",
            "record": {"impossible_why": "x", "impossible_onward": "供电局"},
        },
        replies.TaskCompleted,
    ),
    ({"type": "decline", "reason": "在岗走不开", "onward": "西巡逻岗"}, replies.TaskDeclined),
    ({"type": "hand_on", "reason": "换班", "to_person": "desk-2"}, replies.TaskHandedOn),
    ({"type": "hand_on", "reason": "电路", "to_role": "engineering"}, replies.TaskHandedOn),
    ({"type": "hand_on", "reason": "绿化", "to_department": "绿化部"}, replies.TaskHandedOn),
    ({"type": "note", "note": "已在楼下"}, replies.TaskNoted),
    ({"type": "need_help"}, replies.HelpNeeded),
    ({"type": "side_task", "step": "no_entry"}, replies.SideTaskAsked),
]


@pytest.mark.parametrize(("body", "event"), REPLIES)
async def test_a_reply_is_its_event_on_the_cases_key(
    intake: IntakeAtHand, body: dict[str, Any], event: type[replies.Reply]
) -> None:
    answer = await intake.post(f"/v1/tasks/{TASK}/replies", {**body, "by": BY})
    assert answer.status_code == 202, answer.text
    (sent,) = intake.sent
    assert isinstance(sent, event)
    assert (sent.report_id, sent.task_id, sent.by.person) == (REPORT, TASK, "desk-1")
    assert {k: v for k, v in sent.model_dump(exclude={"type"}).items() if k in body} == {
        k: v for k, v in body.items() if k != "type"
    }
    said = answer.json()
    assert (said["event_id"], said["task_id"]) == (str(sent.event_id), TASK)
    assert said["refusal_at"] == f"/v1/replies/{sent.event_id}"
    assert intake.publishers["emergency"].sent[0].topic == "replies.emergency"


FORBIDDEN: list[tuple[str, dict[str, Any], str]] = [
    (TASK, {"type": "decline", "reason": "没空"}, "onward"),
    (TASK, {"type": "decline", "reason": "没空", "onward": "  "}, "onward"),
    (TASK, {"type": "decline", "onward": "西巡逻岗"}, "reason"),
    (TASK, {"type": "complete", "outcome": "impossible"}, "record.impossible_onward"),
    (
        TASK,
        {"type": "complete", "outcome": "impossible", "record": {"impossible_why": "x", "impossible_onward": "无"}},
        "record.impossible_onward",
    ),
    (
        TASK,
        {"type": "complete", "outcome": "impossible", "record": {"impossible_onward": "供电局"}},
        "record.impossible_why",
    ),
    (NURSING, {"type": "complete", "outcome": "started"}, "record.relative_present"),
    (
        NURSING,
        {"type": "complete", "outcome": "started", "record": {"relative_present": "不在"}},
        "record.relative_present",
    ),
    (
        NURSING,
        {"type": "complete", "outcome": "started", "record": {"relative_present": False}},
        "record.relative_present",
    ),
    (TASK, {"type": "hand_on", "reason": "换班"}, "to_person"),
    (TASK, {"type": "acknowledge", "occurred_at": LATER}, "occurred_at"),
    (TASK, {"type": "acknowledge", "words": "明白"}, "heard_by"),
    (TASK, {"type": "complete", "outcome": "x", "record": {"a": 1.5}}, "record.a"),
    (TASK, {"type": "complete", "outcome": "x", "record": {"a": 2**60}}, "record.a"),
    (TASK, {"type": "note", "note": "a\u0000b"}, "note"),
    (TASK, {"type": "acknowledge", "outcome": "x"}, "outcome"),
    (TASK, {"type": "dance"}, "body"),
]


@pytest.mark.parametrize(("task", "body", "field"), FORBIDDEN)
async def test_what_the_step_forbids_is_refused_at_the_door(
    intake: IntakeAtHand, task: str, body: dict[str, Any], field: str
) -> None:
    answer = await intake.post(f"/v1/tasks/{task}/replies", {**body, "by": BY})
    assert answer.status_code == 422
    assert field in [e["field"] for e in answer.json()["errors"]]
    assert intake.sent == []


async def test_nursing_starts_with_a_relative(intake: IntakeAtHand) -> None:
    body = {"type": "complete", "outcome": "started", "record": {"relative_present": "女儿"}, "by": GUARD}
    assert (await intake.post(f"/v1/tasks/{NURSING}/replies", body, "guard")).status_code == 202


WHO: list[tuple[str, dict[str, Any], int]] = [
    ("guard", {"by": GUARD}, 202),
    ("desk", {"by": GUARD}, 403),
    ("guard", {"by": BY}, 403),
    ("admin", {"by": GUARD}, 202),
    ("desk", {"by": GUARD, "heard_by": BY, "words": "明白"}, 202),
    ("desk", {"by": GUARD, "heard_by": BY}, 422),
    ("desk", {"by": GUARD, "heard_by": BY, "words": " "}, 422),
    ("guard", {"by": BY, "heard_by": GUARD, "words": "明白"}, 403),
    ("guard", {"by": GUARD, "heard_by": BY, "words": "明白"}, 403),
    ("guard", {"by": GUARD, "heard_by": GUARD}, 422),
    ("guard", {"by": GUARD, "heard_by": GUARD, "words": "明白"}, 202),
]


@pytest.mark.parametrize(("key", "who", "status"), WHO)
async def test_a_key_speaks_for_its_roles(intake: IntakeAtHand, key: str, who: Any, status: int) -> None:
    answer = await intake.post(f"/v1/tasks/{TASK}/replies", {"type": "acknowledge", **who}, key)
    assert answer.status_code == status
    amended = await intake.post(f"/v1/reports/{REPORT}/amendments", {"type": "help", "help": [], **who}, key)
    assert amended.status_code == status


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_answer_on_behalf_without_its_words_says_so(intake: IntakeAtHand, language: str) -> None:
    body = {"type": "acknowledge", "by": GUARD, "heard_by": BY}
    answer = await intake.post(f"/v1/tasks/{TASK}/replies", body, accept_language=language)
    (error,) = answer.json()["errors"]
    assert error["field"] == "words"
    assert error["reason"].isascii() == (language == "en")
    assert intake.sent == []


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/tasks/{TASK.replace('qinghe', 'lanting')}/replies",
        f"/v1/reports/{REPORT.replace('qinghe', 'lanting')}/amendments",
        "/v1/tasks/nothing/replies",
        "/v1/reports/nothing/amendments",
        f"/v1/tasks/{REPORT}/replies",
        "/v1/nothing",
    ],
)
async def test_another_estates_case_is_as_unknown_as_none(intake: IntakeAtHand, path: str) -> None:
    answer = await intake.post(path, {"type": "acknowledge", "by": BY})
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:baoshi:problem:not-found"
    assert "lanting" not in answer.text


AMENDMENTS: list[tuple[str, dict[str, Any], type[replies.Said]]] = [
    (REPORT, {"type": "help", "help": ["ambulance", "nursing"]}, replies.HelpChanged),
    (REPORT, {"type": "place", "place": "3栋1单元1201"}, replies.PlaceCorrected),
    (REPORT, {"type": "details", "relation": "邻居"}, replies.DetailsCorrected),
    (REPORT, {"type": "details", "patient_phone": "问门卫"}, replies.DetailsCorrected),
    (REPORT, {"type": "grade", "grade": "major"}, replies.GradeChanged),
    (LIFT, {"type": "kind", "kind": "gas"}, replies.KindCorrected),
    (
        REPORT,
        {"type": "extend", "task_id": TASK, "clock": "finish", "until": LATER, "reason": "等车"},
        replies.LimitExtended,
    ),
    (REPORT, {"type": "withdraw", "reason": "误报"}, replies.ReportWithdrawn),
    (REPORT, {"type": "stop_drill"}, replies.DrillStopped),
    (REPORT, {"type": "stop_drill", "for_report_id": LIFT}, replies.DrillStopped),
    (f"routine.repair.qinghe.{HEX}", {"type": "details", "urgency": "urgent"}, replies.DetailsCorrected),
]


@pytest.mark.parametrize(("report", "body", "event"), AMENDMENTS)
async def test_an_amendment_is_its_event(
    intake: IntakeAtHand, report: str, body: dict[str, Any], event: type[replies.Said]
) -> None:
    answer = await intake.post(f"/v1/reports/{report}/amendments", {**body, "by": BY})
    assert answer.status_code == 202, answer.text
    (sent,) = intake.sent
    assert isinstance(sent, event)
    assert sent.report_id == report
    content = sent.model_dump(mode="json", exclude={"type"})
    until = {"until": LATER.replace("+00:00", "Z")} if "until" in body else {}
    assert {k: v for k, v in content.items() if k in body} == {k: v for k, v in body.items() if k != "type"} | until


async def test_a_corrected_appointment_is_in_the_event(intake: IntakeAtHand) -> None:
    body = {"type": "details", "urgency": "appointment", "appointment_at": LATER, "by": BY}
    await intake.post(f"/v1/reports/routine.repair.qinghe.{HEX}/amendments", body)
    (sent,) = intake.sent
    assert isinstance(sent, replies.DetailsCorrected)
    assert (sent.urgency, sent.appointment_at) == ("appointment", NOW + timedelta(hours=1))


async def test_a_corrected_place_gets_its_building(intake: IntakeAtHand) -> None:
    body = {"type": "place", "place": "3栋1单元1201", "by": BY}
    await intake.post(f"/v1/reports/{REPORT}/amendments", body)
    (sent,) = intake.sent
    assert isinstance(sent, replies.PlaceCorrected)
    assert (sent.building, sent.place_short) == ("b3", "B3-1-1201")


AMISS: list[tuple[str, dict[str, Any], str]] = [
    (LIFT, {"type": "kind", "kind": "fire"}, "kind"),
    (f"routine.repair.qinghe.{HEX}", {"type": "kind", "kind": "gas"}, "kind"),
    (INQUIRY, {"type": "help", "help": ["ambulance"]}, "help"),
    (INQUIRY, {"type": "details", "reporter_phone": "问门卫"}, "reporter_phone"),
    (INQUIRY, {"type": "details"}, "body"),
    (INQUIRY, {"type": "details", "appointment_at": NOW.isoformat()}, "appointment_at"),
    (INQUIRY, {"type": "details", "urgency": "soon"}, "urgency"),
    (REPORT, {"type": "stop_drill", "for_report_id": REPORT}, "for_report_id"),
    (REPORT, {"type": "grade", "grade": "minor"}, "grade"),
    (REPORT, {"type": "place", "place": " "}, "place"),
    (REPORT, {"type": "link", "to_report_id": REPORT}, "to_report_id"),
    (REPORT, {"type": "link", "to_report_id": INQUIRY}, "to_report_id"),
    (
        REPORT,
        {"type": "extend", "task_id": f"{LIFT}.order.1", "clock": "finish", "until": LATER, "reason": "等"},
        "task_id",
    ),
    (
        REPORT,
        {"type": "extend", "task_id": TASK, "clock": "finish", "until": NOW.isoformat(), "reason": "等"},
        "until",
    ),
    (REPORT, {"type": "withdraw", "reason": ""}, "reason"),
]


@pytest.mark.parametrize(("report", "body", "field"), AMISS)
async def test_what_the_id_shows_to_be_wrong_is_refused(
    intake: IntakeAtHand, report: str, body: dict[str, Any], field: str
) -> None:
    answer = await intake.post(f"/v1/reports/{report}/amendments", {**body, "by": BY})
    assert answer.status_code == 422, answer.text
    assert field in [e["field"] for e in answer.json()["errors"]]
    assert intake.sent == []


@pytest.mark.parametrize(("of", "field"), [("link", "to_report_id"), ("stop_drill", "for_report_id")])
async def test_a_report_of_another_estate_is_not_named(intake: IntakeAtHand, of: str, field: str) -> None:
    body = {"type": of, field: INQUIRY.replace("qinghe", "lanting"), "by": BY}
    assert (await intake.post(f"/v1/reports/{REPORT}/amendments", body, "both")).status_code == 404


async def test_a_repeated_reply_is_the_same_event(intake: IntakeAtHand) -> None:
    body = {"type": "acknowledge", "by": BY}
    answers = [await intake.post(f"/v1/tasks/{TASK}/replies", body, idempotency_key="k") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    other = await intake.post(f"/v1/tasks/{NURSING}/replies", body, idempotency_key="k")
    assert other.status_code == 422
