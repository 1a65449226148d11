"""Fire, flood, gale and gas as SOP S6 has them: 119 at once, the authority by its clocks, and a proper end."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.escalations import LimitPassed, RungReached
from shared.contracts.replies import KindCorrected
from shared.contracts.tasks import TaskAssigned, TaskChanged, TaskWithdrawn
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.rehearsing import Rehearsal
from tests.domain.evenings import Evening, only, playbooks, refused
from tests.support.estate import an_estate

AFTER_119 = {"meet_engine", "evacuate", "cut_supplies", "fire_command"}
NOW = ["disaster_now.1", "disaster_now.2", "disaster_now.3"]
ENTRIES = {
    "fire": ["ask_fire.1", "confirm_fire.1", "fight_fire.1", "fire_control.1"],
    "flood": ["go_flood.1", "pump.1"],
    "gale": ["go_gale.1"],
    "gas": ["go_gas.1"],
}
COLOURS = {"red": 10, "orange": 20, "yellow": 30, "blue": 30}


def an_evening(kind: str | None = "fire", **fields: Any) -> Evening:
    return Evening("disaster", kind=kind, place="南门", **fields).file()


def steps(evening: Evening) -> set[str]:
    return {name.partition(".")[0] for name in evening.open()}


def finish(evening: Evening, step: str) -> float:
    """Minutes from the report's acceptance to where the open task's finishing limit stands now."""
    due: timedelta = evening.holder(step)["finish_by"] - evening.filed.accepted_at
    return due.total_seconds() / 60


# ---- the kind ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ENTRIES)
def test_each_kind_opens_what_is_its_own_and_the_authority(kind: str) -> None:
    evening = an_evening(kind)
    assert [n for n in evening.open() if n not in NOW] == sorted([*ENTRIES[kind], "report_authority.1"])
    assert evening.state["grade"] == "major"
    assert {t.to.role for t in evening.assigned("disaster_now")} == {
        "service_head",
        "management_director",
        "security_supervisor",
    }


@pytest.mark.parametrize("kind", ENTRIES)
def test_without_a_kind_it_is_asked_and_the_answer_opens_it(kind: str) -> None:
    evening = an_evening(None)
    assert [n for n in evening.open() if n not in NOW] == ["ask_kind.1", "report_authority.1"]
    evening.done("ask_kind", kind)
    assert [n for n in evening.open() if n not in NOW] == sorted([*ENTRIES[kind], "report_authority.1"])
    assert len(evening.assigned("report_authority")) == 1


def test_a_kind_not_known_after_60_s_is_a_fire_until_it_is_said() -> None:
    evening = an_evening(None)
    evening.ack("ask_kind")
    evening.later(seconds=61)
    assert evening.is_open("fight_fire") and evening.is_open("ask_kind")
    facts = evening.done("ask_kind", "gas")
    assert {f.why for f in only(facts, TaskWithdrawn)} == {"kind_corrected"}
    assert evening.is_open("go_gas") and not evening.is_open("fight_fire")
    assert evening.is_open("report_authority"), "the authority is told whatever the kind"


def test_a_kind_said_by_the_desk_in_time_stops_the_minute() -> None:
    evening = an_evening(None)
    evening.amend(KindCorrected, kind="gale")
    evening.later(minutes=2)
    assert not evening.is_open("ask_kind") and not evening.is_open("fight_fire") and evening.is_open("go_gale")


def test_a_lost_call_is_rung_back() -> None:
    evening = an_evening(None)
    evening.done("ask_kind", "lost")
    assert evening.is_open("call_back_caller") and evening.is_open("ask_kind")


# ---- fire ------------------------------------------------------------------------------


def test_the_fight_waits_neither_for_119_nor_for_the_confirmation() -> None:
    evening = an_evening()
    task = evening.assigned("fight_fire")[0]
    assert task.to.role == "shift_leader" and not evening.is_open("call_119")
    assert task.arrive_by == task.assigned_at + timedelta(minutes=4)


@pytest.mark.parametrize(
    ("step", "outcome"), [("ask_fire", "flames"), ("confirm_fire", "confirmed"), ("confirm_fire", "cannot_reach")]
)
def test_119_is_called_at_the_first_word_of_it_and_no_field_delays_that(step: str, outcome: str) -> None:
    evening = an_evening()
    field = evening.books.of("disaster").steps[step].record
    evening.done(step, outcome, **{f.id: ... for f in field})
    (call,) = evening.assigned("call_119")
    assert (call.to.role, call.calls) == ("control_room", ("119",))
    assert call.finish_by == call.assigned_at + timedelta(seconds=60)


def test_unclear_questions_leave_119_to_the_guard_who_looks() -> None:
    evening = an_evening()
    assert refused(evening.done("ask_fire", "unclear", trapped=...)) == "missing"
    evening.done("ask_fire", "unclear")
    assert not evening.is_open("call_119") and evening.is_open("confirm_fire")


def test_two_words_of_one_fire_call_119_once() -> None:
    evening = an_evening()
    evening.done("ask_fire", "flames")
    evening.done("confirm_fire", "confirmed")
    assert len(evening.assigned("call_119")) == 1


def test_after_119_every_gate_the_evacuation_the_supplies_and_the_command() -> None:
    evening = an_evening()
    evening.done("ask_fire", "flames")
    assert not AFTER_119 & steps(evening)
    evening.done("call_119", "called")
    assert steps(evening) >= AFTER_119
    assert {t.to.post for t in evening.assigned("meet_engine")} == {"gate-south", "gate-north"}
    assert len(evening.assigned("evacuate")) == 2
    assert not {t.to.person for t in evening.assigned("evacuate")} & {evening.holder("confirm_fire")["person"]}


def test_a_silent_control_room_holds_up_nobody_in_the_house() -> None:
    evening = an_evening()
    evening.done("ask_fire", "flames")
    evening.later(seconds=61)
    assert steps(evening) >= AFTER_119 | {"call_119"}
    evening.done("call_119", "called")
    assert len(evening.assigned("fire_command")) == 1


def test_one_gate_meets_the_engine_and_the_others_are_told() -> None:
    evening = an_evening()
    evening.done("ask_fire", "flames")
    evening.done("call_119", "called")
    by = evening.by("meet_engine.1")
    evening.done("meet_engine.1", "arrived")
    assert evening.holder("meet_engine.2")["outcome"] == "passed_elsewhere"
    told = evening.told("engine_arrived")
    assert {n.to.role for n in told} == {"control_room", "shift_leader", "gate_guard"}
    assert by.post not in {n.to.post for n in told}


def test_people_missing_are_for_the_command_at_once() -> None:
    evening = an_evening()
    evening.done("confirm_fire", "cannot_reach")
    evening.done("call_119", "called")
    evening.arrive("fire_command")
    evening.done("evacuate.1", "missing")
    told = evening.assigned("persons_missing")
    assert {t.to.role for t in told} == {"security_supervisor", "shift_leader", "control_room"}
    assert all(t.only_ack for t in told) and evening.is_open("evacuate"), "the other guard goes on"


def test_limits_of_the_command_on_and_off_duty() -> None:
    for without, minutes in (((), 4), (("supervisor-1",), 15)):
        evening = an_evening(estate=an_estate(without=without))
        evening.done("ask_fire", "flames")
        evening.done("call_119", "called")
        task = evening.assigned("fire_command")[0]
        assert task.arrive_by == task.assigned_at + timedelta(minutes=minutes)


def test_nobody_takes_the_lift_and_no_leader_fights_alone() -> None:
    evening = an_evening()
    evening.done("ask_fire", "flames")
    evening.done("call_119", "called")
    guards = {t.step: t.guard for t in evening.assigned() if t.guard}
    assert guards == {
        "confirm_fire": ("no_lift",),
        "fight_fire": ("no_lift", "two_up"),
        "evacuate": ("no_lift",),
    }
    assert an_evening("gas").assigned("go_gas")[0].guard == ("no_lift",)


def test_a_fire_that_is_out_is_fed_back_reported_recorded_and_closed() -> None:
    evening = an_evening()
    evening.done("ask_fire", "flames")
    evening.done("confirm_fire", "confirmed")
    evening.done("fire_control", "done")
    evening.done("call_119", "called")
    evening.done("meet_engine.1", "arrived")
    for task in ("evacuate.1", "evacuate.2"):
        evening.done(task, "cleared")
    evening.done("cut_supplies", "done")
    evening.arrive("fire_command")
    evening.done("fight_fire", "handed_to_119")
    evening.done("feed_back_disaster", "fed_back")
    evening.done("record_disaster", "recorded")
    assert evening.open() == [*NOW, "report_authority.1"] and not evening.closed
    evening.done("report_authority", "reported", event_level="yellow")
    evening.done("brief", "sent")
    assert evening.closed and evening.closed.why == "done"


# ---- false alarm -------------------------------------------------------------------------


def test_a_guards_false_alarm_stops_nobody_but_goes_to_the_leader() -> None:
    evening = an_evening()
    evening.done("confirm_fire", "false_alarm")
    assert steps(evening) >= {"fight_fire", "ask_fire", "fire_control", "report_authority", "feed_back_disaster"}
    assert {n.to.role for n in evening.told("fire_not_found")} == {"shift_leader", "control_room"}
    evening.done("ask_fire", "flames")
    assert evening.is_open("call_119"), "the resident sees flames after all"


@pytest.mark.parametrize("said_at", ["fight_fire", "feed_back_disaster"])
def test_the_leaders_false_alarm_stands_everybody_down_and_ends_properly(said_at: str) -> None:
    evening = an_evening()
    evening.done("ask_fire", "flames")
    evening.done("call_119", "called")
    if said_at == "feed_back_disaster":
        evening.done("confirm_fire", "false_alarm")
    busy = {task.get("person") for task in evening.state["tasks"].values() if task["open"]} - {"leader-1"}
    facts = evening.done(said_at, "false_alarm")
    gone = {f.task_id.rsplit(".", 2)[1] for f in only(facts, TaskWithdrawn)}
    assert gone >= AFTER_119 | {"fire_control", "report_authority"}
    assert {"gate-1", "gate-2", "engineer-1", "supervisor-1", "control-1", "director-1"} < busy
    assert {t.to.person for t in evening.assigned("stand_down")} >= busy
    corrected = {t.to.role for t in evening.assigned("disaster_false")}
    assert corrected == {"control_room", "service_head", "management_director", "security_supervisor"}
    if said_at == "fight_fire":
        evening.done("feed_back_disaster", "fed_back")
    evening.done("record_disaster", "recorded", final_level="below_grade")
    for name in [n for n in evening.open() if n.startswith("stand_down")]:
        assert not evening.closed
        evening.ack(name)
    assert evening.closed and evening.closed.why == "done"


# ---- flood, gale, gas ----------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "step"), [("flood", "go_flood"), ("gale", "go_gale"), ("gas", "go_gas")])
def test_under_control_is_fed_back_and_recorded(kind: str, step: str) -> None:
    evening = an_evening(kind)
    evening.done(step, "under_control")
    if kind == "flood":
        evening.done("pump", "done")
    evening.done("feed_back_disaster", "fed_back")
    evening.done("report_authority", "below_grade")
    assert not evening.closed
    evening.done("record_disaster", "recorded", final_level="below_grade")
    assert evening.closed and not evening.assigned("brief")


def test_limits_of_arrival() -> None:
    for kind, step, minutes in (
        ("flood", "go_flood", 4),
        ("flood", "pump", 10),
        ("gale", "go_gale", 5),
        ("gas", "go_gas", 5),
        ("fire", "confirm_fire", 3),
    ):
        task = an_evening(kind).assigned(step)[0]
        assert task.arrive_by == task.assigned_at + timedelta(minutes=minutes), step


@pytest.mark.parametrize(("kind", "step"), [("flood", "go_flood"), ("gale", "go_gale")])
def test_danger_goes_to_the_authority_within_30_min_though_it_was_below_grade_before(kind: str, step: str) -> None:
    evening = an_evening(kind)
    evening.done("report_authority", "below_grade")
    evening.later(minutes=40)
    evening.done(step, "danger")
    (task,) = evening.assigned("report_danger")
    assert task.finish_by == task.assigned_at + timedelta(minutes=30)
    assert task.calls == ("company", "authority") and evening.is_open("feed_back_disaster")
    evening.done("report_danger", "reported")
    assert evening.is_open("brief")


def test_danger_known_in_time_goes_with_the_grade() -> None:
    evening = an_evening("flood")
    evening.done("go_flood", "danger")
    assert evening.is_open("report_danger") and len(evening.assigned("report_authority")) == 1
    evening.done("report_authority", "reported", event_level="red", reported_to=["company", "district", "city"])
    assert not evening.is_open("report_danger") and evening.is_open("brief")


def test_gas_that_is_a_danger_is_119s_as_a_fire_but_nobody_fights_it() -> None:
    evening = an_evening("gas")
    evening.done("go_gas", "danger")
    assert evening.assigned("call_119")[0].calls == ("119",)
    evening.done("call_119", "called")
    assert steps(evening) >= AFTER_119 and not evening.is_open("fight_fire")
    assert evening.assigned("fire_command")[0].words.en == "GAS S-GATE. Come and take command."


@pytest.mark.parametrize("colour", COLOURS)
def test_a_warning_of_the_weather_service_mans_the_posts(colour: str) -> None:
    evening = an_evening("gale", weather=colour)
    told = evening.assigned("weather_colour")
    assert {t.to.role for t in told} == {"management_director", "shift_leader", "engineering"}
    assert all(t.only_ack and t.words.en == "WEATHER WARNING. Man posts by plan." for t in told)
    assert not an_evening("gale").assigned("weather_colour")


# ---- the authority -------------------------------------------------------------------------


@pytest.mark.parametrize(("colour", "minutes"), COLOURS.items())
def test_the_colour_sets_the_authoritys_clock(colour: str, minutes: int) -> None:
    evening = an_evening("flood")
    assert finish(evening, "report_authority") == 10, "as red until it is known"
    evening.later(minutes=5)
    evening.done("report_authority", "graded", event_level=colour)
    assert evening.is_open("report_authority") and finish(evening, "report_authority") == minutes


def test_a_grade_that_rises_shortens_the_clock_again() -> None:
    evening = an_evening()
    evening.done("report_authority", "graded", event_level="yellow")
    facts = evening.done("report_authority", "graded", event_level="orange")
    assert [f.what for f in only(facts, TaskChanged)] == ["noted", "limit"]
    assert finish(evening, "report_authority") == 20


def test_the_report_names_the_colour_to_whom_and_by_whom() -> None:
    evening = an_evening()
    for field in ("event_level", "reported_to", "reported_by", "reported_at"):
        assert refused(evening.done("report_authority", "reported", **{field: ...})) == "missing", field
    assert refused(evening.done("report_authority", "reported", event_level="purple")) == "no_choice"
    evening.done("report_authority", "reported", reported_by="班长越级上报")
    brief = evening.assigned("brief")[0]
    assert brief.finish_by == evening.filed.accepted_at + timedelta(hours=3)
    assert brief.to.role == "management_director"


def test_nobody_outside_is_called_in_a_drill() -> None:
    evening = an_evening(drill=True)
    evening.done("ask_fire", "flames")
    evening.done("call_119", "called")
    evening.done("report_authority", "reported")
    said = [t for t in evening.assigned() if t.step in ("call_119", "report_authority", "brief")]
    assert len(said) == 3
    assert all(t.calls is None and "Do NOT call" in t.words.en for t in said)
    assert all(t.drill and t.words.zh.startswith("演习") for t in evening.assigned())


# ---- with escalation -------------------------------------------------------------------------


def both(kind: str) -> Evening:
    evening = Evening("disaster", kind=kind, place="南门")
    evening.play = Rehearsal([DispatchRules(), EscalationRules()], [evening.estate], playbooks())
    return evening.file()


@pytest.mark.parametrize(("colour", "minutes"), [(None, 10), *COLOURS.items()])
def test_an_authority_that_was_not_told_in_time_rings_the_director(colour: str | None, minutes: int) -> None:
    evening = both("flood")
    evening.ack("report_authority")
    if colour:
        evening.done("report_authority", "graded", event_level=colour)
    evening.later(minutes=minutes + 1)
    passed = [f for f in evening.play.facts if isinstance(f, LimitPassed) and f.clock == "finish"]
    mine = [f.due_at for f in passed if ".report_authority." in f.task_id]
    assert mine == [evening.filed.accepted_at + timedelta(minutes=minutes)]
    rung = [f for f in evening.play.facts if isinstance(f, RungReached) and f.clock == "finish"]
    assert {f.role for f in rung if ".report_authority." in f.task_id} == {"management_director"}


def test_a_brief_not_sent_in_3_h_rings_the_director() -> None:
    evening = both("fire")
    evening.done("report_authority", "reported")
    evening.later(hours=3, minutes=1)
    passed = [f for f in evening.play.facts if isinstance(f, LimitPassed) and ".brief." in f.task_id]
    assert [f.due_at for f in passed] == [evening.filed.accepted_at + timedelta(hours=3)]


@pytest.mark.parametrize("kind", ENTRIES)
def test_every_task_of_a_kind_rings_somebody_when_nobody_answers(kind: str) -> None:
    evening = both(kind)
    evening.later(minutes=15)
    sent = {f.step for f in evening.play.facts if isinstance(f, TaskAssigned)}
    rung = {f.task_id.rsplit(".", 2)[1] for f in evening.play.facts if isinstance(f, RungReached)}
    assert {"report_authority", "disaster_now"} <= sent <= rung
