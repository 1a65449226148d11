"""Hand-overs folded from the log: the first signature of another person counts."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.domain.registering.handovers import handovers
from tests.support.lives import MORNING

GIVEN, TAKEN, LATER = (UUID(int=n) for n in (1, 2, 3))


def _given(person: str | None = "a", minute: int = 0, event_id: UUID = GIVEN) -> dict[str, Any]:
    by = {"role": "customer_assistant", **({"person": person} if person else {})}
    at = MORNING + timedelta(minutes=minute)
    return {"type": "handover.given", "event_id": event_id, "accepted_at": at, "by": by, "items": ["r"]}


def _taken(person: str | None, minute: int, event_id: UUID = TAKEN) -> dict[str, Any]:
    by = {"role": "control_room", **({"person": person} if person else {})}
    at = MORNING + timedelta(minutes=minute)
    return {"type": "handover.taken", "event_id": event_id, "accepted_at": at, "by": by, "given": GIVEN}


def test_the_first_signature_counts_whatever_the_order() -> None:
    bodies = [_taken("c", 9, LATER), _taken("b", 5), _given()]
    for order in (bodies, bodies[::-1]):
        (row,) = handovers(order)
        assert (row["taken_by"]["person"], row["taken_at"]) == ("b", MORNING + timedelta(minutes=5))


def test_the_givers_own_signature_counts_for_nothing() -> None:
    (row,) = handovers([_given(), _taken("a", 5)])
    assert row["taken_at"] is None
    (row,) = handovers([_given(), _taken("a", 5), _taken("b", 6, LATER)])
    assert row["taken_by"]["person"] == "b"


def test_whoever_is_not_known_may_be_anybody() -> None:
    (row,) = handovers([_given(None), _taken(None, 5)])
    assert row["taken_at"] is not None


def test_newest_first_and_a_signature_of_something_unknown_is_left_out() -> None:
    assert handovers([_taken("b", 5)]) == []
    rows = handovers([_given(), _given("b", 30, LATER)])
    assert [row["event_id"] for row in rows] == [LATER, GIVEN]
