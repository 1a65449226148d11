"""The evening by the pure rules: what it must show, and that it stays the same where all is a little late."""

from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from cli.demoing.checking import MARGIN_S
from cli.demoing.comparing import Called, called_for
from cli.demoing.evening import Evening, read_evening
from cli.demoing.people import report_id
from cli.demoing.rehearsals import Delays, as_planned
from cli.starting import example_estates
from shared.contracts.escalations import GradePromoted, RungReached, RungSkipped
from shared.contracts.event import Fact
from shared.contracts.tasks import ReplyRefused, ReportClosed, TaskAssigned, TaskChanged, TaskWithdrawn
from shared.contracts.vocabulary import CATEGORIES
from shared.domain.playbooks.loading import load_playbooks

FILE = Path(__file__).resolve().parents[2] / "examples" / "evening.toml"


@cache
def _evening() -> Evening:
    return read_evening(FILE.read_text(encoding="utf-8"))


@cache
def _facts(answer_s: float = 0, ring_s: float = 0, later_s: float = 0) -> tuple[Fact, ...]:
    evening = _evening()
    begins = evening.begins + timedelta(seconds=later_s)
    delays = Delays(timedelta(seconds=answer_s), timedelta(seconds=ring_s))
    end = begins + evening.lasts
    return tuple(as_planned(evening, example_estates(), load_playbooks(), begins, end, delays))


def _called(*delays: float) -> Counter[Called]:
    return called_for(_facts(*delays))


def _of(name: str) -> list[Fact]:
    evening = _evening()
    wanted = next(report_id(evening, filing) for filing in evening.report if filing.id == name)
    return [fact for fact in _facts() if fact.report_id == wanted]


def _name(fact: Fact) -> str:
    evening = _evening()
    return next(filing.id for filing in evening.report if report_id(evening, filing) == fact.report_id)


def test_everyone_is_understood() -> None:
    assert [fact for fact in _facts() if isinstance(fact, ReplyRefused)] == []


def test_all_but_the_inquiry_of_two_days_and_the_report_of_twelve_hours_is_closed() -> None:
    evening = _evening()
    closed = {fact.report_id for fact in _facts() if isinstance(fact, ReportClosed)}
    still = ["xinghe-written-open", "lanting-theft"]
    assert [f.id for f in evening.report if report_id(evening, f) not in closed] == still


def test_there_is_something_of_every_class_at_both_estates() -> None:
    evening = _evening()
    assert len(evening.report) >= 60
    assert {f.ask["category"] for f in evening.report} == set(CATEGORIES)
    assert {f.estate for f in evening.report} == {"lanting", "xinghe"}


def test_forty_callers_make_one_order_and_forty_answers() -> None:
    steps = Counter(f.step for f in _facts() if isinstance(f, TaskAssigned) and _name(f).startswith("lanting-pipe"))
    assert steps["answer_caller"] == 40 and steps["order"] == 1 and steps["take_repair"] == 1


def test_the_drill_gives_way_to_the_heart_attack() -> None:
    closed = [f.why for f in _of("lanting-drill") if isinstance(f, ReportClosed)]
    assert closed == ["drill_stopped"]
    assert not any(f.drill for f in _of("lanting-heart-attack") if isinstance(f, TaskAssigned))


def test_the_gate_is_handed_over_by_name_at_the_change_of_shift() -> None:
    handed = [f for f in _of("lanting-theft") if isinstance(f, TaskChanged) and f.what == "handed_over"]
    assert [(f.by and f.by.person, f.to and f.to.person) for f in handed] == [("shi-dawei", "wan-li")]


def test_three_households_make_it_major_and_the_director_takes_over() -> None:
    assert [f.why for f in _of("lanting-lift-again") if isinstance(f, GradePromoted)] == ["households"]
    assert any(isinstance(f, TaskAssigned) and f.step == "own_major" for f in _of("lanting-lift-again"))


def test_everything_called_for_is_called_for_once_but_repeats_and_rings() -> None:
    assert {called.what for called, times in _called().items() if times > 1} <= {"notice"}


def test_nobody_answers_and_the_ladder_climbs_to_the_director_and_repeats() -> None:
    rungs = [f for f in _of("lanting-nobody-answers") if isinstance(f, RungReached) and f.clock == "ack"]
    roles = [(f.role, f.turn) for f in rungs]
    assert roles[:3] == [("service_head", 1), ("management_director", 1), ("management_director", 2)]


def test_the_absent_leaders_rung_is_skipped() -> None:
    facts = _of("xinghe-120-leader-absent")
    skipped = [(f.role, f.why) for f in facts if isinstance(f, RungSkipped)]
    assert ("shift_leader", "nobody") in skipped
    assert "security_supervisor" in {f.role for f in facts if isinstance(f, RungReached)}


def test_a_guard_who_cannot_is_followed_by_another() -> None:
    declined = [f for f in _of("lanting-guard-declines") if isinstance(f, TaskChanged) and f.what == "declined"]
    (change,) = declined
    assert change.to is not None and change.to.person
    assert change.by is not None and change.to.person != change.by.person


def test_changed_help_stands_people_down_and_calls_others() -> None:
    facts = _of("lanting-help-changes")
    steps = {f.step for f in facts if isinstance(f, TaskAssigned)}
    assert {"place_two", "stand_down", "call_120", "meet"} <= steps
    assert any(isinstance(f, TaskWithdrawn) and f.why == "help_changed" for f in facts)


def test_the_ambulance_is_chased() -> None:
    assert any(isinstance(f, TaskAssigned) and f.step == "chase_120" for f in _of("lanting-120-late"))


@pytest.mark.parametrize(
    ("answer_s", "ring_s", "later_s"),
    [(0, 0, 7), (2, 0, 0), (0, 2, 0), (6, 6, 0), (8, 0, 0), (0, 8, 0), (6, 6, 40)],
)
def test_answers_keep_clear_of_limits(answer_s: float, ring_s: float, later_s: float) -> None:
    """Six seconds of this evening are the 0.3 s that the check allows a machine."""
    assert _called(answer_s, ring_s, later_s) == _called()


def test_the_check_allows_no_more_than_the_evening_does() -> None:
    assert MARGIN_S * _evening().speed <= 6
