"""S4: inquiries, written and oral; and the whole of a closed case's afterlife."""

from datetime import timedelta

import pytest

from shared.contracts.tasks import ReportClosed, ReportOpened, ReportReopened, TaskEnded
from shared.domain.dispatching.work import NoPlaybook
from tests.domain.evenings import HOME, START, Evening, only, playbooks, refused


@pytest.mark.parametrize(
    "filed, opened",
    [
        ({"channel": "phone"}, "answer_now.1"),
        ({"channel": "visit"}, "answer_now.1"),
        ({"channel": "app"}, "register_written.1"),
        ({"channel": "written"}, "register_written.1"),
        ({"channel": "phone", "form": "written"}, "register_written.1"),
        ({"channel": "written", "form": "oral"}, "answer_now.1"),
    ],
)
def test_what_reaches_us_in_writing_is_written(filed: dict[str, str], opened: str) -> None:
    assert Evening("inquiry", **filed).file().open() == [opened]


def test_answered_at_once_closes_the_case() -> None:
    evening = Evening("inquiry").file()
    facts = evening.done("answer_now", "answered")
    assert [type(f) for f in facts] == [TaskEnded, ReportClosed]
    assert evening.closed and evening.closed.why == "done"


def test_who_cannot_answer_asks_the_head_and_the_same_assistant_replies() -> None:
    evening = Evening("inquiry").file()
    evening.done("answer_now", "cannot")
    assert evening.open() == ["ask_head.1"]
    evening.done("ask_head", "answered")
    assert [a.to.person for a in evening.assigned("reply_oral")] == ["desk-1"]
    evening.done("reply_oral", "replied")
    assert evening.closed


@pytest.mark.parametrize(
    "task, outcome, side",
    [
        ("answer_now", "not_ours", "onward_contact"),
        ("ask_head", "director_needed", "director_instruction"),
    ],
)
def test_side_tasks_leave_the_inquiry_open(task: str, outcome: str, side: str) -> None:
    evening = Evening("inquiry").file()
    if task == "ask_head":
        evening.done("answer_now", "cannot")
    evening.done(task, outcome)
    assert {f"{task}.1", f"{side}.1"} <= {*evening.open()}


def test_a_written_reply_is_due_48_h_after_acceptance_whoever_writes_it() -> None:
    evening = Evening("inquiry", channel="written").file()
    evening.later(hours=5)
    evening.done("register_written", "registered")
    evening.later(hours=20)
    evening.done("reply_written", "director_needed")
    evening.later(hours=10)
    evening.done("director_reply", "replied")
    due = {a.step: a.finish_by for a in evening.assigned()}
    within = START + timedelta(hours=48)
    assert due["reply_written"] == due["director_reply"] == due["deliver_reply"] == within
    evening.done("deliver_reply", "delivered")
    assert evening.closed


def test_the_head_is_reminded_at_24_and_40_h_and_the_director_told_at_48() -> None:
    evening = Evening("inquiry", channel="written").file()
    evening.later(hours=23)
    assert not evening.told("written_due")
    evening.later(hours=2)
    assert [n.to.role for n in evening.told("written_due")] == ["service_head"]
    evening.later(hours=16)
    assert len(evening.told("written_due")) == 2
    evening.later(hours=8)
    assert [n.to.role for n in evening.told("written_overdue")] == ["management_director"]


def test_no_reminder_after_the_reply_was_delivered() -> None:
    evening = Evening("inquiry", channel="written").file()
    evening.done("register_written", "registered")
    evening.done("reply_written", "replied")
    evening.done("deliver_reply", "delivered")
    evening.later(hours=60)
    assert not evening.told("written_due") and not evening.told("written_overdue")


# ---- filing ----------------------------------------------------------------------


def test_written_up_afterwards_opens_nothing() -> None:
    evening = Evening(**HOME, help=("ambulance",), signs=("unconscious",), written_up=True)
    facts = evening.say(evening.filed)
    assert [type(f) for f in facts] == [ReportOpened, ReportClosed]
    assert evening.closed and evening.closed.why == "written_up"
    assert evening.later(hours=1) == []


def test_the_same_id_with_other_content_is_refused_by_a_fact() -> None:
    evening = Evening("inquiry").file()
    other = evening.filed.model_copy(
        update={"event_id": evening.make(type(evening.filed), **_rest(evening)).event_id}
    )
    assert refused(evening.say(other)) == "other_content"


def _rest(evening: Evening) -> dict[str, object]:
    return evening.filed.model_dump(include={"category", "lane", "channel", "by"})


def test_one_event_with_another_report_keeps_one_task() -> None:
    evening = Evening(**HOME, help=("ambulance",), same_event_as="emergency.medical.qinghe." + "0" * 32).file()
    assert evening.open() == ["answer_caller.1"]
    evening.done("answer_caller", "answered")
    assert evening.closed and evening.closed.why == "linked"


def test_a_report_that_follows_keeps_the_first_ones_clock() -> None:
    began = START - timedelta(minutes=30)
    first = "routine.inquiry.qinghe." + "0" * 32
    evening = Evening("inquiry", channel="written", follows=first, clock_from=began).file()
    evening.done("register_written", "registered")
    assert only(evening.play.facts, ReportOpened)[0].clock_from == began
    assert evening.assigned("reply_written")[0].finish_by == began + timedelta(hours=48)


# ---- after the closing -------------------------------------------------------------


def closed_medical() -> Evening:
    evening = Evening(**HOME).file()
    evening.done("ask_help", "none_wanted")
    evening.done("record_case", "recorded")
    return evening


def test_the_return_visit_is_counted_from_the_closing() -> None:
    evening = closed_medical()
    assert evening.closed
    visit = evening.assigned("return_visit")[0]
    assert visit.finish_by == evening.closed.accepted_at + timedelta(days=3)


def test_a_good_visit_leaves_it_closed() -> None:
    evening = closed_medical()
    evening.done("return_visit", "satisfied")
    assert evening.open() == [] and evening.state["closed_at"]


def test_a_failed_visit_reopens_the_case_and_it_is_recorded_again() -> None:
    evening = closed_medical()
    facts = evening.done("return_visit", "failed")
    assert [f.round for f in only(facts, ReportReopened)] == [2]
    assert [n.to.role for n in evening.told("reopened")] == ["service_head"]
    assert evening.open() == ["head_decides.1", "register_complaint.1"]
    evening.done("head_decides", "decided")
    evening.done("register_complaint", "cancelled")
    assert evening.open() == ["record_complaint.1"]
    evening.done("record_complaint", "recorded")
    assert evening.open() == ["visit_ordinary.1"]


def test_a_closed_case_takes_no_amendment() -> None:
    evening = closed_medical()
    for facts in (evening.help("nursing"), evening.place("1栋"), evening.withdraw(), evening.grade("major")):
        assert refused(facts) == "closed"


def test_a_class_without_a_playbook_is_no_report_to_be_lost() -> None:
    nothing = playbooks().model_copy(update={"by_category": {}})
    with pytest.raises(NoPlaybook):
        Evening("repair", books=nothing).file()
