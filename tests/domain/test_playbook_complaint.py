"""S8: complaints, every path from the register to the visit, through the pure rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.event import Speaker
from shared.contracts.replies import GradeChanged, SideTaskAsked, TaskHandedOn
from shared.contracts.tasks import ReportChanged, ReportClosed, ReportReopened, TaskEnded, TaskWithdrawn
from tests.domain.evenings import DESK, DIRECTOR, HEAD, LEADER, START, Evening, only, playbooks, refused
from tests.support.estate import an_estate

GREEN_HEAD = Speaker(role="department_head", person="green-1")
PROMISED = START + timedelta(days=2)


def complaint(**fields: Any) -> Evening:
    return Evening("complaint", **fields).file()


def graded(outcome: str, by: Speaker = HEAD, **record: Any) -> Evening:
    evening = complaint()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", outcome, by, **record)
    return evening


def handled(outcome: str, owner: str) -> Evening:
    """As far as the result that the complainant is to be told."""
    evening = graded(outcome)
    evening.done("first_answer", "answered")
    evening.done(owner, "planned", department="green", date_promised=PROMISED.isoformat())
    evening.done("handle", "done", GREEN_HEAD)
    return evening


def test_a_complaint_is_registered_then_graded_by_the_head() -> None:
    evening = complaint()
    assert evening.open() == ["register_complaint.1"]
    evening.done("register_complaint", "registered")
    assert evening.open() == ["grade_complaint.1"]
    assert evening.assigned("grade_complaint")[0].to.person == "head-1"
    assert evening.state["owner"] == "customer_assistant"


@pytest.mark.parametrize(
    "outcome, grade, step, owner",
    [
        ("minor", "minor", "own_minor", "service_head"),
        ("important", "important", "own_important", "management_director"),
        ("major", "major", "own_major", "management_director"),
        ("about_the_head", "important", "own_important", "management_director"),
    ],
)
def test_the_grade_decides_whose_it_is(outcome: str, grade: str, step: str, owner: str) -> None:
    evening = graded(outcome)
    assert evening.open() == ["first_answer.1", f"{step}.1"]
    assert (evening.state["grade"], evening.state["owner"]) == (grade, owner)
    assert evening.assigned(step)[0].to.role == owner
    assert len(evening.assigned(step)) == 1


def test_validity_is_decided_with_the_grade_and_why() -> None:
    evening = complaint()
    evening.done("register_complaint", "registered")
    assert refused(evening.done("grade_complaint", "minor", valid=...)) == "missing"
    assert refused(evening.done("grade_complaint", "invalid", valid_why=...)) == "missing"


def test_a_head_who_is_complained_of_says_only_so_and_the_director_decides() -> None:
    evening = complaint()
    evening.done("register_complaint", "registered")
    ended = only(
        evening.done("grade_complaint", "about_the_head", valid=..., valid_why=..., graded_at=...), TaskEnded
    )
    assert ended[0].record == {}
    facts = evening.done("own_important", "planned", department="green", valid=True, valid_why="态度差")
    assert only(facts, TaskEnded)[0].record["valid"] is True
    assert evening.is_open("handle")


def test_whoever_grades_and_handles_is_reminded_that_it_must_not_be_about_himself() -> None:
    steps = playbooks().of("complaint").steps
    told = {name for name, step in steps.items() if "not_own_case" in step.guard}
    assert told == {
        "grade_complaint",
        "own_minor",
        "own_important",
        "own_major",
        "handle",
        "handle_second",
        "director_decides",
    }
    assert "not_own_case" in playbooks().guardrails


def test_an_invalid_complaint_is_answered_recorded_and_closed() -> None:
    evening = graded("invalid", valid=False)
    assert evening.open() == ["first_answer.1"]
    evening.done("first_answer", "answered")
    assert evening.open() == ["record_complaint.1"]
    facts = evening.done("record_complaint", "recorded")
    assert only(facts, ReportClosed) and evening.open() == ["visit_ordinary.1"]


@pytest.mark.parametrize(
    "outcome, owner", [("minor", "own_minor"), ("important", "own_important"), ("major", "own_major")]
)
def test_the_whole_way_to_the_visit(outcome: str, owner: str) -> None:
    evening = handled(outcome, owner)
    assert evening.open() == ["answer_result.1"]
    evening.done("answer_result", "accepted")
    assert evening.open() == ["record_complaint.1"]
    major = outcome == "major"
    evening.done("record_complaint", "recorded_major" if major else "recorded")
    visit = "visit_major" if major else "visit_ordinary"
    assert evening.open() == [f"{visit}.1"] and evening.closed
    assert evening.assigned(visit)[0].to.role == ("management_director" if major else "customer_assistant")
    evening.later(days=1)
    facts = evening.done(visit, "satisfied")
    assert only(facts, TaskEnded) and evening.open() == [] and not only(facts, ReportReopened)


def test_the_recording_waits_for_the_handling_not_only_for_the_first_answer() -> None:
    evening = graded("minor")
    evening.done("first_answer", "answered")
    assert evening.open() == ["own_minor.1"]
    evening.done("own_minor", "planned", department="green")
    assert evening.open() == ["handle.1"]


def test_what_is_not_accepted_is_for_the_head_and_the_result_stands_or_changes() -> None:
    evening = handled("minor", "own_minor")
    evening.done("answer_result", "not_accepted", accepts=False)
    assert evening.open() == ["answer_result.1", "head_decides.1"]
    evening.done("head_decides", "decided", new_owner="customer_assistant")
    evening.done("answer_result", "result_stands", accepts=False)
    assert evening.open() == ["record_complaint.1"]


def test_what_is_not_accepted_about_the_head_is_the_directors_not_his() -> None:
    evening = handled("about_the_head", "own_important")
    evening.done("answer_result", "not_accepted_head", accepts=False)
    assert evening.open() == ["answer_result.1", "director_decides.1"]
    evening.done("director_decides", "decided")
    evening.done("answer_result", "result_stands", accepts=False)
    assert evening.open() == ["record_complaint.1"] and not evening.assigned("head_decides")


# ---- departments, dates, hand-ons ------------------------------------------------


def test_the_date_promised_is_the_departments_limit_else_three_days() -> None:
    evening = graded("minor")
    evening.done("own_minor", "planned", department="green", date_promised=PROMISED.isoformat())
    handle = evening.assigned("handle")[0]
    assert (handle.to.role, handle.to.department, handle.finish_by) == ("department_head", "green", PROMISED)
    late = graded("minor")
    past = (START - timedelta(days=1)).isoformat()
    late.done("own_minor", "planned", department="green", date_promised=past)
    handle = late.assigned("handle")[0]
    assert handle.finish_by == handle.assigned_at + timedelta(days=3)


def test_the_first_hand_on_keeps_the_date_and_the_second_is_the_heads_to_decide() -> None:
    evening = graded("minor")
    evening.done("own_minor", "planned", department="green", date_promised=PROMISED.isoformat())
    evening.reply(TaskHandedOn, "handle", GREEN_HEAD, reason="属工程", to_department="engineering")
    second = evening.assigned("handle_second")[0]
    assert (second.to.department, second.finish_by) == ("engineering", PROMISED)
    evening.reply(TaskHandedOn, "handle_second", reason="属保洁", to_department="cleaning")
    assert {"handle_second.1", "head_decides.1"} <= {*evening.open()}
    assert evening.state["hand_ons"] == 2
    evening.done("head_decides", "decided", new_owner="cleaning")
    third = evening.assigned("handle_second")[1]
    assert (third.to.department, third.finish_by) == ("cleaning", PROMISED)
    evening.done("handle_second.2", "done", Speaker(role="department_head", person="cleaning-1"))
    assert evening.is_open("answer_result")


def test_a_department_that_cannot_finds_who_can() -> None:
    evening = graded("minor")
    evening.done("own_minor", "planned", department="green")
    evening.done("handle", "impossible", GREEN_HEAD)
    assert evening.is_open("onward_contact")
    evening.done("onward_contact", "contacted")
    evening.done("first_answer", "answered")
    assert evening.open() == ["record_complaint.1"]


# ---- limits ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "step, at",
    [
        ("grade_complaint", "2026-03-09 04:00"),
        ("first_answer", "2026-03-10 00:00"),
        ("own_minor", "2026-03-10 00:00"),
        ("answer_result", "2026-03-10 00:00"),
        ("record_complaint", "2026-03-09 04:00"),
    ],
)
def test_these_limits_count_working_days(step: str, at: str) -> None:
    """Filed on a Saturday at three in the morning, local time."""
    evening = Evening("complaint", an_estate().model_copy(update={"working_days": True})).file()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "minor", HEAD)
    evening.done("first_answer", "answered")
    evening.done("own_minor", "planned", department="green")
    evening.done("handle", "done", GREEN_HEAD)
    evening.done("answer_result", "accepted")
    due = evening.assigned(step)[0].finish_by
    assert due is not None
    assert due == datetime.fromisoformat(at).replace(tzinfo=UTC) - timedelta(hours=8)


def test_the_other_limits_run_on_the_wall_clock() -> None:
    evening = Evening("complaint", an_estate().model_copy(update={"working_days": True})).file()
    register = evening.assigned("register_complaint")[0]
    assert register.finish_by == register.assigned_at + timedelta(minutes=15)
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "invalid", HEAD, valid=False)
    evening.done("first_answer", "answered")
    evening.done("record_complaint", "recorded")
    visit = evening.assigned("visit_ordinary")[0]
    assert visit.finish_by == visit.assigned_at + timedelta(days=2)


def test_the_visit_is_due_two_days_after_the_handling_whoever_handled_it_last() -> None:
    evening = handled("minor", "own_minor")
    done = evening.now
    evening.later(hours=20)
    evening.done("answer_result", "accepted")
    evening.done("record_complaint", "recorded")
    assert evening.assigned("visit_ordinary")[0].finish_by == done + timedelta(days=2)
    second = graded("minor")
    second.done("first_answer", "answered")
    second.done("own_minor", "planned", department="green", date_promised=PROMISED.isoformat())
    second.reply(TaskHandedOn, "handle", GREEN_HEAD, reason="属工程", to_department="engineering")
    second.later(hours=30)
    second.done("handle_second", "done", Speaker(role="department_head", person="engineering-1"))
    done = second.now
    second.done("answer_result", "accepted")
    second.done("record_complaint", "recorded")
    assert second.assigned("visit_ordinary")[0].finish_by == done + timedelta(days=2)


def test_a_reopened_complaint_that_is_invalid_is_visited_two_days_after_its_own_closing() -> None:
    evening = handled("minor", "own_minor")
    evening.done("answer_result", "accepted")
    evening.done("record_complaint", "recorded")
    evening.later(days=1)
    evening.done("visit_ordinary", "failed")
    evening.later(days=3)
    evening.done("head_decides", "decided")
    evening.done("register_complaint.2", "registered")
    evening.done("grade_complaint.2", "invalid", HEAD, valid=False)
    evening.done("first_answer.2", "answered")
    evening.done("record_complaint.2", "recorded")
    visit = evening.assigned("visit_ordinary")[-1]
    assert visit.finish_by == visit.assigned_at + timedelta(days=2)


def test_the_first_answer_is_due_from_the_acceptance_whenever_it_was_graded() -> None:
    evening = complaint()
    evening.done("register_complaint", "registered")
    evening.later(hours=20)
    evening.done("grade_complaint", "important", HEAD)
    assert evening.assigned("first_answer")[0].finish_by == START + timedelta(days=1)


def test_every_complaint_is_visited() -> None:
    steps = playbooks().of("complaint").steps
    assert {name: step.quota for name, step in steps.items() if step.quota} == {
        "visit_ordinary": 100,
        "visit_major": 100,
    }


# ---- grades that change ------------------------------------------------------------


def test_a_complaint_filed_as_major_is_the_directors_at_once() -> None:
    evening = complaint(grade="major", by=DIRECTOR)
    assert evening.open() == ["own_major.1", "register_complaint.1"]
    assert evening.state["owner"] == "management_director"


@pytest.mark.parametrize("outcome", ["minor", "important"])
def test_whom_a_director_leads_nobody_else_is_asked_to(outcome: str) -> None:
    evening = complaint(grade="major", by=DIRECTOR)
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", outcome, HEAD)
    assert evening.open() == ["first_answer.1", "own_major.1"]
    assert evening.state["owner"] == "management_director"


def test_a_director_who_gave_it_up_leaves_it_to_the_grade() -> None:
    evening = complaint(grade="major", by=DIRECTOR)
    evening.done("own_major", "cancelled")
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "minor", HEAD)
    assert evening.is_open("own_minor") and evening.state["owner"] == "service_head"


def test_a_raised_grade_relieves_the_head_and_tells_him() -> None:
    evening = graded("minor")
    facts = evening.amend(GradeChanged, DIRECTOR, grade="major")
    assert [f.why for f in only(facts, TaskWithdrawn)] == ["relieved"]
    assert evening.holder("stand_down")["person"] == "head-1"
    assert [f.owner for f in only(facts, ReportChanged) if f.owner] == ["management_director"]
    assert evening.is_open("own_major")


def test_a_director_who_takes_over_from_himself_is_not_sent_home() -> None:
    evening = graded("important")
    facts = evening.amend(GradeChanged, DIRECTOR, grade="major")
    assert [f.task_id.rpartition(".")[0].rpartition(".")[2] for f in only(facts, TaskWithdrawn)] == [
        "own_important"
    ]
    assert not evening.is_open("stand_down") and not evening.told("stood_down")


def test_only_who_has_to_do_with_it_raises_and_only_heads_lower() -> None:
    evening = graded("important")
    assert refused(evening.amend(GradeChanged, LEADER, grade="major")) == "grade_not_raised"
    assert refused(evening.amend(GradeChanged, DESK, grade="minor")) == "grade_not_lowered"


# ---- it always ends ----------------------------------------------------------------


@pytest.mark.parametrize("step", ["register_complaint", "grade_complaint"])
@pytest.mark.parametrize("outcome", ["cancelled", "impossible"])
def test_given_up_on_the_way_it_is_recorded_all_the_same(step: str, outcome: str) -> None:
    evening = complaint()
    if step == "grade_complaint":
        evening.done("register_complaint", "registered")
    evening.done(step, outcome, evening.by(step))
    if outcome == "impossible":
        evening.done("onward_contact", "contacted")
    assert evening.open() == ["record_complaint.1"]
    evening.done("record_complaint", "recorded")
    assert evening.closed and evening.closed.why == "done"


def test_a_complaint_withdrawn_stands_everybody_down_and_is_recorded() -> None:
    evening = graded("minor")
    evening.withdraw()
    for name in [n for n in evening.open() if n.startswith("stand_down")]:
        evening.ack(name)
    assert evening.open() == ["record_complaint.1"]


def test_a_side_task_leaves_its_step_open() -> None:
    evening = graded("minor")
    evening.reply(SideTaskAsked, "own_minor", HEAD, step="director_instruction")
    assert evening.open() == ["director_instruction.1", "first_answer.1", "own_minor.1"]
