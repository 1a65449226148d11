"""Whoever was sent, asked or rung for a task hears that it is over (SOP S3.0)."""

from collections.abc import Callable

import pytest

from shared.contracts.escalations import RungReached
from shared.contracts.event import Fact, Speaker
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import HelpChanged, ReportWithdrawn, SideTaskAsked, TaskHandedOn
from shared.contracts.tasks import TaskAssigned
from tests.domain.evenings import HOME, LEADER, SUPERVISOR, Evening, only

Act = Callable[[Evening], object]
CONTROL = Speaker(role="control_room", person="control-1")
OVER: dict[str, Callable[[Evening], list[Fact]]] = {
    "withdrawn": lambda evening: evening.amend(ReportWithdrawn, CONTROL, reason="误报"),
    "help changed": lambda evening: evening.amend(HelpChanged, CONTROL, help=("nursing",)),
}


def rung(evening: Evening, task: str, role: str, *persons: str) -> list[Fact]:
    common = {"case_version": 1, "index": 0, "task_id": evening.task_id(task), "clock": "ack", "rung": 1}
    return evening.say(evening.make(RungReached, role=role, persons=persons, **common))


def ring_twice(evening: Evening) -> None:
    rung(evening, "vehicle", "service_head", "head-1")
    rung(evening, "vehicle", "management_director", "director-1")


BEFORE: dict[str, tuple[Act, set[str]]] = {
    "declined": (lambda e: e.decline("vehicle.1"), {"desk-1"}),
    "handed over": (lambda e: e.reply(TaskHandedOn, "vehicle", to_person="engineer-1", reason="换人"), {"desk-1"}),
    "acknowledged by another": (
        lambda e: e.ack("vehicle", Speaker(role="customer_assistant", person="desk-2")),
        {"desk-1"},
    ),
    "rung": (lambda e: rung(e, "vehicle", "service_head", "head-1"), {"head-1"}),
    "rung twice": (ring_twice, {"head-1", "director-1"}),
}


@pytest.mark.parametrize("over", list(OVER))
@pytest.mark.parametrize("before", list(BEFORE))
def test_who_was_asked_before_hears_that_it_is_over(before: str, over: str) -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    act, expected = BEFORE[before]
    act(evening)
    said = OVER[over](evening)
    heard = [f.to.person for f in only(said, NoticeIssued) if f.name == "stood_down"]
    stood_down = [a.to.person for a in only(said, TaskAssigned) if a.step == "stand_down"]
    assert expected <= {*heard, *stood_down}
    assert len({*heard, *stood_down}) == len([*heard, *stood_down]), "one word each"


def test_at_the_closing_too() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    rung(evening, "hold_lift", "security_supervisor", "supervisor-1")
    evening.done("call_120", "coming")
    evening.done("tell_leader", "told")
    evening.done("meet.1", "arrived")
    evening.done("lead_in", "at_home")
    evening.done("ask_hospital", "left")
    evening.done("feed_back_ambulance", "fed_back")
    evening.done("record_case", "recorded")
    assert {n.to.person for n in evening.told("stood_down")} == {"guard-2", "supervisor-1"}


def test_who_stood_a_holder_down_need_not_be_told() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    rung(evening, "hold_lift", "shift_leader", "leader-1")
    rung(evening, "hold_lift", "security_supervisor", "supervisor-1")
    evening.done("tell_leader", "told", LEADER)
    facts = evening.reply(SideTaskAsked, "hold_lift", SUPERVISOR, step="stand_down")
    assert [n.to.person for n in only(facts, NoticeIssued)] == ["leader-1"]
