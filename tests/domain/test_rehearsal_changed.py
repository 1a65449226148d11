"""What a change of playbooks, waits or roster does to a recorded evening, and what it leaves alone."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.event import Addressee
from shared.contracts.notices import NoticeIssued
from shared.domain.estates.roster import Estate, Person
from shared.domain.playbooks.format import Playbooks
from shared.domain.rehearsal.aligning import Pair
from shared.domain.rehearsal.comparing import Bounds, Rehearsed, rehearse
from shared.domain.rehearsal.record import Heard
from shared.domain.rehearsal.summing import totals
from shared.domain.rules import World
from tests.domain.evenings import HOME, LEADER, START, Evening, playbooks
from tests.domain.recording import Recorder, made, played, recorded
from tests.support.estate import an_estate


def an_evening() -> Evening:
    """An ambulance is called; the desk answers after 8 s, whoever keeps the lift never, the gate after a minute."""
    evening = recorded(**HOME, help=("ambulance",)).file()
    evening.later(seconds=8)
    evening.ack("call_120")
    evening.later(seconds=4)
    evening.ack("tell_leader")
    evening.later(seconds=47)
    evening.ack("meet.1")
    evening.later(minutes=2)
    return evening


def medical(**fields: Any) -> Playbooks:
    book = playbooks().by_category["medical"].model_copy(update=fields)
    return playbooks().model_copy(update={"by_category": {**playbooks().by_category, "medical": book}})


def with_step(name: str, **fields: Any) -> Playbooks:
    steps = playbooks().by_category["medical"].steps
    return medical(steps={**steps, name: steps[name].model_copy(update=fields)})


def waits(step: str, seconds: int) -> Playbooks:
    """The step's acknowledgement is waited for so long."""
    rows = playbooks().by_category["medical"].steps[step].limits
    value = {"value": timedelta(seconds=seconds)}
    limits = tuple(row.model_copy(update=value) if row.clock == "ack" else row for row in rows)
    return with_step(step, limits=limits)


def without(step: str) -> Playbooks:
    steps = playbooks().by_category["medical"].steps
    return medical(steps={name: row for name, row in steps.items() if name != step})


def another_leader() -> Estate:
    estate = an_estate()
    shifts = [
        shift.model_copy(update={"persons": ("leader-2",)}) if shift.persons == ("leader-1",) else shift
        for shift in estate.shifts
    ]
    people = (*estate.people, Person(id="leader-2", name="新班长"))
    return estate.model_copy(update={"shifts": tuple(shifts), "people": people})


def pairs(found: Rehearsed, cause: str, what: str, about: str | None = None) -> list[Pair]:
    """Rungs and what goes with them: of the clock that waits for an acknowledgement."""
    clock = "ack" if cause == "rung" else None
    sides = [(pair, pair.then or pair.now) for pair in found.pairs]
    wanted = (cause, what, about, clock)
    return [p for p, told in sides if told and (told.cause, told.what, told.about, told.clock) == wanted]


def test_a_shorter_wait_tells_the_next_rung_earlier_by_what_it_is_shorter() -> None:
    found = played(an_evening(), waits("hold_lift", 12))
    first = pairs(found, "rung", "rung", "hold_lift.1")[0]
    assert (first.status, first.then and first.then.to.role) == ("earlier", "shift_leader")
    assert first.now and first.then and first.now.at == START + timedelta(seconds=1 + 12)
    assert found.faithful and found.differs
    (desk,) = pairs(found, "task", "call_120.1")
    assert desk.status == "same"


def test_a_longer_wait_tells_nobody_who_was_only_told_because_nobody_had_answered_yet() -> None:
    """The gate answered a minute later, after its ladder had climbed; with two minutes it does not climb."""
    found = played(an_evening(), waits("meet", 120))
    assert {p.status for p in pairs(found, "rung", "rung", "meet.1")} == {"only_then"}
    assert {p.status for p in pairs(found, "task", "meet.1")} == {"same"}
    assert not found.unfit


def test_an_answer_counts_at_the_time_it_was_given() -> None:
    """The leader answered after 13 s: a wait of ten is over by then, whatever the record says of thirty."""
    assert not pairs(played(an_evening()), "rung", "rung", "tell_leader.1")
    (climbed,) = pairs(played(an_evening(), waits("tell_leader", 10)), "rung", "rung", "tell_leader.1")
    assert climbed.status == "only_now"


def test_a_changed_roster_tells_another_person_at_the_same_time() -> None:
    found = played(an_evening(), estate=another_leader())
    (told,) = pairs(found, "task", "tell_leader.1")
    assert told.then and told.now
    assert (told.status, told.then.to.person, told.now.to.person) == ("somebody_else", "leader-1", "leader-2")
    assert told.by == timedelta()


def test_a_removed_step_stands_on_one_side_only_and_its_answer_fits_nothing() -> None:
    evening = recorded(**HOME, help=("ambulance",)).file()
    evening.later(seconds=5)
    evening.ack("tell_leader", LEADER)
    evening.later(seconds=20)
    found = played(evening, without("tell_leader"))
    (told,) = pairs(found, "task", "tell_leader.1")
    assert (told.status, told.now) == ("only_then", None)
    (homeless,) = found.unfit
    assert (homeless.said, homeless.why, homeless.by) == ("reply.acknowledged", "no_task", LEADER)
    assert homeless.at == START + timedelta(seconds=7)


def test_an_answer_given_before_its_task_exists_now_is_not_kept_for_it() -> None:
    """The gate is told after 30 s, and now after two minutes; it does not acknowledge a minute before."""
    (row,) = playbooks().by_category["medical"].steps["tell_leader"].timed
    later = row.model_copy(update={"after": timedelta(minutes=2)})
    evening = an_evening()
    evening.later(minutes=3)
    found = played(evening, with_step("tell_leader", timed=(later,)))
    assert [(one.why, one.task_id) for one in found.unfit] == [("no_task", evening.task_id("meet"))]
    assert pairs(found, "rung", "rung", "meet.1")[0].status != "same"


def test_what_the_rules_refuse_now_is_said_with_their_reason() -> None:
    evening = an_evening()
    evening.done("call_120", "coming")
    step = playbooks().by_category["medical"].steps["call_120"]
    outcomes = {name: row for name, row in step.outcomes.items() if name != "coming"}
    found = played(evening, with_step("call_120", outcomes=outcomes))
    assert [(one.why, one.said) for one in found.unfit] == [("unknown_outcome", "reply.completed")]


def test_a_report_of_an_older_version_is_played_under_the_newest_and_judged_by_its_own() -> None:
    newer = medical(version=2, steps=without("tell_leader").by_category["medical"].steps)
    both = newer.model_copy(update={"earlier": {"medical": {1: playbooks().by_category["medical"]}}})
    evening = an_evening()
    one = made(recorder(evening).log, evening.report_id, evening.now)
    found = rehearse(one, World(evening.estate, both), World(evening.estate, both), Bounds(evening.now))
    assert (found.versions, found.faithful) == ((1, 2), True)
    assert pairs(found, "task", "tell_leader.1")[0].status == "only_then"
    assert (
        rehearse(one, World(evening.estate, newer), World(evening.estate, newer), Bounds(evening.now)).faithful
        is None
    )


def test_an_estate_that_was_changed_since_is_seen() -> None:
    evening = an_evening()
    one = made(recorder(evening).log, evening.report_id, evening.now)
    world = World(another_leader(), evening.books)
    assert rehearse(one, world, world, Bounds(evening.now)).faithful is False


def recorder(evening: Evening) -> Recorder:
    assert isinstance(evening.play, Recorder)
    return evening.play


def test_what_is_read_after_the_end_does_not_count() -> None:
    """On either side: not the ack, not the rungs."""
    evening = an_evening()
    until = START + timedelta(seconds=20)
    found = played(evening, waits("hold_lift", 12), until=until)
    assert found.differs and all(pair.at <= until for pair in found.pairs)


def test_a_play_that_says_too_much_is_cut_on_both_sides_and_says_so() -> None:
    evening = an_evening()
    one = made(recorder(evening).log, evening.report_id, evening.now)
    world = World(evening.estate, evening.books)
    found = rehearse(one, world, world, Bounds(evening.now, facts=10))
    assert found.stopped_at and found.stopped_at < evening.now
    assert found.pairs and not found.differs


def test_what_another_service_says_is_not_compared() -> None:
    """A device that fell silent is told by notify, whose part is not played."""
    evening = an_evening()
    fields = {"event_id": "0" * 32, "because_of": "1" * 32, "case_version": 9, "index": 0, "name": "device_silent"}
    told: NoticeIssued = evening.make(
        NoticeIssued,
        **fields,
        clause=("S2a",),
        to=Addressee(role="service_head"),
        words={"zh": "无应答", "en": "SILENT"},
        urgency="routine",
        valid_until=evening.now,
    )
    recorder(evening).log.append(Heard(evening.now, told))
    assert not played(evening).differs


@pytest.mark.parametrize("changed, alike", [(False, 1), (True, 0)])
def test_totals_count_reports_and_what_was_told(changed: bool, alike: int) -> None:
    found = played(an_evening(), waits("hold_lift", 12) if changed else None)
    total = totals([found])
    assert (total["reports"], total["alike"], total["unfit"]) == (1, alike, 0)
    assert sum(total["told"].values()) == len(found.pairs)
    assert (total["told"]["earlier"] > 0) is changed
