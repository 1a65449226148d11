"""S1g, S2: other requests: done now, a department's, the head's, somebody else's; and danger to people."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.contracts.replies import SideTaskAsked
from shared.contracts.tasks import ReportReopened
from tests.domain.evenings import START, only, refused
from tests.domain.watched_evenings import TOMORROW, Night


def general(outcome: str | None = None, **record: Any) -> Night:
    """Filed, and taken by this outcome."""
    night = Night("general", place="3栋1单元1201")
    night.file()
    if outcome:
        night.done("take_general", outcome, **record)
    return night


def danger() -> Night:
    night = Night("general", kind="danger", place="南门")
    night.file()
    return night


def finish(night: Night, step: str) -> datetime | None:
    return night.assigned(step)[-1].finish_by


def test_done_now_the_resident_is_told_and_visited() -> None:
    night = general()
    assert night.open() == ["take_general.1"] and night.assigned("take_general")[0].ack_wait == 120
    night.done("take_general", "done_now")
    assert night.open() == ["reply_general.1"]
    night.done("reply_general", "told")
    assert night.closed and night.open() == ["visit_general.1"]
    visit = night.assigned("visit_general")[0]
    assert visit.finish_by == visit.assigned_at + timedelta(days=5)
    assert night.books.of("general").steps["visit_general"].quota == 20


def test_a_department_named_helps_by_the_time_it_promised() -> None:
    night = general("department", department="green")
    assert night.to("help") == ["green-1"]
    sent = night.assigned("help")[0]
    assert sent.finish_by == sent.assigned_at + timedelta(hours=24) and sent.ack_wait == 900
    night.done("help", "promised", time_promised=TOMORROW.isoformat())
    assert night.is_open("help") and night.holder("help")["finish_by"] == TOMORROW
    assert night.to("time_promised") == ["desk-1"], "who tells the resident"
    night.ack("help")
    night.later(hours=20)
    assert night.passed("help", "finish")
    assert refused(night.done("help", "done", done_what="")) == "missing"
    night.done("help", "done")
    assert night.open() == ["reply_general.1"]


def test_what_the_desk_cannot_do_is_the_heads_to_decide_in_five_minutes() -> None:
    night = general("cannot")
    asked = night.assigned("ask_head_general")[0]
    assert (asked.to.person, asked.ack_wait) == ("head-1", 60)
    assert asked.finish_by == asked.assigned_at + timedelta(minutes=5)
    night.later(minutes=6)
    assert night.asked("ask_head_general") == ["management_director"]
    night.done("ask_head_general", "department", department="cleaning")
    assert night.to("help") == ["clean-1"]


@pytest.mark.parametrize(("answer", "opens"), [("declined", "reply_general.1"), ("not_ours", "onward_general.1")])
def test_the_head_may_decline_or_say_whose_it_is(answer: str, opens: str) -> None:
    night = general("cannot")
    assert refused(night.done("ask_head_general", answer, decision="")) == "missing"
    night.done("ask_head_general", answer)
    assert night.open() == [opens]


@pytest.mark.parametrize("lacking", ["body", "body_person", "body_phone"])
def test_not_ours_is_not_over_without_body_person_and_phone(lacking: str) -> None:
    night = general("not_ours")
    assert night.open() == ["onward_general.1"]
    assert refused(night.done("onward_general", "contacted", **{lacking: "不详,已问来电人"})) == "missing"
    night.done("onward_general", "contacted", reference_no="不详,对方未给")
    assert night.open() == ["reply_general.1"]


@pytest.mark.parametrize("step", ["help", "help_second"])
def test_a_department_that_cannot_names_whom_we_contact(step: str) -> None:
    night = general("department", department="green")
    if step == "help_second":
        night.hand_on("help", "cleaning")
    night.done(step, "cannot")
    assert night.open() == ["onward_general.1"]


def test_the_second_hand_on_is_for_the_head_to_decide_and_the_clock_goes_with_it() -> None:
    night = general("department", department="green")
    due = finish(night, "help")
    night.later(minutes=5)
    night.hand_on("help", "cleaning")
    assert night.to("help_second") == ["clean-1"] and finish(night, "help_second") == due
    night.hand_on("help_second", "engineering")
    assert night.open() == ["head_decides.1", "help_second.1"]
    night.done("head_decides", "decided", new_owner="engineering")
    assert night.to("help_second")[-1] == "engineer-1" and finish(night, "help_second") == due
    night.done("help_second.2", "done")
    assert night.open() == ["reply_general.1"]


def test_a_request_taken_back_is_told_and_entered() -> None:
    night = general()
    night.done("take_general", "cancelled")
    assert night.open() == ["reply_general.1"]


def test_a_failed_visit_goes_on_as_a_complaint() -> None:
    night = general("done_now")
    night.done("reply_general", "told")
    facts = night.done("visit_general", "failed")
    assert [f.round for f in only(facts, ReportReopened)] == [2]
    assert night.open() == ["head_decides.1", "register_complaint.1"]
    night.done("register_complaint", "registered")
    assert night.is_open("grade_complaint")


# ---- danger to people --------------------------------------------------------------


def test_danger_sends_guard_and_leader_and_tells_the_head_at_once() -> None:
    night = danger()
    steps = {name.partition(".")[0] for name in night.open()}
    assert steps == {"take_general", "go_danger", "lead_danger", "danger_now"}
    assert night.lane == "emergency" and night.to("danger_now") == ["head-1", "supervisor-1"]
    for step in ("go_danger", "lead_danger"):
        task = night.assigned(step)[0]
        assert (task.ack_wait, task.arrive_by) == (30, task.assigned_at + timedelta(minutes=4))
        assert task.assigned_at - START <= timedelta(seconds=30)


def test_nobody_answers_in_danger() -> None:
    night = danger()
    night.later(minutes=5)
    assert night.asked("go_danger") == ["shift_leader", "security_supervisor", "management_director"]
    assert night.passed("lead_danger", "arrive")


def test_a_department_called_to_the_scene_leaves_the_leader_there() -> None:
    night = danger()
    night.arrive("go_danger")
    night.done("lead_danger", "department", department="engineering")
    assert night.is_open("lead_danger") and night.to("help") == ["chief-1"]
    sent = night.assigned("help")[0]
    assert (sent.ack_wait, sent.finish_by) == (60, sent.assigned_at + timedelta(hours=1))
    night.done("help", "done")
    night.done("lead_danger", "safe")
    night.done("take_general", "done_now")
    night.done("reply_general", "told")
    assert night.closed


def test_the_case_is_not_over_before_the_danger_is() -> None:
    night = danger()
    night.arrive("go_danger")
    night.done("take_general", "done_now")
    night.done("reply_general", "told")
    assert not night.closed and night.is_open("lead_danger")
    night.done("lead_danger", "safe")
    assert night.closed


def test_what_gets_worse_is_a_report_of_its_own_and_nobody_leaves_the_danger_meanwhile() -> None:
    night = danger()
    night.done("lead_danger", "worse")
    night.done("raise_to_emergency", "filed")
    assert night.is_open("lead_danger") and not night.is_open("stand_down")


def test_a_request_that_turns_dangerous_is_raised_by_hand() -> None:
    night = general()
    night.reply(SideTaskAsked, "take_general", step="raise_to_emergency")
    assert night.open() == ["raise_to_emergency.1", "take_general.1"]


@pytest.mark.parametrize("kind", ["danger", None])
def test_no_open_task_is_ever_without_a_live_deadline(kind: str | None) -> None:
    night = danger() if kind else general("department", department="green")
    until = night.now + timedelta(minutes=40 if kind else 48 * 60)
    while night.now < until:
        assert night.ring_next() == []
