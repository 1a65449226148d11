"""The desk's hand-over at the door: signed for by two persons, under the estate's key."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.handovers import HandoverGiven, HandoverTaken
from shared.contracts.vocabulary import ROLES, Role
from shared.platform.caller import Caller
from tests.support.intake import IntakeAtHand, intake_at_hand

REPORT = f"emergency.medical.qinghe.{'0' * 31}1"
PATH = "/v1/estates/qinghe/handovers"
DAY, NIGHT = {"role": "customer_assistant", "person": "desk-1"}, {"role": "control_room", "person": "cctv-1"}


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


def _given(**more: Any) -> dict[str, Any]:
    return {"type": "give", "by": DAY, "items": [REPORT], "note": "等医院消息", **more}


async def test_given_and_taken_stand_under_the_estates_key(intake: IntakeAtHand) -> None:
    first = await intake.post(PATH, _given())
    assert first.status_code == 202, first.text
    second = await intake.post(PATH, {"type": "take", "by": NIGHT, "given": first.json()["event_id"]})
    assert second.status_code == 202, second.text
    given, taken = intake.sent
    assert isinstance(given, HandoverGiven) and isinstance(taken, HandoverTaken)
    assert (given.report_id, given.key, given.items, given.note) == ("", "estate.qinghe", (REPORT,), "等医院消息")
    assert (taken.given, taken.by.person) == (given.event_id, "cctv-1")
    assert {record.topic for record in intake.publishers["routine"].sent} == {"replies.routine"}


async def test_nobody_takes_over_from_themselves(intake: IntakeAtHand) -> None:
    event_id = (await intake.post(PATH, _given())).json()["event_id"]
    answer = await intake.post(PATH, {"type": "take", "by": {**NIGHT, "person": "desk-1"}, "given": event_id})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "by.person")
    assert len(intake.sent) == 1


async def test_a_hand_over_of_another_estate_is_not_there(intake: IntakeAtHand) -> None:
    event_id = (await intake.post(PATH, _given())).json()["event_id"]
    taken = {"type": "take", "by": NIGHT, "given": event_id}
    assert (await intake.post("/v1/estates/lanting/handovers", taken, "both")).status_code == 404
    assert (await intake.post("/v1/estates/lanting/handovers", _given())).status_code == 404


WRONG = [
    (_given(items=[REPORT.replace("qinghe", "lanting")]), 422, "items.0"),
    (_given(items=["no report"]), 422, "give.items.0"),
    (_given(by={"role": "guard"}), 403, None),
    ({"type": "take", "by": NIGHT}, 422, "given"),
]


@pytest.mark.parametrize(("body", "status", "field"), WRONG)
async def test_what_cannot_be_signed(
    intake: IntakeAtHand, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = await intake.post(PATH, body)
    assert answer.status_code == status, answer.text
    if field:
        assert answer.json()["errors"][0]["field"].endswith(field.split(".", 1)[-1])
    assert not intake.sent


async def test_a_repeated_key_is_one_hand_over(intake: IntakeAtHand) -> None:
    answers = [(await intake.post(PATH, _given(), idempotency_key="k1")).json() for _ in range(2)]
    assert answers[0]["event_id"] == answers[1]["event_id"]
    assert (await intake.post(PATH, _given(note="别的"), idempotency_key="k1")).status_code == 422


async def test_a_person_who_signed_in_signs_for_nobody_else(intake: IntakeAtHand) -> None:
    roles: frozenset[Role] = frozenset({"customer_assistant", "control_room"})
    intake.directory.callers["he"] = Caller(
        "he", frozenset({"qinghe"}), roles, {"qinghe": roles}, persons={"qinghe": "he-yan"}
    )
    assert (await intake.post(PATH, _given(), "he")).status_code == 403
    assert (await intake.post(PATH, _given(by={"role": "customer_assistant"}), "he")).status_code == 202
    (given,) = intake.sent
    assert isinstance(given, HandoverGiven) and given.by.person == "he-yan"


async def test_who_signed_in_and_is_in_no_roster_signs_as_nobody_there(intake: IntakeAtHand) -> None:
    roles: frozenset[Role] = frozenset({"customer_assistant"})
    intake.directory.callers["new"] = Caller(
        "staff.new", frozenset({"qinghe"}), roles, {"qinghe": roles}, session="s", csrf="c"
    )
    assert (await intake.post(PATH, _given(), "new")).status_code == 403
    assert (await intake.post(PATH, _given(by={"role": "customer_assistant"}), "new")).status_code == 202


async def test_a_posts_page_signs_for_its_own_people_only(intake: IntakeAtHand) -> None:
    roles: frozenset[Role] = frozenset({"control_room"})
    intake.directory.callers["post"] = Caller(
        "post.qinghe.control", frozenset({"qinghe"}), roles, {"qinghe": roles}, post="control", session="s"
    )
    for somebody in ("guard-2", "desk-1"):
        signed = _given(by={"role": "control_room", "person": somebody})
        assert (await intake.post(PATH, signed, "post")).status_code == 403
    assert (await intake.post(PATH, _given(by={"role": "control_room"}), "post")).status_code == 202
    assert (intake.sent[0].by.post, intake.sent[0].by.person) == ("control", "control-1")  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ROLES)
async def test_only_desk_and_control_room_hand_over_to_each_other(intake: IntakeAtHand, role: Role) -> None:
    event_id = (await intake.post(PATH, _given())).json()["event_id"]
    intake.directory.callers["own"] = Caller("own", frozenset({"qinghe"}), frozenset({role}))
    may = role in {"customer_assistant", "control_room", "service_head"}
    for body in (_given(by={"role": role}), {"type": "take", "by": {"role": role}, "given": event_id}):
        answer = await intake.post(PATH, body, "own", accept_language="en")
        assert answer.status_code == (202 if may else 403), answer.text
        assert may or "by name" in answer.json()["detail"]
        assert (await intake.post(PATH, body, "admin")).status_code == 202


async def test_a_role_that_is_held_is_the_one_that_signs(intake: IntakeAtHand) -> None:
    """Who is also a guard does not sign as one."""
    intake.directory.callers["two"] = Caller("two", frozenset({"qinghe"}), frozenset({"guard", "control_room"}))
    assert (await intake.post(PATH, _given(by={"role": "guard"}), "two")).status_code == 403
    assert (await intake.post(PATH, _given(by={"role": "control_room"}), "two")).status_code == 202
