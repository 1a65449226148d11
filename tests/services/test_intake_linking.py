"""One event, several reports: what the main report is told, by a filing and by an amendment, durable together."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.intake.linking import household_of
from shared.contracts.event import Event
from shared.contracts.history import read_event
from shared.contracts.replies import ReportFollowed, ReportJoined, ReportLinked
from shared.contracts.reports import ReportFiled
from shared.contracts.vocabulary import LANES
from tests.support.intake import NOW, IntakeAtHand, intake_at_hand

HEX = "0" * 31 + "1"
MAIN = f"emergency.medical.qinghe.{HEX}"
NOISE = f"routine.complaint.qinghe.{HEX}"
SECOND = MAIN[:-1] + "2"
BY = {"role": "customer_assistant", "person": "desk-1"}
EARLIER = (NOW - timedelta(hours=3)).isoformat()


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


async def spooled(intake: IntakeAtHand) -> list[Event | Any]:
    return [
        read_event(waiting.record.value) for lane in LANES for waiting, _ in await intake.lines[lane].spool.read(9)
    ]


async def test_the_main_report_is_told_of_a_filing(intake: IntakeAtHand) -> None:
    body = {"category": "medical", "same_event_as": MAIN, "place": "3栋1单元1201"}
    answer = await intake.post("/v1/reports", body)
    joined, filed = intake.sent
    assert isinstance(filed, ReportFiled) and isinstance(joined, ReportJoined)
    assert (joined.report_id, joined.by_report_id) == (MAIN, answer.json()["report_id"])
    assert (joined.household, joined.drill, joined.because_of) == ("B3-1-1201", False, filed.event_id)
    assert [r.topic for r in intake.publishers["emergency"].sent] == [
        "replies.emergency",
        "reports.medical.emergency",
    ]
    assert intake.publishers["emergency"].sent[0].key == MAIN


async def test_the_main_report_is_told_of_an_amendment(intake: IntakeAtHand) -> None:
    heard = {"role": "control_room"}
    body = {"type": "link", "to_report_id": MAIN, "household": "3栋 1单元 1201", "by": BY}
    body |= {"heard_by": heard, "words": "是同一件事"}
    answer = await intake.post(f"/v1/reports/{SECOND}/amendments", body)
    joined, linked = intake.sent
    assert isinstance(linked, ReportLinked) and isinstance(joined, ReportJoined)
    assert answer.json()["event_id"] == str(linked.event_id) and linked.household == "3栋 1单元 1201"
    assert (joined.report_id, joined.by_report_id, joined.because_of) == (MAIN, SECOND, linked.event_id)
    assert (joined.household, joined.drill) == ("B3-1-1201", None)
    assert joined.heard_by is not None and joined.heard_by.role == "control_room"
    assert joined.words is None


@pytest.mark.parametrize("path", ["/v1/reports", f"/v1/reports/{SECOND}/amendments"])
async def test_with_kafka_away_both_are_in_the_spool_under_the_same_ids(intake: IntakeAtHand, path: str) -> None:
    said = {"type": "link", "to_report_id": MAIN, "by": BY}
    body = said if "amendments" in path else {"category": "medical", "same_event_as": MAIN}
    await intake.post(path, body, idempotency_key="k")
    intake.kafka_answers(False)
    again = await intake.post(path, body, idempotency_key="k")
    assert again.json()["durable"] == "spool"
    assert await spooled(intake) == intake.sent
    assert [type(event) for event in intake.sent] == [ReportJoined, type(intake.sent[1])]


HOUSEHOLDS = [
    ("B3-1-1201", "3栋1单元1201", "B3-1-1201"),
    (None, "翡翠公馆 1201 室", "翡翠公馆1201"),
    (None, "1201房", "1201"),
    (None, "1201", "1201"),
    (None, "张三 13800138000", None),
    (None, "住户王先生", None),
    ("S-GATE", "南门", None),
    ("B3", "3栋楼下", None),
    (None, "中心花园", None),
    (None, None, None),
    (None, "㍿" * 70 + "1201", "株式会社" * 20),
]


@pytest.mark.parametrize(("short", "place", "household"), HOUSEHOLDS)
def test_a_household_is_a_room(short: str | None, place: str | None, household: str | None) -> None:
    assert household_of(short, place) == household


async def test_three_callers_about_one_courtyard_are_three(intake: IntakeAtHand) -> None:
    body = {"category": "complaint", "text": "噪音", "place": "中心花园", "same_event_as": NOISE}
    for _ in range(3):
        assert (await intake.post("/v1/reports", body)).status_code == 202
    joined = [event for event in intake.sent if isinstance(event, ReportJoined)]
    assert [event.household for event in joined] == [None] * 3
    assert len({event.by_report_id for event in joined}) == len({event.event_id for event in joined}) == 3


async def test_a_drill_says_so_to_the_report_it_joins(intake: IntakeAtHand) -> None:
    await intake.post("/v1/reports", {"category": "medical", "same_event_as": MAIN, "drill": True})
    (joined,) = [event for event in intake.sent if isinstance(event, ReportJoined)]
    assert joined.drill is True


async def test_what_is_written_up_joins_in_its_row_only(intake: IntakeAtHand) -> None:
    body = {"category": "medical", "same_event_as": MAIN, "written_up": True, "occurred_at": EARLIER}
    assert (await intake.post("/v1/reports", body)).status_code == 202
    (filed,) = intake.sent
    assert isinstance(filed, ReportFiled) and filed.same_event_as == MAIN


FOLLOWING = {"follows": MAIN, "clock_from": EARLIER}
NO_LINK = ["follows", "clock_from"]
EMERGENCIES: list[tuple[dict[str, Any], list[str]]] = [
    ({**FOLLOWING, "drill": True}, NO_LINK),
    ({**FOLLOWING, "written_up": True, "occurred_at": EARLIER}, NO_LINK),
    ({**FOLLOWING, "follows": MAIN.replace("qinghe", "lanting")}, NO_LINK),
    ({**FOLLOWING, "follows": "第12号"}, ["clock_from", "follows"]),
    ({**FOLLOWING, "same_event_as": SECOND}, ["same_event_as"]),
    ({**FOLLOWING, "clock_from": "昨天"}, ["clock_from"]),
    ({**FOLLOWING, "clock_from": (NOW - timedelta(days=61)).isoformat()}, ["clock_from"]),
    ({"clock_from": EARLIER}, ["clock_from"]),
]


@pytest.mark.parametrize(("body", "fields"), EMERGENCIES)
async def test_an_emergency_that_contradicts_itself_ends_no_other_report(
    intake: IntakeAtHand, body: dict[str, Any], fields: list[str]
) -> None:
    answer = await intake.post("/v1/reports", {"category": "medical", **body})
    assert answer.status_code == 202
    assert [mistake["field"] for mistake in answer.json()["unread"]] == fields
    filed = intake.sent[0]
    assert isinstance(filed, ReportFiled)
    for field in fields:
        assert getattr(filed, field) is None and str(body[field])[:19] in filed.text
    assert [type(event) for event in intake.sent[1:]] == ([ReportFollowed] if filed.follows else [])
    assert filed.clock_from is None or filed.follows


async def test_an_older_clock_is_taken_where_the_setting_says_so(tmp_path: Path) -> None:
    body = {**FOLLOWING, "category": "medical", "clock_from": (NOW - timedelta(days=61)).isoformat()}
    async with intake_at_hand(tmp_path, intake_clock_days=62) as intake:
        assert (await intake.post("/v1/reports", body)).json()["unread"] == []


def without_mongodb(intake: IntakeAtHand) -> None:
    """No key is compared with what it was used for."""

    async def unchecked(event_id: UUID, content: bytes, now: datetime) -> datetime:
        return now

    intake.keys.accepted_at = unchecked  # type: ignore[method-assign]


async def test_one_key_for_two_targets_gives_two_ids(intake: IntakeAtHand) -> None:
    without_mongodb(intake)
    for name, kind in (("follows", ReportFollowed), ("same_event_as", ReportJoined)):
        for target in (MAIN, SECOND):
            body = {"category": "medical", name: target} | ({"clock_from": EARLIER} if name == "follows" else {})
            assert (await intake.post("/v1/reports", body, idempotency_key=name)).status_code == 202
        told = [event for event in intake.sent if isinstance(event, kind)]
        assert [event.report_id for event in told] == [MAIN, SECOND]
        assert len({event.event_id for event in told}) == 2


@pytest.mark.parametrize("name", ["follows", "same_event_as"])
async def test_no_report_leans_on_itself(intake: IntakeAtHand, name: str) -> None:
    """The id follows from the key, so a key used again may name the report that it gave."""
    without_mongodb(intake)
    first = (await intake.post("/v1/reports", {"category": "medical"}, idempotency_key="k")).json()["report_id"]
    body = {"category": "medical", name: first} | ({"clock_from": EARLIER} if name == "follows" else {})
    answer = await intake.post("/v1/reports", body, idempotency_key="k")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:baoshi:problem:key-reused")
    assert len(intake.sent) == 1


@pytest.mark.parametrize(
    ("said", "household"), [("张三 13800138000", None), ("3栋 1201室", "B3-1201"), ("楼上", None)]
)
async def test_a_household_that_is_no_room_is_none(intake: IntakeAtHand, said: str, household: str | None) -> None:
    body = {"type": "link", "to_report_id": MAIN, "household": said, "by": BY}
    assert (await intake.post(f"/v1/reports/{SECOND}/amendments", body)).status_code == 202
    (joined,) = [event for event in intake.sent if isinstance(event, ReportJoined)]
    assert joined.household == household


async def test_a_gales_colour_stands_in_the_report(intake: IntakeAtHand) -> None:
    for kind in ({"kind": "gale"}, {}):
        await intake.post("/v1/reports", {"category": "disaster", "weather": "orange", **kind})
    assert [event.weather for event in intake.sent if isinstance(event, ReportFiled)] == ["orange", "orange"]
