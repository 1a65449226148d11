"""The format carries all seven classes: the hardest steps of the five that come later load."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from shared.contracts.vocabulary import CATEGORIES, KINDS
from shared.domain.playbooks.format import Playbook, Playbooks, Promotion
from shared.domain.playbooks.loading import PACKAGED, load_playbooks


@pytest.fixture(scope="module")
def playbooks(tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    folder = tmp_path_factory.mktemp("classes") / "playbooks"
    shutil.copytree(PACKAGED, folder, ignore=shutil.ignore_patterns("digests.toml", "earlier"))
    for path in (Path(__file__).parent / "playbooks").glob("*.toml"):
        shutil.copy(path, folder)
    return load_playbooks(folder)


def test_every_class_loads(playbooks: Playbooks) -> None:
    assert set(playbooks.by_category) == set(CATEGORIES)
    for book in playbooks.by_category.values():
        assert {"stand_down", "head_decides", "answer_caller"} <= set(book.steps)


def test_repair_rings_back_escalates_a_lift_and_hands_on(playbooks: Playbooks) -> None:
    steps = playbooks.of("repair").steps
    ring = steps["call_back_15"].opens_after[0]
    assert (ring.step, ring.delay, ring.outcome, ring.unless) == ("order", timedelta(minutes=15), None, ("order",))
    lift = steps["lift_rescue"].timed[0]
    assert (lift.after, lift.unless, lift.opens) == (timedelta(minutes=30), "end", ("lift_escalate",))
    assert steps["order"].outcomes["hand_on"].ends
    assert not steps["order_next"].outcomes["hand_on"].ends, "the head decides, the task stays open meanwhile"


def test_a_promoted_complaint_relieves_its_owner(playbooks: Playbooks) -> None:
    book = playbooks.of("complaint")
    assert book.steps["own_major"].relieves
    assert {on.event for on in book.steps["own_major"].opens_on} == {"major", "promoted"}
    assert book.grading.promotion == Promotion(after=timedelta(days=30), households=3, only_if="valid")
    assert (
        book.steps["visit_major"].outcomes["failed"].ends and book.steps["visit_major"].outcomes["failed"].reopens
    )


def test_security_takes_the_gate_from_medical_and_no_more(playbooks: Playbooks) -> None:
    book = playbooks.of("security")
    assert book.includes == ("meet", "lead_in", "ask_hospital")
    assert book.steps["call_police"].outcomes["called_with_120"].opens == ("meet",)
    assert book.steps["meet"].outcomes["arrived"].opens == ("lead_in",)
    assert {o.opens for o in book.steps["ask_hospital"].outcomes.values()} == {()}
    assert "feed_back_ambulance" not in book.steps
    assert "gate_arrived" in book.notices, "the other gates hear of it here too"


def test_a_disaster_without_a_kind_becomes_a_fire_by_the_clock(playbooks: Playbooks) -> None:
    step = playbooks.of("disaster").steps["ask_kind"]
    assert [(t.after, t.unless, t.kind) for t in step.timed] == [(timedelta(seconds=60), "end", "fire")]
    assert {o.kind for o in step.outcomes.values() if o.kind} == KINDS["disaster"]


@pytest.mark.parametrize(("category", "step"), [("general", "take_general"), ("complaint", "own_minor")])
def test_a_record_names_the_department_that_follows(playbooks: Playbooks, category: str, step: str) -> None:
    book: Playbook = playbooks.of("general" if category == "general" else "complaint")
    assert [f.type for f in book.steps[step].record if f.addresses] == ["department"]
