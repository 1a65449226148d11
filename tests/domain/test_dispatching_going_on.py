"""Who goes on with what: those who stood by, those who are with the patient, those who were sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.contracts.event import Speaker
from shared.contracts.replies import HelpNeeded, LimitExtended, TaskHandedOn, TaskStarted
from shared.contracts.tasks import TaskAssigned, TaskChanged
from tests.domain.evenings import HEAD, HOME, Evening, only, refused
from tests.support.estate import an_estate


def hospital_run(**fields: object) -> Evening:
    """Two guards who are not the nearest are on their way to stand by."""
    evening = Evening(**HOME, help=("transport",), **fields).file()
    evening.done("place_two", "sent", posts_sent=["patrol-north", "patrol-east"])
    return evening


READY: dict[str, Callable[[Evening], object]] = {
    "vehicle": lambda evening: evening.done("vehicle", "at_building"),
    "first": lambda evening: evening.arrive("stand_by.1"),
    "second": lambda evening: evening.arrive("stand_by.2"),
}


@pytest.mark.parametrize(
    "order",
    [
        ("vehicle", "first", "second"),
        ("second", "vehicle", "first"),
        ("first", "second", "vehicle"),
        ("second", "first", "vehicle"),
    ],
)
def test_the_same_two_go_whoever_is_the_last_to_be_ready(order: tuple[str, ...]) -> None:
    evening = hospital_run()
    for name in order:
        assert not evening.is_open("take_to_hospital")
        READY[name](evening)
    assert {a.to.person for a in evening.assigned("take_to_hospital")} == {"guard-3", "guard-1"}


@pytest.mark.parametrize("outcome", ["taxi", "cancelled"])
def test_the_same_two_go_by_taxi(outcome: str) -> None:
    evening = hospital_run()
    evening.arrive("stand_by.1")
    evening.arrive("stand_by.2")
    evening.done("vehicle", "no_vehicle")
    evening.done("other_transport", outcome)
    assert {a.to.person for a in evening.assigned("take_to_hospital")} == {"guard-3", "guard-1"}


# ---- whom the supervisor sends --------------------------------------------------


def asked_when_ended(evening: Evening) -> None:
    evening.done("place_two", "sent", posts_sent=["patrol-east", "patrol-west"])
    evening.arrive("stand_by.1")
    evening.reply(HelpNeeded, "stand_by.1")


def short(evening: Evening) -> None:
    evening.done("place_two", "short")


def leader_gone(evening: Evening) -> None:
    evening.decline("place_two")


SHORT: dict[str, tuple[Callable[[Evening], None], list[tuple[str, str]]]] = {
    "asked from an ended task": (asked_when_ended, [("stand_by.3", "guard-3")]),
    "none could be placed": (short, [("stand_by.1", "guard-3"), ("stand_by.2", "guard-2")]),
    "the leader cannot": (leader_gone, [("place_two.1", "guard-3")]),
}


@pytest.mark.parametrize("why", list(SHORT))
def test_whom_the_supervisor_sends_is_sent(why: str) -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    act, expected = SHORT[why]
    act(evening)
    facts = evening.done("short_of_people", "sent", posts_sent=["patrol-north"])
    sent = [(f.task_id, f.to) for f in facts if isinstance(f, TaskAssigned | TaskChanged)]
    assert [(task.split(".", 4)[-1], to and to.person) for task, to in sent] == expected


@pytest.mark.parametrize(
    "task, posts, reason",
    [
        ("call_120", ["patrol-north"], "nobody_to_send"),
        ("hold_lift", ["no-such-post"], "nobody_to_send"),
        ("hold_lift", ["patrol-north"], None),
    ],
)
def test_a_record_that_sends_nobody_is_refused(task: str, posts: list[str], reason: str | None) -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    evening.reply(HelpNeeded, task)
    assert refused(evening.done("short_of_people", "sent", posts_sent=posts)) == reason
    assert evening.is_open("short_of_people") is (reason is not None)


def test_one_man_at_two_posts_is_sent_once() -> None:
    estate = an_estate(without=("guard-1",))
    again = [s.model_copy(update={"post": "patrol-east"}) for s in estate.shifts if s.persons == ("guard-2",)]
    estate = estate.model_copy(update={"shifts": (*estate.shifts, *again)})
    evening = Evening(estate=estate, **HOME, help=("transport",)).file()
    evening.done("place_two", "sent", posts_sent=["patrol-east", "patrol-west"])
    assert [a.to.person for a in evening.assigned("stand_by")] == ["guard-2", "guard-3"]


# ---- what one of several gives up ----------------------------------------------

GIVE_UP: dict[str, tuple[Callable[[Evening], object], bool]] = {
    "one gate cannot": (lambda e: e.done("meet.2", "impossible"), True),
    "one gate is cancelled": (lambda e: e.done("meet.1", "cancelled"), True),
    "one gate hands on": (
        lambda e: e.reply(TaskHandedOn, "meet.2", to_role="guard", reason="换岗"),
        True,
    ),
    "it was met": (lambda e: e.done("meet.1", "arrived"), False),
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", list(GIVE_UP))
def test_120_is_chased_until_it_is_met(what: str, when: str) -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    evening.done("tell_leader", "told")
    act, chased = GIVE_UP[what]
    if when == "before":
        act(evening)
    evening.done("call_120", "coming")
    if when == "after":
        act(evening)
    evening.later(minutes=16)
    assert bool(evening.assigned("chase_120")) is chased


# ---- clocks are never reset ------------------------------------------------------


def test_a_hand_on_carries_the_arrival_clock_too() -> None:
    evening = hospital_run()
    first = evening.assigned("stand_by")[0]
    evening.later(minutes=4)
    facts = evening.reply(TaskHandedOn, "stand_by.1", to_role="gate_guard", reason="换岗")
    assert first.arrive_by and [a.arrive_by for a in only(facts, TaskAssigned)] == [first.arrive_by]


def started(evening: Evening, task: str = "vehicle.1") -> list[TaskChanged]:
    return only(evening.reply(TaskStarted, task), TaskChanged)


def extend(evening: Evening) -> str:
    said = {"task_id": evening.task_id("vehicle"), "clock": "finish", "until": evening.now + timedelta(hours=1)}
    evening.amend(LimitExtended, HEAD, reason="堵车", **said)
    return "vehicle.1"


def start(evening: Evening) -> str:
    started(evening)
    return "vehicle.1"


def hand_on(evening: Evening) -> str:
    evening.reply(TaskHandedOn, "vehicle", to_role="shift_leader", reason="代办")
    return "vehicle.2"


@pytest.mark.parametrize("before", [start, extend, hand_on])
def test_only_the_first_start_of_a_task_that_began_here_sets_its_limit(before: Callable[[Evening], str]) -> None:
    evening = hospital_run()
    task = before(evening)
    due = evening.holder(task)["finish_by"]
    evening.later(minutes=2)
    assert [f.finish_by for f in started(evening, task)] == [None]
    assert evening.holder(task)["finish_by"] == due


# ---- those who are with the patient (SOP S3.1.3) --------------------------------


def on_the_way(evening: Evening) -> None:
    evening.done("place_two", "sent", posts_sent=["patrol-north", "patrol-east"])
    evening.arrive("stand_by.1")
    evening.arrive("stand_by.2")
    evening.done("vehicle", "at_building")


def one_at_hospital(evening: Evening) -> None:
    """One of the two holds two tasks."""
    on_the_way(evening)
    evening.done("take_to_hospital.1", "at_hospital")


def at_hospital(evening: Evening) -> None:
    on_the_way(evening)
    evening.done("take_to_hospital.1", "at_hospital")
    evening.done("take_to_hospital.2", "at_hospital")


def nursing(evening: Evening) -> None:
    evening.done("nursing_wishes", "asked")
    evening.done("ask_supervisor", "asked")
    evening.done("supervisor_decides", "agreed")
    evening.done("choose_people", "chosen", carers=["guard-3"])
    evening.done("go_nursing", "started")


def only_called(evening: Evening) -> None:
    evening.done("place_two", "sent")


@pytest.mark.parametrize(
    "help, act, stay",
    [
        ("transport", on_the_way, {"guard-1", "guard-3"}),
        ("transport", at_hospital, {"guard-1", "guard-3"}),
        ("transport", one_at_hospital, {"guard-1", "guard-3"}),
        ("nursing", nursing, {"guard-3"}),
        ("transport", only_called, set()),
    ],
)
def test_help_changed_to_120_leaves_those_with_the_patient_there(
    help: str, act: Callable[[Evening], None], stay: set[str]
) -> None:
    evening = Evening(**HOME, help=(help,)).file()
    act(evening)
    facts = only(evening.help("ambulance"), TaskAssigned)
    assert sorted(a.to.person or "" for a in facts if a.step == "stay_with_patient") == sorted(stay)
    assert not stay & {a.to.person for a in facts if a.step == "stand_down"}
    assert all(evening.holder(f"stay_with_patient.{n}")["helps"] == ["ambulance"] for n in range(1, len(stay) + 1))


def test_who_only_names_another_post_takes_the_task_there() -> None:
    evening = hospital_run()
    evening.ack("stand_by.1", Speaker(role="guard", post="patrol-west"))
    held = evening.holder("stand_by.1")
    assert (held.get("person"), held["post"]) == (None, "patrol-west")
