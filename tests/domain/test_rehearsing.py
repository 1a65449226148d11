"""Rules played through together: who hears whom, in which order, and what comes too early."""

from datetime import timedelta

import pytest

from shared.contracts.escalations import RungReached
from shared.contracts.event import Event
from shared.contracts.ids import deadline_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed, TaskAcknowledged
from shared.contracts.tasks import TaskAssigned, TaskChanged
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.rehearsing import Rehearsal, hears
from tests.domain.evenings import DESK, HEAD, HOME, Evening, only, playbooks


def together(**fields: object) -> Evening:
    evening = Evening(**HOME, **fields)
    evening.play = Rehearsal([DispatchRules(), EscalationRules()], [evening.estate], playbooks())
    return evening


def test_escalation_hears_the_task_and_dispatch_the_rung() -> None:
    evening = together().file()
    facts = evening.later(seconds=25)
    (reached,) = only(facts, RungReached)
    assert (reached.role, reached.task_id) == ("service_head", evening.task_id("ask_help"))
    assert [f.may_answer for f in only(facts, TaskChanged)] == [("service_head",)]
    assert only(evening.ack("ask_help", HEAD), TaskChanged)
    assert only(evening.later(seconds=30), RungReached) == []


def test_a_deadline_rings_before_what_is_said_after_it_and_after_what_is_said_at_it() -> None:
    """A major grade by the clock, 3 min after the filing, unless the place is said."""
    for seconds, major in ((178, False), (179, False), (180, True)):
        evening = Evening().file()
        evening.now += timedelta(seconds=seconds)
        evening.place("3栋", "B3")
        evening.later(minutes=1)
        assert evening.is_open("major_now") is major, "said at the very instant, it was said in time"


def test_a_ring_has_the_id_that_the_ticker_would_give_it() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    (ring,) = [r for r in evening.play.rings() if r.name.startswith("timed.")]
    evening.later(seconds=31)
    assert {a.because_of for a in evening.assigned("meet")} == {deadline_id(ring.armed_by, ring.name)}


def test_the_same_event_again_changes_nothing() -> None:
    evening = together().file()
    before = evening.state
    assert evening.play.feed(evening.filed, evening.now) == []
    assert evening.state == before


def test_what_is_said_before_the_report_counts_when_that_comes() -> None:
    evening = Evening(**HOME)
    early = evening.make(TaskAcknowledged, task_id=evening.task_id("ask_help"), by=DESK)
    assert evening.say(early) == []
    facts = evening.say(evening.filed)
    assert [type(f).__name__ for f in facts][-1] == "TaskChanged" and evening.holder("ask_help")["acked"]


@pytest.mark.parametrize(
    "of, dispatch, escalation",
    [
        ("ReportFiled", True, True),
        ("TaskAssigned", False, True),
        ("NoticeIssued", False, False),
        ("RungReached", True, False),
    ],
)
def test_services_hear_what_the_table_of_topics_says(of: str, dispatch: bool, escalation: bool) -> None:
    evening = together(signs=("unconscious",)).file()
    evening.grade("ordinary", HEAD)
    evening.later(minutes=2)
    said: list[Event] = [evening.filed, *evening.play.facts]
    one = next(event for event in said if type(event).__name__ == of)
    assert (hears("dispatch", one), hears("escalation", one)) == (dispatch, escalation)


def test_a_ticker_speaks_to_its_own_service() -> None:
    evening = Evening()
    fields = {"owner": "dispatch", "name": "x", "armed_by": evening.filed.event_id, "due_at": evening.now}
    passed = evening.make(DeadlinePassed, **fields)
    assert hears("dispatch", passed) and not hears("escalation", passed)


def test_two_plays_of_one_evening_are_the_same() -> None:
    def play() -> list[str]:
        evening = together(help=("ambulance", "nursing")).file()
        evening.later(minutes=3)
        evening.help("transport")
        evening.later(minutes=10)
        return [f"{f.event_id} {f.type}" for f in evening.play.facts]

    first = play()
    assert first == play() and len(first) > 20


def test_facts_of_one_decision_stand_in_their_order() -> None:
    evening = together(help=("ambulance",), signs=("unconscious",)).file()
    evening.later(minutes=1)
    own = [f for f in evening.play.facts if isinstance(f, TaskAssigned | TaskChanged | NoticeIssued)]
    by_cause: dict[object, list[int]] = {}
    for fact in own:
        if not (isinstance(fact, NoticeIssued) and fact.name in ("rung", "informed")):
            by_cause.setdefault((fact.because_of, fact.case_version), []).append(fact.index)
    assert all(indexes == sorted(set(indexes)) for indexes in by_cause.values())
