"""A post's page: what it is asked, which answers may follow, what is to be recorded, and nothing private (S10)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.escalations import RungReached
from shared.contracts.event import Addressee, Words
from shared.contracts.names import NAMES
from shared.contracts.vocabulary import Category, Role
from shared.domain.playbooks.format import Playbooks, Step
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.post_tasks import Hands, answers_of, asked_of, in_order, shown
from tests.support.lives import Life, by

EAST = Hands("patrol-east", frozenset({"guard-1"}), frozenset({"guard"}))
WEST = Hands("patrol-west", frozenset({"guard-2"}), frozenset({"guard"}))
LEADER = Hands(None, frozenset({"leader-1"}), frozenset({"shift_leader"}))
TO_EAST = Addressee(role="guard", post="patrol-east", person="guard-1")


@pytest.fixture(scope="module")
def books() -> Playbooks:
    return load_playbooks()


def a_case(books: Playbooks, category: Category = "medical", **fields: Any) -> Life:
    life = Life(category, **{"place": "3栋1单元1201", "help": ("ambulance",), **fields})
    life.opened(playbook_version=books.of(category).version)
    return life


def sent(life: Life, books: Playbooks, step: str, role: Role = "guard", **fields: Any) -> str:
    """As dispatch sends it, by the newest playbook."""
    row: Step = books.of(life.category).steps[step]
    common = {"guard": row.guard, "outcomes": tuple(row.outcomes), "ends_on": row.ends_on, "ack_wait": 30}
    return life.task(step, role=role, **{**common, "words": row.words, **fields})


def seen(life: Life, hands: Hands, books: Playbooks) -> list[dict[str, Any]]:
    bodies = [as_document(event) for event in life.events]
    assigned = {body["task_id"]: body for body in bodies if body["type"] == "task.assigned"}
    return in_order(shown(fold(life.report_id, bodies), assigned, hands, books))


def why(life: Life, hands: Hands) -> dict[str, str]:
    return asked_of(fold(life.report_id, [as_document(event) for event in life.events]), hands)


def test_a_post_sees_its_own_tasks_and_not_another_posts(books: Playbooks) -> None:
    life = a_case(books)
    task = sent(life, books, "hold_lift", to=TO_EAST)
    assert why(life, EAST) == {task: "own"}
    assert why(life, WEST) == {}
    life.changed(task, "handed_over", 1, to=Addressee(role="guard", post="patrol-west", person="guard-2"))
    assert (why(life, EAST), why(life, WEST)) == ({}, {task: "own"})
    life.ended(task, 2)
    assert why(life, WEST) == {}


def test_a_person_on_duty_sees_what_is_his_wherever_it_was_sent(books: Playbooks) -> None:
    life = a_case(books)
    task = sent(life, books, "hold_lift", to=Addressee(role="guard", person="guard-1"))
    assert why(life, EAST) == {task: "own"} and why(life, WEST) == {}


def test_what_nobody_holds_is_asked_of_all_of_the_role(books: Playbooks) -> None:
    life = a_case(books)
    task = sent(life, books, "hold_lift")
    assert why(life, EAST) == why(life, WEST) == {task: "role"}
    assert why(life, LEADER) == {}


def test_a_wider_rung_asks_until_somebody_acknowledges(books: Playbooks) -> None:
    life = a_case(books)
    task = sent(life, books, "hold_lift", to=TO_EAST)
    assert why(life, LEADER) == {}
    life.fact(RungReached, 1, task_id=task, clock="ack", rung=1, role="shift_leader")
    assert why(life, LEADER) == {task: "wider"}
    life.fact(RungReached, 1, task_id=task, clock="ack", rung=0, role="guard", persons=("guard-3",))
    assert why(life, WEST) == {}
    life.changed(task, "acknowledged", 2, by=by("guard", "guard-1"))
    assert why(life, LEADER) == {} and why(life, EAST) == {task: "own"}


def test_words_guardrails_and_answers_in_their_order(books: Playbooks) -> None:
    life = a_case(books)
    sent(life, books, "meet", "gate_guard", to=TO_EAST, arrive_by=life.at(5), words=Words(zh="接应", en="MEET"))
    sent(life, books, "stay_with_patient", to=TO_EAST)
    met, stayed = sorted(seen(life, EAST, books), key=lambda task: str(task["step"]))
    assert met["words"] == {"zh": "接应", "en": "MEET"}
    assert met["answers"] == ["acknowledge", "start", "arrive", "complete"]
    assert stayed["answers"] == ["acknowledge", "complete"]
    assert any("不可单独" in guard["zh"] for guard in stayed["guard"])


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ({"only_ack": True}, ["acknowledge"]),
        ({"ends_on": "ack"}, ["acknowledge"]),
        ({"ends_on": "arrive"}, ["acknowledge", "start", "arrive"]),
        ({}, ["acknowledge", "complete"]),
    ],
)
def test_a_step_is_not_answered_beyond_its_end(body: dict[str, Any], answers: list[str]) -> None:
    assert answers_of(None, body) == answers


def test_each_outcome_says_what_it_wants_recorded(books: Playbooks) -> None:
    life = a_case(books)
    sent(life, books, "ask_hospital", "gate_guard", to=TO_EAST)
    [task] = seen(life, EAST, books)
    wanted = {outcome["outcome"]: outcome["fields"] for outcome in task["outcomes"]}
    assert wanted["left"] == ["hospital", "ambulance_left_at"]
    assert wanted["impossible"] == ["impossible_why", "impossible_onward"]
    assert [o["outcome"] for o in task["outcomes"] if o["own"]] == ["left", "not_conveyed"]
    hospital = next(field for field in task["fields"] if field["id"] == "hospital")
    assert hospital["unknown"] and hospital["zh"] == "送往医院"


def test_a_version_that_is_gone_still_shows_words_and_answers(books: Playbooks) -> None:
    life = a_case(books)
    life.events.pop()
    life.opened(playbook_version=999)
    sent(life, books, "ask_hospital", "gate_guard", to=TO_EAST)
    [task] = seen(life, EAST, books)
    assert task["fields"] == [] and task["answers"] == ["acknowledge", "complete"]


def test_nothing_of_a_resident_is_shown(books: Playbooks) -> None:
    private: dict[str, Any] = {
        "reporter": "王先生",
        "reporter_phone": "13800138000",
        "patient_phone": "13800138001",
        "text": "心脏病发作",
        "place": "3栋1单元1201 电话13800138002",
    }
    life = a_case(books, **private)
    sent(life, books, "hold_lift", to=TO_EAST)
    said = str(seen(life, EAST, books))
    assert "3栋1单元1201" in said
    assert not any(word in said for word in ("王先生", "心脏病", "13800138000", "13800138001", "13800138002"))


def test_emergencies_stand_first_and_what_waits_for_an_answer_above_the_rest(books: Playbooks) -> None:
    routine, urgent = a_case(books, "general", help=()), a_case(books)
    sent(routine, books, "take_general", to=TO_EAST, ack_wait=60)
    held = sent(urgent, books, "stay_with_patient", to=TO_EAST)
    urgent.changed(held, "acknowledged", 1, by=by("guard", "guard-1"))
    sent(urgent, books, "hold_lift", to=TO_EAST, finish_by=urgent.start + timedelta(hours=1))
    both = in_order([*seen(routine, EAST, books), *seen(urgent, EAST, books)])
    assert [task["step"] for task in both] == ["hold_lift", "stay_with_patient", "take_general"]


def test_every_outcome_and_choice_of_the_playbooks_has_its_words(books: Playbooks) -> None:
    steps = [step for book in books.by_category.values() for step in book.steps.values()]
    outcomes = {name for step in steps for name in step.outcomes}
    choices = {choice for step in steps for field in step.record for choice in field.choices}
    assert not outcomes - set(NAMES["outcome"]) and not choices - set(NAMES["choice"])
