"""What the desk asks: each class in the procedure's order, what must be said, and what must not."""

import pytest

from shared.contracts.names import NAMES
from shared.contracts.vocabulary import CATEGORIES, Category
from shared.domain.asking.fields import Question
from shared.domain.asking.questions import Part, Sheet, is_forbidding, sheet_of
from shared.domain.asking.recording import procedure_of
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.loading import load_playbooks


@pytest.fixture(scope="module")
def books() -> Playbooks:
    return load_playbooks()


def sheet(books: Playbooks, category: Category) -> Sheet:
    return sheet_of(books.by_category[category], books.guardrails)


def fields(parts: tuple[Part, ...]) -> list[str]:
    return [q.field for part in parts for q in part.questions]


def test_of_a_patient_address_and_phone_come_first_then_which_help(books: Playbooks) -> None:
    asked = sheet(books, "medical")
    assert (asked.where.report, asked.number.report) == ("patient_place", "patient_phone")
    assert [part.step for part in asked.first] == ["ask_address", "ask_help"]
    assert fields(asked.first) == ["help", "wished_by", "grade"]
    assert asked.first[0].clause == ("S3.0",)


def test_no_medical_opinion_is_among_what_must_not_be_said(books: Playbooks) -> None:
    asked = sheet(books, "medical")
    assert books.guardrails["no_opinion"] in asked.first[0].never
    assert all(books.guardrails["off_air"] not in part.must for part in asked.then["help=ambulance"])
    assert books.guardrails["off_air"] in asked.then["help=ambulance"][0].never


def test_a_help_adds_what_is_said_for_it(books: Playbooks) -> None:
    (call,) = sheet(books, "medical").then["help=ambulance"]
    assert call.step == "call_120" and "120" in call.zh
    assert [q.field for q in call.questions] == ["condition"], "who called 120 and when is noted by the assistant"


@pytest.mark.parametrize(
    ("category", "choice", "step"),
    [
        ("repair", "kind=lift_entrapment", "calm"),
        ("disaster", "kind=fire", "ask_fire"),
        ("inquiry", "form=oral", "answer_now"),
        ("inquiry", "form=written", "register_written"),
        ("general", "kind=danger", "take_general"),
    ],
)
def test_a_kind_or_a_form_has_questions_of_its_own(
    books: Playbooks, category: Category, choice: str, step: str
) -> None:
    assert sheet(books, category).then[choice][0].step == step


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_class_asks_where_and_by_what_number_once(books: Playbooks, category: Category) -> None:
    asked = sheet(books, category)
    top = {asked.where.report, asked.number.report}
    assert None not in top
    for parts in (asked.first, *asked.then.values()):
        assert top.isdisjoint(q.report for part in parts for q in part.questions)


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_is_chosen_from_has_names_in_both_languages(books: Playbooks, category: Category) -> None:
    asked = sheet(books, category)
    questions = [q for parts in (asked.first, *asked.then.values()) for part in parts for q in part.questions]
    for question in (*questions, *asked.rest):
        assert all(named(question, choice) for choice in question.choices), question.field


def named(question: Question, choice: str) -> bool:
    table = question.field.removesuffix("s")
    return choice in NAMES.get(question.field, {}) or choice in NAMES.get(table, {}) or choice in NAMES["choice"]


def test_every_outcome_and_choice_of_every_step_has_a_name(books: Playbooks) -> None:
    procedure = procedure_of(dict(books.by_category), books.guardrails)
    steps = [*procedure.common.values(), *(s for own in procedure.own.values() for s in own.values())]
    assert {o for step in steps for o in step.outcomes} <= set(NAMES["outcome"])
    assert {c for step in steps for q in step.record for c in q.choices} <= set(NAMES["choice"])


def test_every_step_stands_once_and_none_is_left_out(books: Playbooks) -> None:
    procedure = procedure_of(dict(books.by_category), books.guardrails)
    assert "stand_down" in procedure.common
    for category, book in books.by_category.items():
        assert set(procedure.own[category]).isdisjoint(procedure.common)
        assert set(procedure.own[category]) | set(procedure.common) == set(book.steps)


def test_an_outcome_says_whether_the_record_is_wanted(books: Playbooks) -> None:
    address = procedure_of(dict(books.by_category), books.guardrails).own["medical"]["ask_address"]
    assert address.outcomes == {"known": True, "lost": False}


@pytest.mark.parametrize(("guard", "forbids"), [("no_opinion", True), ("not_alone", True), ("off_air", True)])
def test_by_its_name_a_guardrail_forbids(guard: str, forbids: bool) -> None:
    assert is_forbidding(guard) is forbids
    assert not is_forbidding("obey") and not is_forbidding("purpose") and not is_forbidding("notice")
