"""S7: getting somebody there: call-back, hand-ons, appointments, nobody home."""

from datetime import datetime, timedelta

import pytest

from tests.domain.evenings import START, refused
from tests.domain.watched_evenings import TOMORROW, URGENT, Night, repair


def appointed(at: datetime = TOMORROW) -> Night:
    return repair("appointment", urgency="appointment", appointment_at=at.isoformat())


def test_nobody_came_the_resident_is_rung_and_the_department_chased() -> None:
    night = repair("daily", urgency="daily")
    night.ack("order")
    night.later(minutes=15)
    assert night.is_open("call_back_15") and night.asked("order", "arrive") == ["engineering"]
    night.later(minutes=10)
    assert night.asked("order", "arrive") == ["engineering", "department_head"]
    night.done("call_back_15", "not_come", came="no")
    assert night.to("chase") == ["chief-1"]
    night.done("chase", "chased")
    assert night.open() == ["order.1"]


@pytest.mark.parametrize("outcome", ["came", "not_reached"])
def test_a_call_back_that_finds_nothing_wrong_chases_nobody(outcome: str) -> None:
    night = repair("urgent", **URGENT)
    night.later(minutes=15)
    night.done("call_back_15", outcome)
    assert night.open() == ["order.1"]


def test_who_came_in_time_or_took_it_over_in_time_is_not_rung_about() -> None:
    came, taken = repair("daily", urgency="daily"), repair("daily", urgency="daily")
    came.done("order", "arrived")
    taken.hand_on("order", "green")
    taken.done("order_next", "arrived")
    for night in (came, taken):
        night.later(minutes=20)
        assert not night.assigned("call_back_15")


def test_handed_on_to_nobody_in_time_the_resident_is_rung_all_the_same() -> None:
    night = repair("daily", urgency="daily")
    night.hand_on("order", "green")
    night.later(minutes=15)
    assert night.is_open("call_back_15")


def test_the_second_hand_on_is_for_the_head_to_decide_and_no_clock_moves() -> None:
    night = repair("daily", urgency="daily")
    assert refused(night.done("order", "hand_on")) == "no_onward"
    night.hand_on("order", "green")
    (order,), (after_it,) = night.assigned("order"), night.assigned("order_next")
    assert after_it.to.person == "green-1" and after_it.ack_wait == 900
    assert (after_it.arrive_by, after_it.finish_by) == (order.arrive_by, order.finish_by)
    night.hand_on("order_next", "cleaning")
    assert night.open() == ["head_decides.1", "order_next.1"]
    night.done("head_decides", "decided", new_owner="cleaning")
    taken = night.assigned("order_next")[-1]
    assert (taken.to.person, taken.finish_by) == ("clean-1", order.finish_by)


def test_an_appointment_sets_the_clocks_and_nobody_is_rung_about_it_today() -> None:
    night = appointed()
    order = night.assigned("order")[0]
    assert (order.arrive_by, order.finish_by) == (TOMORROW - timedelta(minutes=5), TOMORROW + timedelta(hours=4))
    night.ack("order")
    night.later(hours=19)
    assert not night.assigned("call_back_15") and not night.passed("order", "arrive")
    night.later(hours=1)
    assert night.passed("order", "arrive")


def test_an_appointment_in_two_minutes_is_fifteen_minutes() -> None:
    night = appointed(START + timedelta(minutes=2))
    assert night.after("order", "arrive") == timedelta(minutes=15)


def test_whoever_came_early_for_the_appointment_is_not_asked_to_arrive_again() -> None:
    night = appointed()
    night.later(hours=19)
    night.done("order", "arrived")
    repaired = night.assigned("repair")[0]
    assert (repaired.arrive_by, repaired.finish_by) == (None, TOMORROW + timedelta(hours=4))


def test_nobody_home_a_new_appointment_is_kept_to_the_minute() -> None:
    night = repair("daily", urgency="daily")
    night.done("order", "nobody_home")
    assert night.open() == ["new_appointment.1"]
    assert refused(night.done("new_appointment", "appointed", appointment_at=...)) == "missing"
    night.done("new_appointment", "appointed", appointment_at=TOMORROW.isoformat())
    assert night.state["report"]["appointment_at"] == TOMORROW
    repaired = night.assigned("repair")[0]
    assert repaired.to.person == "engineer-1"
    assert (repaired.arrive_by, repaired.finish_by) == (
        TOMORROW - timedelta(minutes=5),
        TOMORROW + timedelta(hours=4),
    )


def test_nobody_reached_is_recorded_and_over() -> None:
    night = repair("daily", urgency="daily")
    night.done("order", "nobody_home")
    night.done("new_appointment", "unreachable")
    assert night.open() == ["record_repair.1"]
