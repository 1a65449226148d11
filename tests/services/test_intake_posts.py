"""A post's own page at intake's door: it speaks for its post, by whoever was on duty there when it was said."""

from collections.abc import AsyncIterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from shared.contracts.ids import ReportId
from shared.contracts.reports import ReportFiled
from shared.domain.estates.rows import Shift
from shared.platform.caller import Caller
from tests.support.estate import an_estate
from tests.support.intake import NOW, IntakeAtHand, intake_at_hand

TASK = f"{ReportId('emergency', 'medical', 'qinghe', 'a' * 32)}.hold_lift.1"
REPLIES = f"/v1/tasks/{TASK}/replies"
GUARD = {"role": "guard"}


@pytest_asyncio.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as one:
        one.directory.callers["post"] = Caller(
            "post.qinghe.patrol-east", frozenset({"qinghe"}), frozenset({"guard"}), post="patrol-east"
        )
        yield one


async def said(intake: IntakeAtHand, **body: Any) -> Any:
    answer = await intake.post(REPLIES, {"type": "acknowledge", "by": GUARD, **body}, "post")
    assert answer.status_code == 202, answer.text
    return intake.sent[-1]


async def test_the_post_and_its_only_person_on_duty_are_filled_in(intake: IntakeAtHand) -> None:
    by = (await said(intake)).by
    assert (by.role, by.post, by.person) == ("guard", "patrol-east", "guard-1")


async def test_an_answer_of_another_post_or_of_somebody_else_is_refused(intake: IntakeAtHand) -> None:
    for wrong, reason in (({"post": "patrol-west"}, "post"), ({"person": "guard-2"}, "person")):
        answer = await intake.post(REPLIES, {"type": "acknowledge", "by": {**GUARD, **wrong}}, "post")
        assert answer.status_code == 403 and answer.json()["type"].endswith(f"not-your-{reason}")
    other = await intake.post(REPLIES, {"type": "acknowledge", "by": {"role": "shift_leader"}}, "post")
    assert other.status_code == 403
    assert intake.sent == []


async def test_what_another_post_is_said_to_have_said_is_refused(intake: IntakeAtHand) -> None:
    """Both are guards, so that the role alone would let it through."""
    heard = {"by": {**GUARD, "post": "patrol-west", "person": "guard-2"}, "heard_by": GUARD, "words": "到了"}
    answer = await intake.post(REPLIES, {"type": "arrive", **heard}, "post")
    assert answer.status_code == 403 and intake.sent == []


async def test_an_answer_made_hours_ago_is_of_who_was_there_then(intake: IntakeAtHand) -> None:
    """The page was out of reach over the change of shift; NOW is 19:00 at the estate."""
    estate = an_estate()
    others = [shift for shift in estate.shifts if shift.post != "patrol-east"]
    day = Shift(persons=("guard-1",), roles=("guard",), post="patrol-east", start=time(7), end=time(18))
    night = Shift(persons=("guard-9",), roles=("guard",), post="patrol-east", start=time(18), end=time(7))
    intake.directory.estates["qinghe"] = estate.model_copy(update={"shifts": (*others, day, night)})
    then = NOW - timedelta(hours=6)
    event = await said(intake, occurred_at=then.isoformat())
    assert event.by.person == "guard-1" and event.occurred_at == then and event.accepted_at == NOW
    assert (await said(intake)).by.person == "guard-9"


async def test_the_same_answer_again_is_the_same_event(intake: IntakeAtHand) -> None:
    body = {"type": "acknowledge", "by": GUARD}
    first, second = [await intake.post(REPLIES, body, "post", idempotency_key="k" * 16) for _ in range(2)]
    assert first.json()["event_id"] == second.json()["event_id"]
    assert intake.sent[0] == intake.sent[1]


async def test_an_emergency_from_a_post_is_never_refused_for_who_says_it(intake: IntakeAtHand) -> None:
    wrong = {"category": "general", "kind": "danger", "by": {**GUARD, "person": "guard-2"}}
    assert (await intake.post("/v1/reports", wrong, "post")).status_code == 202
    filed = intake.sent[-1]
    assert isinstance(filed, ReportFiled) and (filed.by.post, filed.by.person) == ("patrol-east", None)
    routine = {**wrong, "kind": None, "text": "路灯坏"}
    assert (await intake.post("/v1/reports", routine, "post")).status_code == 403


async def test_a_report_without_a_speaker_is_the_posts(intake: IntakeAtHand) -> None:
    await intake.post("/v1/reports", {"category": "medical", "channel": "gate"}, "post")
    filed = intake.sent[-1]
    assert isinstance(filed, ReportFiled)
    assert (filed.by.role, filed.by.post, filed.by.person) == ("guard", "patrol-east", "guard-1")


async def test_a_guards_post_signs_no_hand_over_of_the_desk(intake: IntakeAtHand) -> None:
    given = {"type": "give", "items": [], "by": GUARD}
    answer = await intake.post("/v1/estates/qinghe/handovers", given, "post")
    assert answer.status_code == 403 and answer.json()["type"].endswith("not-your-role")
    assert intake.sent == []
