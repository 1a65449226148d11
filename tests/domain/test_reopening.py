"""S8: a failed return visit reopens the case as a complaint, whatever it was before."""

from datetime import timedelta

import pytest

from shared.contracts.replies import DetailsCorrected, GradeChanged, HelpChanged, SideTaskAsked
from shared.contracts.tasks import ReportChanged, ReportClosed, ReportReopened
from shared.domain.dispatching.state import open_tasks
from tests.domain.evenings import DIRECTOR, HEAD, HOME, LEADER, Evening, only, playbooks, refused

GRAVE = ("MAJOR MEDICAL", "重大急救")


def closed(**fields: object) -> Evening:
    """A medical case whose caller wanted no help in the end."""
    evening = Evening(**{**HOME, **fields}).file()
    if evening.is_open("head_considers"):
        evening.done("head_considers", "noted", considered="noted")
    evening.done("ask_help", "none_wanted")
    evening.done("record_case", "recorded")
    assert evening.closed and evening.open() == ["return_visit.1"]
    return evening


def reopened(**fields: object) -> Evening:
    evening = closed(**fields)
    evening.later(days=1)
    evening.done("return_visit", "failed")
    return evening


def complained(evening: Evening, n: int, outcome: str = "minor", owner: str = "own_minor") -> None:
    """One round of a complaint, as far as its visit."""
    evening.done(f"head_decides.{n}", "decided")
    evening.done(f"register_complaint.{n}", "registered")
    evening.done(f"grade_complaint.{n}", outcome, HEAD)
    evening.done(f"first_answer.{n}", "answered")
    evening.done(f"{owner}.{n}", "planned", department="engineering")
    evening.done(f"handle.{n}", "done", evening.by(f"handle.{n}").model_copy(update={"person": "eng-head"}))
    evening.done(f"answer_result.{n}", "accepted")
    evening.done(f"record_complaint.{n}", "recorded")


def test_the_case_starts_its_second_round_as_a_complaint() -> None:
    evening = closed()
    evening.later(days=1)
    facts = evening.done("return_visit", "failed")
    assert [f.round for f in only(facts, ReportReopened)] == [2]
    assert evening.open() == ["head_decides.1", "register_complaint.1"]
    assert [n.to.role for n in evening.told("reopened")] == ["service_head"]
    assert evening.assigned("register_complaint")[0].playbook == "medical"


def test_it_closes_again_by_the_complaints_own_recording() -> None:
    evening = reopened()
    complained(evening, 1)
    assert evening.open() == ["visit_ordinary.1"]
    assert only(evening.play.facts, ReportClosed)[-1].why == "done"
    assert len(only(evening.play.facts, ReportClosed)) == 2
    assert len(evening.assigned("record_case")) == len(evening.assigned("return_visit")) == 1


def test_a_second_failed_visit_starts_the_third_round_with_the_next_numbers() -> None:
    evening = reopened()
    complained(evening, 1)
    facts = evening.done("visit_ordinary", "failed")
    assert [f.round for f in only(facts, ReportReopened)] == [3]
    assert evening.open() == ["head_decides.2", "register_complaint.2"]
    complained(evening, 2)
    assert evening.open() == ["visit_ordinary.2"]
    evening.done("visit_ordinary.2", "satisfied")
    assert evening.open() == []
    assert evening.later(days=60) == []


def test_a_complaint_that_nobody_registers_is_recorded_all_the_same() -> None:
    evening = reopened()
    evening.done("register_complaint", "cancelled")
    evening.done("head_decides", "decided")
    assert evening.open() == ["record_complaint.1"]
    evening.done("record_complaint", "recorded")
    assert evening.state["closed_at"]


def test_the_owner_is_the_desk_again_then_whom_the_grade_says() -> None:
    evening = reopened()
    assert evening.state["owner"] == "customer_assistant"
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "important", HEAD)
    assert evening.state["owner"] == "management_director"
    assert evening.state["grade"] == "ordinary", "the emergency keeps its own grade"
    evening.done("head_decides", "decided")
    evening.done("first_answer", "answered")
    evening.done("own_important", "planned", department="engineering")
    evening.done("handle", "done", evening.by("handle").model_copy(update={"person": "eng-head"}))
    evening.done("answer_result", "accepted")
    evening.done("record_complaint", "recorded")
    facts = evening.done("visit_ordinary", "failed")
    assert [f.owner for f in only(facts, ReportChanged) if f.owner] == ["customer_assistant"]


def test_the_clocks_of_the_round_count_from_the_reopening() -> None:
    evening = reopened()
    begun = only(evening.play.facts, ReportReopened)[0].accepted_at
    evening.later(hours=2)
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "minor", HEAD)
    assert evening.assigned("first_answer")[0].finish_by == begun + timedelta(days=1)


@pytest.mark.parametrize("signs", [(), ("unconscious",)])
@pytest.mark.parametrize("outcome, owner", [("minor", "own_minor"), ("major", "own_major")])
def test_nobody_hears_of_a_grave_emergency_in_a_complaints_round(
    signs: tuple[str, ...], outcome: str, owner: str
) -> None:
    evening = reopened(signs=signs)
    before = len(evening.play.facts)
    complained(evening, 1, outcome, owner)
    assert said_since(evening, before, GRAVE) == []


@pytest.mark.parametrize("how", ["grade", "signs"])
def test_a_case_that_becomes_grave_in_a_later_round_is_the_directors(how: str) -> None:
    evening = reopened()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "minor", HEAD)
    before = len(evening.play.facts)
    if how == "grade":
        evening.amend(GradeChanged, DIRECTOR, grade="major")
    else:
        evening.amend(DetailsCorrected, signs=("death",))
    assert evening.state["grade"] == "major" and evening.state["owner"] == "management_director"
    assert evening.is_open("own_major") and not evening.is_open("own_minor")
    assert not evening.is_open("head_considers") and said_since(evening, before, GRAVE) == []


def test_help_that_is_needed_all_the_same_is_sent() -> None:
    evening = reopened()
    evening.amend(HelpChanged, help=("ambulance",))
    assert evening.is_open("call_120") and evening.is_open("tell_leader")


def test_who_was_on_the_scene_of_the_first_round_is_not_stood_down_from_the_second() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent")
    evening.help()
    for task in [t for t in open_tasks(evening.state) if t["step"] == "stand_down"]:
        evening.ack(f"stand_down.{task['n']}")
    evening.done("record_case", "recorded")
    evening.done("return_visit", "failed")
    before = len(evening.play.facts)
    evening.withdraw()
    told = {f.to.role for f in evening.play.facts[before:] if hasattr(f, "to")}
    assert told <= {"customer_assistant", "service_head"}


def test_a_reopened_case_takes_amendments_again_and_a_closed_one_none() -> None:
    evening = closed()
    assert refused(evening.grade("major", HEAD)) == "closed"
    evening.done("return_visit", "failed")
    assert refused(evening.grade("ordinary", LEADER)) != "closed"


def test_a_visit_that_fails_before_the_case_is_closed_reopens_it_too() -> None:
    evening = Evening(**HOME).file()
    evening.done("ask_help", "none_wanted")
    evening.reply(SideTaskAsked, "record_case", step="head_decides")
    evening.done("record_case", "recorded")
    assert not evening.closed and evening.is_open("return_visit")
    facts = evening.done("return_visit", "failed")
    assert [f.round for f in only(facts, ReportReopened)] == [2]
    assert evening.is_open("register_complaint")


def test_a_complaint_is_reopened_by_its_own_visit() -> None:
    evening = Evening("complaint").file()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "major", HEAD)
    evening.done("first_answer", "answered")
    evening.done("own_major", "planned", department="engineering")
    evening.done("handle", "done", evening.by("handle").model_copy(update={"person": "eng-head"}))
    evening.done("answer_result", "accepted")
    evening.done("record_complaint", "recorded_major")
    facts = evening.done("visit_major", "failed")
    assert [f.round for f in only(facts, ReportReopened)] == [2]
    assert evening.open() == ["director_instruction.1", "register_complaint.2"]
    assert evening.state["owner"] == "customer_assistant"
    evening.done("register_complaint.2", "registered")
    evening.done("grade_complaint.2", "major", HEAD)
    assert evening.is_open("own_major") and evening.state["owner"] == "management_director"


@pytest.mark.parametrize("category", sorted(playbooks().by_category))
def test_wherever_a_visit_may_fail_the_complaints_steps_follow(category: str) -> None:
    book = playbooks().by_category[category]  # type: ignore[index]
    if any(row.reopens for step in book.steps.values() for row in step.outcomes.values()):
        assert ("reopened", None) in {(on.event, on.value) for on in book.steps["register_complaint"].opens_on}
        assert all(
            step.outlives_case for step in book.steps.values() if any(o.reopens for o in step.outcomes.values())
        )


def said_since(evening: Evening, before: int, words: tuple[str, ...]) -> list[str]:
    texts = [f.words.zh + f.words.en for f in evening.play.facts[before:] if hasattr(f, "words")]
    return [text for text in texts if any(word in text for word in words)]
