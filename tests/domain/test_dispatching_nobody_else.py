"""What is not the speaker's to say: dropping a task, answering for others, the lists nobody stands on."""

from collections.abc import Callable

import pytest

from shared.contracts.event import Fact, Speaker
from shared.contracts.replies import (
    DetailsCorrected,
    KindCorrected,
    Reply,
    ReportFollowed,
    ReportLinked,
    SideTaskAsked,
    TaskAcknowledged,
    TaskArrived,
    TaskDeclined,
    TaskHandedOn,
)
from shared.contracts.tasks import TaskAssigned, TaskChanged, TaskWithdrawn
from shared.domain.escalating.rules import EscalationRules
from shared.domain.rules import State
from tests.domain.evenings import DESK, HEAD, HOME, LEADER, SUPERVISOR, Evening, only, refused

GUARD = Speaker(role="guard", person="guard-1", post="patrol-east")
OTHER = Speaker(role="guard", person="guard-3", post="patrol-north")
GATE = Speaker(role="gate_guard", person="gate-1", post="gate-south")


def standing_by() -> Evening:
    """guard-1 and guard-2 are called to stand by; the leader, the desk and the director are elsewhere."""
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent", posts_sent=["patrol-east", "patrol-west"])
    return evening


# ---- standing down by hand (SOP S2c) ---------------------------------------------


@pytest.mark.parametrize(
    "task, by, reason",
    [
        ("stand_by.1", GUARD, "no_onward"),
        ("stand_by.1", OTHER, "no_onward"),
        ("stand_by.1", GATE, "no_onward"),
        ("stand_by.1", Speaker(role="engineering"), "no_onward"),
        ("vehicle.1", DESK, "no_onward"),
        ("stand_by.1", DESK, None),
        ("stand_by.1", HEAD, None),
        ("stand_by.1", LEADER, None),
        ("stand_by.1", SUPERVISOR, None),
        ("vehicle.1", HEAD, None),
        ("place_two.1", DESK, "already_ended"),
    ],
)
def test_only_the_desk_or_someone_above_stands_a_holder_down(task: str, by: Speaker, reason: str | None) -> None:
    evening = standing_by()
    evening.ack("stand_by.1")
    facts = evening.reply(SideTaskAsked, task, by, step="stand_down")
    assert refused(facts) == reason
    assert evening.is_open("stand_down") is (reason is None)


def test_a_task_whose_holder_is_stood_down_goes_to_the_next_until_nobody_is_left() -> None:
    evening = standing_by()
    facts = evening.reply(SideTaskAsked, "stand_by.1", DESK, step="stand_down")
    assert [(f.what, f.to and f.to.person) for f in only(facts, TaskChanged)] == [("declined", "guard-3")]
    assert [(a.step, a.to.person) for a in only(facts, TaskAssigned)] == [("stand_down", "guard-1")]
    facts = evening.reply(SideTaskAsked, "stand_by.1", DESK, step="stand_down")
    assert [(a.step, a.to.person) for a in only(facts, TaskAssigned)] == [
        ("stand_down", "guard-3"),
        ("short_of_people", "supervisor-1"),
    ]
    assert evening.is_open("stand_by")


def test_what_is_optional_ends_when_its_holder_is_stood_down() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    facts = evening.reply(SideTaskAsked, "hold_lift", DESK, step="stand_down")
    assert [f.why for f in only(facts, TaskWithdrawn)] == ["relieved"]
    assert [a.step for a in only(facts, TaskAssigned)] == ["stand_down"]


# ---- 明白 到达: anyone who was asked, whatever the state -----------------------------

ENGINEER = Speaker(role="engineering", person="engineer-1")
CONTROL = Speaker(role="control_room", person="control-1")
MEANT = [
    (GUARD, None, True),
    (OTHER, None, True),
    (LEADER, None, True),
    (SUPERVISOR, None, True),
    (Speaker(role="guard"), None, True),
    (Speaker(role="engineering", person="guard-1"), None, True),
    (Speaker(role="engineering", post="patrol-east"), None, True),
    (OTHER, DESK, True),
    (DESK, DESK, True),
    (CONTROL, CONTROL, True),
    (DESK, None, False),
    (CONTROL, None, False),
    (GATE, None, False),
    (GATE, DESK, False),
    (ENGINEER, None, False),
    (ENGINEER, CONTROL, False),
    (HEAD, None, False),
]


@pytest.mark.parametrize("of", [TaskAcknowledged, TaskArrived])
@pytest.mark.parametrize("by, heard_by, counted", MEANT)
def test_both_services_hear_the_same_people(
    of: type[Reply], by: Speaker, heard_by: Speaker | None, counted: bool
) -> None:
    evening = standing_by()
    rules = EscalationRules()
    state: State = {}
    reply = evening.make(of, task_id=evening.task_id("stand_by.1"), by=by, heard_by=heard_by)
    assigned = evening.assigned("stand_by")[0]
    for event in (reply, assigned):
        state = rules.evolve(state, event, event.accepted_at)
    clock = "arrive" if of is TaskArrived else "ack"
    runs = f"{clock}.stand_by.1" in {d.name for d in rules.deadlines(state)}
    assert runs is not counted
    assert refused(evening.say(reply)) == (None if counted else "not_yours")


def test_who_had_the_task_before_may_still_say_so() -> None:
    evening = standing_by()
    evening.reply(TaskHandedOn, "stand_by.1", to_person="engineer-1", reason="换人")
    evening.reply(TaskHandedOn, "stand_by.1", to_person="guard-3", reason="换人")
    assert refused(evening.ack("stand_by.1", ENGINEER)) is None


@pytest.mark.parametrize("by, said", [(GATE, "not_yours"), (GUARD, None)])
def test_an_ended_task_is_acknowledged_late_by_who_was_asked_only(by: Speaker, said: str | None) -> None:
    evening = standing_by()
    evening.arrive("stand_by.1")
    assert refused(evening.ack("stand_by.1", by)) == said


# ---- what was acknowledged is its holder's to give away ------------------------------

GIVING: dict[type[Reply], dict[str, str]] = {
    TaskDeclined: {"reason": "忙", "onward": "下一岗"},
    TaskHandedOn: {"reason": "换班", "to_person": "guard-2"},
}


@pytest.mark.parametrize("of", list(GIVING))
@pytest.mark.parametrize(
    "acked, by, heard_by, reason",
    [
        (True, GUARD, None, None),
        (True, OTHER, None, "not_yours"),
        (True, Speaker(role="guard", post="patrol-north"), None, "not_yours"),
        (True, OTHER, DESK, None),
        (True, OTHER, OTHER, "not_yours"),
        (True, GUARD, OTHER, None),
        (True, Speaker(role="guard", post="patrol-east"), OTHER, None),
        (True, Speaker(role="guard", post="patrol-north"), OTHER, "not_yours"),
        (False, OTHER, None, None),
    ],
)
def test_only_the_holder_gives_away_what_was_acknowledged(
    of: type[Reply], acked: bool, by: Speaker, heard_by: Speaker | None, reason: str | None
) -> None:
    evening = standing_by()
    if acked:
        evening.ack("stand_by.1", GUARD)
    assert refused(evening.reply(of, "stand_by.1", by, heard_by=heard_by, **GIVING[of])) == reason


@pytest.mark.parametrize(
    "taken_by, reason", [("guard-3", None), ("王强", "unknown_person"), ("x", "unknown_person")]
)
def test_a_task_is_taken_over_by_somebody_in_the_roster(taken_by: str, reason: str | None) -> None:
    evening = standing_by()
    evening.ack("stand_by.1")
    evening.reply(SideTaskAsked, "stand_by.1", step="take_over")
    assert refused(evening.done("take_over", "done", taken_by=taken_by)) == reason
    assert evening.holder("stand_by.1")["person"] == ("guard-1" if reason else taken_by)


# ---- a case that is ending takes no change -------------------------------------------

_OTHER = "emergency.medical.qinghe." + "2" * 32
ENDING: dict[str, Callable[[Evening], object]] = {
    "withdrawn": lambda evening: evening.withdraw(),
    "followed": lambda evening: evening.amend(ReportFollowed, by_report_id=_OTHER),
    "linked": lambda evening: evening.amend(ReportLinked, to_report_id=_OTHER),
}
CHANGES: dict[str, Callable[[Evening], list[Fact]]] = {
    "help": lambda evening: evening.help("transport", "ambulance"),
    "place": lambda evening: evening.place("1栋", "B1"),
    "kind": lambda evening: evening.amend(KindCorrected, kind="fire"),
    "grade": lambda evening: evening.grade("major"),
}


@pytest.mark.parametrize("why", list(ENDING))
@pytest.mark.parametrize("what", list(CHANGES))
def test_a_case_that_is_ending_takes_no_change(what: str, why: str) -> None:
    evening = standing_by()
    ENDING[why](evening)
    assert not evening.closed
    assert refused(CHANGES[what](evening)) == "closed"
    assert evening.amend(DetailsCorrected, signs=("labour",)) == []
