"""S7: repairs from the register to the return visit: who is told, who is rung back, whose the complaint is."""

from datetime import timedelta

import pytest

from shared.contracts.replies import LimitExtended
from shared.contracts.tasks import ReportReopened
from tests.domain.evenings import DESK, DIRECTOR, HEAD, only, refused
from tests.domain.watched_evenings import CHIEF, TOMORROW, URGENT, repair


def test_a_daily_repair_from_the_register_to_the_visit() -> None:
    night = repair()
    assert night.open() == ["take_repair.1"]
    night.done("take_repair", "daily", urgency="daily")
    assert night.open() == ["order.1"]
    order = night.assigned("order")[0]
    assert (order.to.person, order.ack_wait) == ("engineer-1", 600)
    assert (night.after("order", "arrive"), night.after("order", "finish")) == (
        timedelta(minutes=15),
        timedelta(hours=24),
    )
    night.done("order", "arrived")
    assert night.open() == ["repair.1"]
    assert night.assigned("repair")[0].ack_wait is None, "who has arrived just goes on"
    night.done("repair", "done")
    assert night.open() == ["record_repair.1"]
    night.done("record_repair", "recorded")
    assert night.closed and night.open() == ["return_visit_repair.1"]
    assert night.after("return_visit_repair", "finish") == timedelta(days=30)
    assert night.books.of("repair").steps["return_visit_repair"].quota == 60


def test_what_is_registered_is_asked_for_and_a_phone_may_be_unknown() -> None:
    night = repair()
    assert refused(night.done("take_repair", "daily", content="", urgency="daily")) == "missing"
    assert refused(night.done("take_repair", "daily", urgency="soon")) == "no_choice"
    assert not refused(night.done("take_repair", "daily", urgency="daily", contact_phone="不详,已问来电人"))


def test_urgent_is_done_two_hours_after_the_report_whenever_they_came() -> None:
    night = repair("urgent", **URGENT)
    assert night.after("order", "finish") == timedelta(hours=2)
    night.later(minutes=10)
    night.done("order", "arrived")
    assert night.assigned("repair")[0].finish_by == night.state["clock_from"] + timedelta(hours=2)
    refusal = night.amend(
        LimitExtended, CHIEF, task_id=night.task_id("repair"), clock="finish", until=TOMORROW, reason="缺件"
    )
    assert refused(refusal) == "resident_clock"


@pytest.mark.parametrize(("outcome", "told"), [("urgent", []), ("urgent_public", ["head-1", "chief-1"])])
def test_the_heads_hear_of_what_is_urgent_for_more_than_one_home(outcome: str, told: list[str]) -> None:
    assert repair(outcome, **URGENT).to("urgent_repair") == told


def test_not_ours_waits_for_a_named_onward_contact_then_it_was_passed_on() -> None:
    night = repair("not_ours")
    assert night.open() == ["onward_contact.1", "take_repair.1"]
    night.done("onward_contact", "contacted")
    night.done("take_repair", "passed_on")
    assert night.open() == ["record_repair.1"]


def test_a_failed_visit_goes_on_as_a_complaint() -> None:
    night = repair("daily", urgency="daily")
    night.done("order", "arrived")
    night.done("repair", "done")
    night.done("record_repair", "recorded")
    facts = night.done("return_visit_repair", "failed")
    assert [f.round for f in only(facts, ReportReopened)] == [2] and night.told("reopened")
    assert {"head_decides.1", "register_complaint.1"} == {*night.open()}
    night.done("register_complaint", "registered")
    assert night.is_open("grade_complaint")


def test_a_repair_that_the_resident_cancels_is_recorded() -> None:
    night = repair("daily", urgency="daily")
    night.done("order", "cancelled")
    assert night.open() == ["record_repair.1"]


def test_who_may_raise_and_who_may_lower() -> None:
    night = repair("daily", urgency="daily")
    assert not refused(night.grade("major"))
    assert refused(night.grade("ordinary", DESK)) == "grade_not_lowered"
    assert not refused(night.grade("ordinary", HEAD)) and not refused(night.grade("major", DIRECTOR))
