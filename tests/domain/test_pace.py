"""What follows an emergency when it is over is chased as routine: nobody's night is broken for a return visit."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from shared.contracts.escalations import RungReached
from shared.contracts.ids import parse_task_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import TaskAssigned
from tests.domain.evenings import HOME, only
from tests.domain.watched_evenings import Night


def over() -> Night:
    """An emergency whose return visit is still to be paid."""
    night = Night("medical", **HOME)
    night.file()
    night.done("ask_help", "none_wanted")
    night.done("record_case", "recorded")
    assert night.closed and night.open() == ["return_visit.1"]
    return night


def rungs(night: Night, step: str) -> list[RungReached]:
    return [f for f in night.play.facts if isinstance(f, RungReached) and parse_task_id(f.task_id).step == step]


def test_a_return_visit_after_an_emergency_is_routine() -> None:
    night = over()
    (visit,) = night.assigned("return_visit")
    assert visit.pace == "routine"
    assert all(t.pace is None for t in night.assigned() if t.step != "return_visit")
    night.later(days=8)
    asked = rungs(night, "return_visit")
    waits = [b.accepted_at - a.accepted_at for a, b in pairwise(asked)]
    assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1)]
    assert min(waits[3:]) >= timedelta(hours=1)
    said = [f for f in only(night.play.facts, NoticeIssued) if f.task_id == visit.task_id]
    assert said and {f.urgency for f in said} == {"routine"}


def test_the_top_of_its_ladder_waits_for_the_office() -> None:
    night = over()
    night.later(days=10)
    again = [f for f in rungs(night, "return_visit") if f.turn > 2]
    zone = night.estate.zone
    hours = night.estate.office
    opened = [f.accepted_at.astimezone(zone).time() for f in again]
    assert again and all(hours.start <= t <= hours.end for t in opened)


def test_the_complaint_that_follows_an_emergency_is_routine_in_every_step() -> None:
    night = over()
    night.done("return_visit", "failed")
    night.done("register_complaint", "registered")
    assert night.state["round"] == 2
    later = [t for t in only(night.play.facts, TaskAssigned) if t.step in ("register_complaint", "grade_complaint")]
    assert [t.pace for t in later] == ["routine", "routine"]
    night.later(hours=12)
    asked = rungs(night, "grade_complaint")
    assert asked and all(f.again_at - f.accepted_at >= timedelta(minutes=10) for f in asked)


@pytest.mark.parametrize("category", ["repair", "complaint"])
def test_a_routine_lane_says_no_pace(category: Any) -> None:
    night = Night(category, place="3栋1单元1201")
    night.file()
    assert {t.pace for t in night.assigned()} == {None}
