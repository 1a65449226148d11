"""S8, S6: grades that outcomes may not lower, ends that a grade asks for, and what lasts until it was reported."""

import pytest

from shared.contracts.tasks import ReplyRefused
from tests.domain.evenings import DESK, DIRECTOR, HEAD, Evening, only, refused


def registered() -> Evening:
    evening = Evening("complaint").file()
    evening.done("register_complaint", "registered")
    return evening


@pytest.mark.parametrize("outcome", ["minor", "important", "about_the_head"])
def test_what_was_made_major_is_not_lowered_by_an_outcome(outcome: str) -> None:
    evening = registered()
    evening.grade("major", DIRECTOR)
    evening.done("grade_complaint", outcome, HEAD)
    assert evening.state["grade"] == "major"
    evening.grade("minor", HEAD)
    assert evening.state["grade"] == "minor", "said on purpose, by whom it is for"


def test_an_outcome_raises() -> None:
    evening = registered()
    evening.grade("minor", HEAD)
    evening.done("grade_complaint", "major", HEAD)
    assert evening.state["grade"] == "major"


def to_record(grade: str) -> Evening:
    evening = registered()
    if grade == "invalid":
        evening.done("grade_complaint", "invalid", HEAD)
        evening.done("first_answer", "answered", DESK)
        return evening
    evening.done("grade_complaint", grade, HEAD)
    evening.done("first_answer", "answered", DESK)
    evening.done(f"own_{grade}", "planned")
    evening.done("handle", "done")
    evening.done("answer_result", "accepted", DESK)
    return evening


@pytest.mark.parametrize(
    ("grade", "wrong", "right", "visit"),
    [
        ("major", "recorded", "recorded_major", "visit_major"),
        ("important", "recorded_major", "recorded", "visit_ordinary"),
        ("minor", "recorded_major", "recorded", "visit_ordinary"),
        ("invalid", "recorded_major", "recorded", "visit_ordinary"),
    ],
)
def test_the_grade_says_how_a_complaint_is_recorded(grade: str, wrong: str, right: str, visit: str) -> None:
    evening = to_record(grade)
    facts = evening.done("record_complaint", wrong, DESK)
    assert refused(facts) == "other_grade" and right in only(facts, ReplyRefused)[0].words.zh
    assert not evening.closed
    evening.done("record_complaint", right, DESK)
    assert evening.closed and evening.is_open(visit)


def test_in_another_class_the_grade_is_its_own_and_asks_for_nothing() -> None:
    steps = Evening("medical").books.of("medical").steps
    assert {row.only_grade for row in steps["record_complaint"].outcomes.values()} == {()}


# ---- until it was reported -----------------------------------------------------


def danger() -> Evening:
    evening = Evening("disaster", kind="flood", place="地下车库").file()
    evening.done("go_flood", "danger")
    return evening


def test_danger_is_still_to_be_reported_when_the_event_is_said_to_be_below_any_grade() -> None:
    evening = danger()
    evening.done("report_authority", "below_grade")
    assert evening.is_open("report_danger")


def test_danger_that_went_with_the_report_is_reported() -> None:
    evening = danger()
    evening.done("report_authority", "reported", reported_to=["company", "district", "city"])
    assert not evening.is_open("report_danger")
