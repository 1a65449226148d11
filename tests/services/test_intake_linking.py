"""One event, several reports: what the main report is told, by a filing and by an amendment, durable together."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

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
    filed, joined = intake.sent
    assert isinstance(filed, ReportFiled) and isinstance(joined, ReportJoined)
    assert (joined.report_id, joined.by_report_id) == (MAIN, answer.json()["report_id"])
    assert (joined.household, joined.drill, joined.because_of) == ("B3-1-1201", False, filed.event_id)
    assert [r.topic for r in intake.publishers["emergency"].sent] == [
        "reports.medical.emergency",
        "replies.emergency",
    ]
    assert intake.publishers["emergency"].sent[1].key == MAIN


async def test_the_main_report_is_told_of_an_amendment(intake: IntakeAtHand) -> None:
    heard = {"role": "control_room"}
    body = {"type": "link", "to_report_id": MAIN, "household": "3栋 1单元 1201", "by": BY}
    body |= {"heard_by": heard, "words": "是同一件事"}
    answer = await intake.post(f"/v1/reports/{SECOND}/amendments", body)
    linked, joined = intake.sent
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
    assert [type(event) for event in intake.sent] == [type(intake.sent[0]), ReportJoined]


HOUSEHOLDS = [
    ("B3-1-1201", "3栋1单元1201", "B3-1-1201"),
    (None, "翡翠公馆 1201 室", "翡翠公馆1201室"),
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


EMERGENCIES: list[tuple[dict[str, Any], str]] = [
    ({"follows": MAIN, "clock_from": EARLIER, "drill": True}, "follows"),
    ({"follows": MAIN, "clock_from": EARLIER, "written_up": True, "occurred_at": EARLIER}, "follows"),
    ({"follows": MAIN, "clock_from": EARLIER, "same_event_as": SECOND}, "same_event_as"),
]


@pytest.mark.parametrize(("body", "field"), EMERGENCIES)
async def test_an_emergency_that_contradicts_itself_ends_no_other_report(
    intake: IntakeAtHand, body: dict[str, Any], field: str
) -> None:
    answer = await intake.post("/v1/reports", {"category": "medical", **body})
    assert answer.status_code == 202
    assert [mistake["field"] for mistake in answer.json()["unread"]] == [field]
    filed = intake.sent[0]
    assert isinstance(filed, ReportFiled)
    assert getattr(filed, field) is None and str(body[field]) in filed.text
    left = {"same_event_as": ReportFollowed}.get(field)
    assert [type(event) for event in intake.sent[1:]] == ([left] if left else [])


async def test_a_gales_colour_stands_in_the_report(intake: IntakeAtHand) -> None:
    for kind in ({"kind": "gale"}, {}):
        await intake.post("/v1/reports", {"category": "disaster", "weather": "orange", **kind})
    assert [event.weather for event in intake.sent if isinstance(event, ReportFiled)] == ["orange", "orange"]
