"""Filing a report: what an emergency needs (nothing but its class), what a routine one must get right."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.ids import keyed_event_id, parse_report_id
from shared.contracts.replies import ReportFollowed
from shared.contracts.reports import ReportFiled
from tests.support.intake import NOW, IntakeAtHand, intake_at_hand

HEX = "0" * 31 + "1"
FIRST = f"routine.inquiry.qinghe.{HEX}"
ELSEWHERE = f"routine.inquiry.lanting.{HEX}"
MOBILE = "13800138000"
EARLIER = (NOW - timedelta(hours=3)).isoformat()
FUTURE = (NOW + timedelta(hours=1)).isoformat()


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


async def the_report(intake: IntakeAtHand, body: Any, key: str = "desk") -> tuple[ReportFiled, dict[str, Any]]:
    answer = await intake.post("/v1/reports", body, key)
    assert answer.status_code == 202, answer.text
    report = next(e for e in intake.sent if isinstance(e, ReportFiled))
    assert report.report_id == answer.json()["report_id"]
    return report, answer.json()


@pytest.mark.parametrize(
    ("body", "lane"),
    [
        ({"category": "medical"}, "emergency"),
        ({"category": "security", "kind": "fight"}, "emergency"),
        ({"category": "disaster"}, "emergency"),
        ({"category": "repair", "kind": "lift_entrapment"}, "emergency"),
        ({"category": "general", "kind": "danger"}, "emergency"),
        ({"category": "repair", "text": "灯坏"}, "routine"),
        ({"category": "general", "text": "借梯子"}, "routine"),
        ({"category": "complaint", "text": "噪音"}, "routine"),
        ({"category": "inquiry", "text": "几点开门"}, "routine"),
    ],
)
async def test_the_lane_follows_from_class_and_kind(intake: IntakeAtHand, body: Any, lane: str) -> None:
    report, answer = await the_report(intake, body)
    assert parse_report_id(answer["report_id"]) == (lane, body["category"], "qinghe", report.event_id.hex)
    assert report.lane == lane
    assert report.channel == "phone"
    assert answer["unread"] == []


async def test_a_record_is_a_cloudevent_under_its_reports_key(intake: IntakeAtHand) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = await intake.post("/v1/reports", {"category": "medical"}, traceparent=trace)
    (record,) = intake.publishers["emergency"].sent
    headers = dict(record.headers)
    assert record.topic == "reports.medical.emergency"
    assert record.key == answer.json()["report_id"]
    assert headers["ce_id"].decode() == answer.json()["event_id"]
    assert headers["ce_type"] == b"report.filed"
    assert headers["ce_source"] == b"/baoshi/intake"
    assert headers["traceparent"].startswith(b"00-" + b"a" * 32)


async def test_the_place_gets_its_building_and_its_name_for_the_pager(intake: IntakeAtHand) -> None:
    body = {"category": "medical", "place": "南门", "patient_place": "3栋1单元1201", "patient_phone": MOBILE}
    report, _ = await the_report(intake, body)
    assert (report.building, report.place_short) == ("b3", "B3-1-1201")
    assert (report.place, report.patient_place, report.patient_phone) == ("南门", "3栋1单元1201", f"+86{MOBILE}")


UNREADABLE: list[tuple[str, Any, dict[str, Any], str]] = [
    ("reporter_phone", "问他老伴", {"reporter_phone": None}, "问他老伴"),
    ("patient_phone", 13800138000, {"patient_phone": f"+86{MOBILE}"}, MOBILE),
    ("kind", "heart", {"kind": None}, "heart"),
    ("kind", "fire", {"kind": None}, "fire"),
    ("grade", "minor", {"grade": None}, "minor"),
    ("channel", "fax", {"channel": "phone"}, "fax"),
    ("help", ["ambulance", "massage"], {"help": ("ambulance",)}, "massage"),
    ("signs", "chest_pain", {"signs": ()}, "chest_pain"),
    ("place", "3栋" + "远" * 100, {"place": "3栋" + "远" * 78, "building": "b3"}, "远" * 100),
    ("occurred_at", "昨天", {"occurred_at": NOW}, "昨天"),
    ("occurred_at", FUTURE, {"occurred_at": NOW}, "2026-11-20T12:00"),
    ("clock_from", FUTURE, {"clock_from": None}, "2026-11-20T12:00"),
    ("follows", "第12号", {"follows": None}, "第12号"),
    ("follows", ELSEWHERE, {"follows": None}, ELSEWHERE),
    ("same_event_as", ELSEWHERE, {"same_event_as": None}, ELSEWHERE),
    ("drill", "maybe", {"drill": False}, "maybe"),
    ("by", {"role": "doctor"}, {}, "doctor"),
    ("by", {"role": "guard"}, {}, "guard"),
    ("floor", 12, {}, "12"),
    ("weather", "red", {"weather": None}, "red"),
    ("appointment_at", NOW.isoformat(), {"appointment_at": None}, "2026-11-20T11:00"),
    ("place", {"x": {"y": "楼"}}, {"place": None}, "楼"),
]


@pytest.mark.parametrize(("field", "value", "kept", "said"), UNREADABLE)
async def test_an_emergency_is_never_refused_and_nothing_that_was_said_is_lost(
    intake: IntakeAtHand, field: str, value: Any, kept: dict[str, Any], said: str
) -> None:
    body = {"category": "medical", "text": "老人倒地", "relation": "女儿", field: value}
    report, answer = await the_report(intake, body)
    assert {name: getattr(report, name) for name in kept} == kept
    assert report.text.startswith("老人倒地")
    assert said in report.text
    assert report.relation == "女儿"
    assert report.by.role == "customer_assistant"
    assert field in [m["field"] for m in answer["unread"]]


@pytest.mark.parametrize(
    "body",
    [
        {"category": "medical", "text": "晕\u0000倒\u202e", "place": "南\u0007门"},
        {"category": "medical", "text": "长" * 9000, "place": "南门"},
        {"category": "medical", "text": 120, "place": "南门"},
        {"category": "medical", "text": ["晕倒"], "place": "南门"},
        {"category": "medical", "a\u0000b": "x", "place": "南门"},
        {"category": "medical", "estate": 7, "place": "南门"},
        {"category": "medical", **{f"unknown_{n}": "长" * 900 for n in range(20)}, "place": "南门"},
    ],
)
async def test_however_mangled_an_emergency_is_its_place_comes_through(intake: IntakeAtHand, body: Any) -> None:
    report, answer = await the_report(intake, body)
    assert report.place is not None
    assert report.place.startswith("南")
    assert len(report.text) <= 4000
    assert (answer["unread"] == []) == (body.get("text") in (120, ["晕倒"]))


@pytest.mark.parametrize(
    "body",
    [
        '{"category":"medical","text":"晕倒","place":"南门"}'.encode("gb18030"),
        b'{"category":"medical","text":"\\ud83d","place":"\\u5357\\u95e8"}',
    ],
)
async def test_an_emergency_in_an_odd_encoding_is_read(intake: IntakeAtHand, body: bytes) -> None:
    report, _ = await the_report(intake, body)
    assert report.place == "南门"


ROUTINE_MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"reporter_phone": "问他老伴"}, "reporter_phone"),
    ({"patient_phone": "12"}, "patient_phone"),
    ({"kind": "fire"}, "kind"),
    ({"kind": "heart"}, "kind"),
    ({"grade": "minor"}, "grade"),
    ({"help": ["ambulance"]}, "help"),
    ({"channel": "fax"}, "channel"),
    ({"occurred_at": FUTURE}, "occurred_at"),
    ({"occurred_at": "2026-11-20T10:00:00"}, "occurred_at"),
    ({"clock_from": NOW.isoformat()}, "clock_from"),
    ({"follows": FIRST, "clock_from": FUTURE}, "clock_from"),
    ({"follows": FIRST}, "clock_from"),
    ({"place": "南\u0007门"}, "place"),
    ({"text": "长" * 4001}, "text"),
    ({"text": " "}, "text"),
    ({"floor": 12}, "floor"),
    ({"weather": "red"}, "weather"),
    ({"weather": "green"}, "weather"),
    ({"appointment_at": NOW.isoformat()}, "appointment_at"),
    ({"written_up": True}, "occurred_at"),
    ({"follows": FIRST, "clock_from": EARLIER, "written_up": True, "occurred_at": EARLIER}, "follows"),
    ({"follows": FIRST, "clock_from": EARLIER, "drill": True}, "follows"),
    ({"follows": FIRST, "clock_from": EARLIER, "same_event_as": FIRST}, "same_event_as"),
    ({"by": {"role": "doctor"}}, "by.role"),
    ({"by": {"role": "customer_assistant", "person": "张三"}}, "by.person"),
    ({"estate": "青禾"}, "estate"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("body", "field"), ROUTINE_MISTAKES)
async def test_a_routine_mistake_is_named_with_its_way_out(
    intake: IntakeAtHand, body: dict[str, Any], field: str, language: str
) -> None:
    whole = {"category": "inquiry", "text": "几点开门", **body}
    answer = await intake.post("/v1/reports", whole, accept_language=language)
    assert answer.status_code == 422
    assert answer.headers["content-language"] == language
    errors = answer.json()["errors"]
    assert field in [e["field"] for e in errors]
    assert all(e["reason"] and e["way_out"] for e in errors)
    assert all((not e["reason"].isascii()) == (language == "zh") for e in errors)
    assert intake.sent == []


async def test_every_mistake_is_named_at_once(intake: IntakeAtHand) -> None:
    body = {"category": "inquiry", "reporter_phone": "?", "kind": "fire", "grade": "minor"}
    errors = (await intake.post("/v1/reports", body)).json()["errors"]
    assert {e["field"] for e in errors} == {"reporter_phone", "kind", "grade"}


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [
        ({"category": "medical", "estate": "lanting"}, "desk", 404),
        ({"category": "medical", "estate": "nowhere"}, "desk", 404),
        ({"category": "medical", "estate": "nowhere"}, "admin", 404),
        ({"category": "inquiry", "text": "x", "follows": ELSEWHERE}, "desk", 404),
        ({"category": "inquiry", "text": "x", "same_event_as": ELSEWHERE}, "both", 422),
        ({"category": "medical"}, "admin", 422),
        ({"category": "medical"}, "both", 422),
        ({"category": "inquiry", "text": "x", "by": {"role": "guard"}}, "desk", 403),
        ({"category": "nothing"}, "desk", 422),
        ({}, "desk", 422),
        ([], "desk", 422),
        (b"{", "desk", 400),
        (b"", "desk", 400),
        (b'{"category":"medical"}', "nobody", 401),
        (b'{"category":"medical"}', "", 401),
    ],
)
async def test_what_is_refused(intake: IntakeAtHand, body: Any, key: str, status: int) -> None:
    answer = await intake.post("/v1/reports", body, key)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert intake.sent == []


@pytest.mark.parametrize(
    ("channel", "form", "stands"),
    [
        ("phone", None, "oral"),
        ("visit", None, "oral"),
        ("written", None, "written"),
        ("app", None, "written"),
        ("phone", "written", "written"),
    ],
)
async def test_the_form_of_an_inquiry(intake: IntakeAtHand, channel: str, form: str | None, stands: str) -> None:
    body = {"category": "inquiry", "text": "物业费", "channel": channel} | ({"form": form} if form else {})
    report, _ = await the_report(intake, body)
    assert report.form == stands


async def test_a_linked_report_keeps_the_clock_and_tells_the_first(intake: IntakeAtHand) -> None:
    clock_from = NOW - timedelta(minutes=7)
    body = {"category": "medical", "follows": FIRST, "clock_from": clock_from.isoformat()}
    report, _ = await the_report(intake, body)
    (followed,) = [e for e in intake.sent if isinstance(e, ReportFollowed)]
    assert (report.follows, report.clock_from) == (FIRST, clock_from)
    assert (followed.report_id, followed.by_report_id) == (FIRST, report.report_id)
    assert followed.because_of == report.event_id
    assert intake.publishers["routine"].sent[0].topic == "replies.routine"


async def test_a_repeated_key_is_the_same_event_sent_again(intake: IntakeAtHand) -> None:
    body = {"category": "medical", "follows": FIRST, "clock_from": NOW.isoformat()}
    first = await intake.post("/v1/reports", body, idempotency_key="k1")
    intake.clock.shows = NOW + timedelta(seconds=5)
    spaced = json.dumps(dict(reversed(body.items())), indent=3).encode()
    again = await intake.post("/v1/reports", spaced, idempotency_key="k1")
    assert again.json() == first.json()
    assert first.json()["event_id"] == str(keyed_event_id("qinghe", "k1"))
    values = [record.value for record in intake.publishers["emergency"].sent]
    assert len(values) == 2 and values[0] == values[1]
    assert len({e.event_id for e in intake.sent}) == 2


async def test_the_same_key_for_something_else_is_refused(intake: IntakeAtHand) -> None:
    await intake.post("/v1/reports", {"category": "medical"}, idempotency_key="k1")
    other = await intake.post("/v1/reports", {"category": "medical", "place": "南门"}, idempotency_key="k1")
    assert other.status_code == 422
    assert other.json()["type"] == "urn:baoshi:problem:key-reused"
    assert len(intake.sent) == 1
    task = f"emergency.medical.qinghe.{uuid4().hex}.ask_help.1"
    said = {"type": "acknowledge", "by": {"role": "customer_assistant"}}
    reply = await intake.post(f"/v1/tasks/{task}/replies", said, idempotency_key="k1")
    assert reply.status_code == 422


async def test_the_same_key_of_another_estate_is_another_event(intake: IntakeAtHand) -> None:
    for estate in ("qinghe", "lanting"):
        body = {"category": "medical", "estate": estate}
        assert (await intake.post("/v1/reports", body, "both", idempotency_key="k1")).status_code == 202
    assert len({e.event_id for e in intake.sent}) == 2


async def test_without_a_key_nothing_is_ever_taken_for_a_duplicate(intake: IntakeAtHand) -> None:
    for _ in range(2):
        await intake.post("/v1/reports", {"category": "medical", "text": "一样的话"})
    assert len({e.report_id for e in intake.sent}) == 2
