"""Whoever signed in at intake's door: he speaks as himself, enters what he heard, takes over from his own post."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import replies
from shared.contracts.vocabulary import Role
from shared.platform.caller import Caller
from tests.support.intake import IntakeAtHand, intake_at_hand

REPORT = f"emergency.medical.qinghe.{'0' * 31}1"
TASK = f"{REPORT}.ask_help.1"
BY = {"role": "customer_assistant", "person": "desk-1"}
GUARD = {"role": "guard", "post": "patrol-east"}
ONE = frozenset({"qinghe"})


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


def _signed_in(person: str, *roles: Role) -> Caller:
    held = frozenset(roles)
    return Caller("staff.he", ONE, held, {"qinghe": held}, persons={"qinghe": person}, session="s", csrf="c")


PEOPLE = {
    "guard-1": _signed_in("guard-1", "guard"),
    "desk-1": _signed_in("desk-1", "customer_assistant"),
    "leader-1": _signed_in("leader-1", "shift_leader", "guard"),
    # A shared account, which is nobody of the roster.
    "nobody": Caller("staff.x", ONE, frozenset({"guard"}), {"qinghe": frozenset({"guard"})}, session="s", csrf="c"),
}
OTHER, HEARD = {**GUARD, "person": "guard-2"}, {"words": "明白"}
IN_WHOSE_NAME: list[tuple[str, dict[str, Any], str | None]] = [
    ("guard-1", {"by": GUARD}, "guard-1"),
    ("guard-1", {"by": {**GUARD, "person": "guard-1"}}, "guard-1"),
    ("guard-1", {"by": OTHER}, None),
    ("guard-1", {"by": OTHER, "heard_by": GUARD, **HEARD}, None),
    ("guard-1", {"by": GUARD, "heard_by": OTHER, **HEARD}, None),
    ("desk-1", {"by": {"role": "customer_assistant", "person": "desk-2"}}, None),
    ("desk-1", {"by": OTHER, "heard_by": BY, **HEARD}, "guard-2"),
    ("desk-1", {"by": OTHER, "heard_by": {**BY, "person": "desk-2"}, **HEARD}, None),
    ("leader-1", {"by": OTHER}, None),
    ("leader-1", {"by": OTHER, "heard_by": {"role": "shift_leader"}, **HEARD}, "guard-2"),
    ("nobody", {"by": OTHER}, "guard-2"),
    ("guard", {"by": OTHER}, "guard-2"),
]


@pytest.mark.parametrize(("who", "said", "person"), IN_WHOSE_NAME)
async def test_a_person_who_signed_in_speaks_as_himself(
    intake: IntakeAtHand, who: str, said: dict[str, Any], person: str | None
) -> None:
    """Who enters what he heard says whom he heard; a program speaks for whom it says."""
    intake.directory.callers |= PEOPLE
    for path, body in (
        (f"/v1/tasks/{TASK}/replies", {"type": "acknowledge"}),
        (f"/v1/reports/{REPORT}/amendments", {"type": "help", "help": []}),
    ):
        answer = await intake.post(path, {**body, **said}, who, accept_language="en")
        assert answer.status_code == (202 if person else 403), answer.text
        if person is None:
            assert answer.json()["type"].endswith("not-yourself") and "sign in" in answer.json()["detail"]
    spoken: list[Any] = list(intake.sent)
    assert {one.by.person for one in spoken} == ({person} if person else set())
    own = PEOPLE[who].person_in("qinghe") if who in PEOPLE else None
    assert own is None or all(one.heard_by is None or one.heard_by.person == own for one in spoken)


TAKEN: list[tuple[dict[str, Any], str, int]] = [
    ({"person": "guard-1"}, "guard-9", 202),
    ({}, "guard-9", 202),
    ({"person": "guard-1"}, "guard-2", 403),
    ({"person": "guard-2"}, "guard-9", 403),
    ({"person": "guard-1", "post": "gate-south"}, "guard-9", 403),
]


@pytest.mark.parametrize(("had", "to", "status"), TAKEN)
async def test_who_takes_over_from_his_post_enters_it_himself(
    intake: IntakeAtHand, had: dict[str, Any], to: str, status: int
) -> None:
    """Only for himself, and only from somebody of that post."""
    intake.directory.callers["new"] = _signed_in("guard-9", "guard")
    words = "交接班:无异常;姓名9 已接清,签名 姓名9 19:00"
    body = {"type": "hand_on", "by": {**GUARD, **had}, "reason": words, "to_person": to}
    answer = await intake.post(f"/v1/tasks/{TASK}/replies", body, "new")
    assert answer.status_code == status, answer.text
    if status == 202:
        (event,) = intake.sent
        assert isinstance(event, replies.TaskHandedOn) and event.heard_by is not None
        assert (event.by.person, event.heard_by.person) == (had.get("person"), "guard-9")
        assert event.words == words
