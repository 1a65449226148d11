"""Security as SOP S5 has it: people first, then the questions and the police, the scene, and two reports."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.escalations import LimitPassed, RungReached
from shared.contracts.event import Fact
from shared.contracts.replies import TaskNoted
from shared.contracts.tasks import TaskAssigned, TaskWithdrawn
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.rehearsing import Rehearsal
from tests.domain.evenings import Evening, only, playbooks, refused
from tests.support.estate import an_estate

KINDS = {
    "theft": ("110",),
    "fight": ("110",),
    "robbery": ("110",),
    "murder": ("110", "120"),
    "poisoning": ("120", "110"),
    "traffic": ("122",),
}
WITH_120 = ("murder", "poisoning")
GRAVE = ("robbery", "murder", "poisoning")
AT_ONCE = ["ask_scene.1", "gates_watch.1", "gates_watch.2", "go_scene.1", "go_scene.2"]
AT_ONCE += ["keep_video.1", "lead_scene.1", "security_now.1", "supervisor_scene.1"]


def an_evening(kind: str | None = "theft", **fields: Any) -> Evening:
    return Evening("security", kind=kind, place="南门", **fields).file()


def called(evening: Evening, kind: str) -> Evening:
    """The questions answered, and the numbers of the kind called."""
    evening.done("ask_scene", "asked", kind=kind)
    outcome = "called_with_120" if kind in WITH_120 else "called"
    evening.done("call_police", outcome, numbers_called=list(KINDS[kind]))
    return evening


def on_the_scene(evening: Evening) -> Evening:
    for task in ("go_scene.1", "go_scene.2", "supervisor_scene"):
        evening.arrive(task)
    evening.done("keep_video", "saved")
    evening.done("lead_scene", "on_scene")
    return evening


def over(evening: Evening) -> Evening:
    """The scene handed to the police, and the desk told."""
    evening.done("protect", "handed_over")
    evening.done("feed_back_security", "fed_back")
    evening.done("record_security", "recorded")
    return evening


# ---- at filing -------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_everybody_is_sent_at_filing_before_any_question_is_answered(kind: str | None) -> None:
    evening = an_evening(kind)
    there = [name for name in evening.open() if not name.startswith("security_director")]
    assert there == AT_ONCE
    assert evening.state["grade"] == "major"
    assert bool(evening.assigned("security_director")) is (kind in GRAVE)


def test_the_words_say_the_kind_and_the_place_and_of_no_kind_an_event() -> None:
    assert an_evening("fight").assigned("lead_scene")[0].words.en.startswith("FIGHT at S-GATE")
    assert an_evening(None).assigned("lead_scene")[0].words.zh.startswith("南门发生事件")


def test_limits_of_arrival_on_and_off_duty() -> None:
    for without, minutes in (((), 4), (("supervisor-1",), 15)):
        evening = an_evening(estate=an_estate(without=without))
        task = evening.assigned("supervisor_scene")[0]
        assert task.arrive_by == task.assigned_at + timedelta(minutes=minutes)
        leader = evening.assigned("lead_scene")[0]
        assert leader.arrive_by == leader.assigned_at + timedelta(minutes=4)


def test_guardrails_stand_with_the_steps() -> None:
    evening = on_the_scene(an_evening())
    guards = {t.step: t.guard for t in evening.assigned()}
    assert guards["lead_scene"] == ("two_up", "scene", "off_air")
    assert guards["go_scene"] == ("two_up", "scene") and guards["gates_watch"] == ("two_up",)
    assert guards["protect"] == ("scene", "no_opinion")


# ---- police and ambulance ----------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_says_which_numbers_are_called(kind: str) -> None:
    evening = an_evening(kind)
    evening.done("ask_scene", "asked", kind=kind)
    assert evening.assigned("call_police")[0].calls == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_gates_meet_an_ambulance_only_where_120_was_called(kind: str) -> None:
    evening = called(an_evening(kind), kind)
    assert evening.is_open("meet") is (kind in WITH_120)


def test_a_number_that_the_kind_asks_for_must_have_been_called() -> None:
    evening = an_evening("murder")
    evening.done("ask_scene", "asked", kind="murder")
    assert refused(evening.done("call_police", "called", numbers_called=["110"])) == "not_called"
    assert refused(evening.done("call_police", "called", numbers_called=["110", "120"])) == "say_outcome"
    assert refused(evening.done("call_police", "called", numbers_called=...)) == "missing"
    evening.done("call_police", "called_with_120", numbers_called=["110", "120"])
    assert not evening.is_open("call_police")


def test_a_fight_with_somebody_hurt_has_120_too_and_the_gate_leads_it_in_and_no_more() -> None:
    evening = an_evening("fight")
    evening.done("ask_scene", "hurt", kind="fight")
    evening.done("call_police", "called_with_120", numbers_called=["110", "120"])
    evening.done("meet.1", "arrived")
    told = {n.to.role for n in evening.told("gate_arrived")}
    assert not evening.is_open("meet")
    assert told == {"customer_assistant", "shift_leader", "control_room", "gate_guard"}
    evening.done("lead_in", "at_home")
    evening.done("ask_hospital", "left")
    assert not any(name.startswith("feed_back") for name in evening.open())


@pytest.mark.parametrize("outcome", ["hurt", "badly_hurt"])
@pytest.mark.parametrize(("kind", "number"), [("fight", "110"), ("traffic", "122")])
def test_with_somebody_hurt_no_call_is_complete_without_120(kind: str, number: str, outcome: str) -> None:
    evening = an_evening(kind)
    evening.done("ask_scene", outcome, kind=kind)
    assert refused(evening.done("call_police", "called", numbers_called=[number])) == "not_called"
    both = [number, "120"]
    assert refused(evening.done("call_police", "called", numbers_called=both)) == "say_outcome"
    evening.done("call_police", "called_with_120", numbers_called=both)
    assert evening.is_open("meet") and bool(evening.assigned("security_director")) is (outcome == "badly_hurt")


def test_the_police_are_called_after_60_s_though_the_questions_are_still_open() -> None:
    evening = an_evening(None)
    evening.ack("ask_scene")
    evening.later(seconds=61)
    assert evening.is_open("ask_scene") and evening.is_open("call_police")
    assert evening.assigned("call_police")[0].calls is None, "of no kind yet the desk chooses"
    assert refused(evening.done("call_police", "called", numbers_called=...)) == "missing"
    evening.done("call_police", "called", numbers_called=["110"])
    evening.done("ask_scene", "asked", kind="theft")
    assert len(evening.assigned("call_police")) == 1


def test_whoever_wants_no_police_is_for_the_head_to_decide_and_the_call_stays_open() -> None:
    evening = an_evening("fight")
    evening.done("ask_scene", "asked", kind="fight")
    evening.done("call_police", "not_wanted")
    assert evening.is_open("head_decides") and evening.is_open("call_police")
    evening.done("call_police", "not_called")
    assert not evening.is_open("call_police")


def test_a_lost_call_is_rung_back_and_the_question_stays() -> None:
    evening = an_evening()
    evening.done("ask_scene", "lost")
    assert evening.is_open("call_back_caller") and evening.is_open("ask_scene")


def test_a_place_learnt_by_the_question_goes_to_everybody_who_was_sent() -> None:
    evening = Evening("security", kind="theft").file()
    evening.done("ask_scene", "asked", kind="theft", patient_place="南门")
    told = {t.to.role for t in evening.assigned("correct_place")}
    assert {"shift_leader", "guard", "gate_guard", "security_supervisor", "control_room"} <= told


@pytest.mark.parametrize("kind", KINDS)
def test_a_drill_calls_nobody(kind: str) -> None:
    evening = called(an_evening(kind, drill=True), kind)
    task = evening.assigned("call_police")[0]
    assert task.calls is None and task.drill
    assert "Do NOT call" in task.words.en and task.words.zh.startswith("演习")
    assert evening.is_open("meet") is (kind in WITH_120), "the gates rehearse it"


# ---- the scene ---------------------------------------------------------------------


def test_an_arrival_ends_the_tasks_of_those_who_only_come() -> None:
    evening = an_evening()
    evening.arrive("go_scene.1")
    evening.arrive("supervisor_scene")
    evening.arrive("lead_scene")
    left = [n for n in evening.open() if n.partition(".")[0] in ("go_scene", "supervisor_scene", "lead_scene")]
    assert left == ["go_scene.2", "lead_scene.1"]


def test_too_few_on_the_way_is_the_supervisors_to_solve() -> None:
    evening = an_evening()
    evening.done("go_scene.1", "short")
    assert evening.is_open("short_of_people") and evening.is_open("go_scene")


def test_without_a_word_from_the_scene_for_half_an_hour_the_supervisor_is_told() -> None:
    evening = on_the_scene(an_evening())
    assert evening.assigned("protect")[0].finish_by is None, "until handed over"
    evening.later(minutes=20)
    evening.reply(TaskNoted, "protect", note="现场正常")
    evening.later(minutes=29)
    assert not evening.assigned("scene_silent")
    evening.later(minutes=2)
    assert [t.to.role for t in evening.assigned("scene_silent")] == ["security_supervisor"]


def test_someone_badly_hurt_found_on_the_scene_brings_120_and_the_director() -> None:
    evening = on_the_scene(called(an_evening("fight"), "fight"))
    evening.done("protect", "badly_hurt")
    assert evening.is_open("protect") and evening.is_open("meet")
    assert [t.to.role for t in evening.assigned("security_director")] == ["management_director"]


def test_without_police_the_scene_is_reported_all_the_same() -> None:
    evening = on_the_scene(called(an_evening("traffic"), "traffic"))
    evening.done("protect", "no_police")
    assert evening.is_open("feed_back_security")


# ---- the end -----------------------------------------------------------------------


def test_the_gates_watch_until_the_leader_reports_the_end_and_are_told() -> None:
    evening = on_the_scene(called(an_evening(), "theft"))
    evening.done("gates_watch.1", "police_in")
    assert evening.is_open("gates_watch")
    over(evening)
    assert not evening.is_open("gates_watch")
    assert evening.holder("gates_watch.2")["outcome"] == "stood_down"
    assert {t.to.post for t in evening.assigned("gates_over")} == {"gate-south", "gate-north"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_stays_open_for_the_12_h_report_and_the_24_h_summary(kind: str) -> None:
    evening = called(an_evening(kind), kind)
    if kind in WITH_120:
        evening.done("meet.1", "arrived")
        evening.done("lead_in", "at_home")
        evening.done("ask_hospital", "left")
    over(on_the_scene(evening))
    filed = evening.filed.accepted_at
    report = evening.assigned("written_report")[0]
    assert (report.to.role, report.finish_by) == ("security_supervisor", filed + timedelta(hours=12))
    assert not evening.closed
    evening.done("written_report", "written")
    assert evening.assigned("summary")[0].finish_by == filed + timedelta(hours=24)
    assert not evening.closed
    evening.done("summary", "written")
    assert evening.closed and evening.closed.why == "done"
    assert [n.to.role for n in evening.told("director_reports")] == ["management_director"] * 2


def test_a_report_not_approved_by_the_director_is_not_written_yet() -> None:
    evening = over(on_the_scene(called(an_evening(), "theft")))
    assert refused(evening.done("written_report", "written", report_approved_at=...)) == "missing"


def test_a_false_alarm_stands_everybody_down_and_needs_no_written_report() -> None:
    evening = an_evening("fight")
    facts = evening.done("lead_scene", "false_alarm")
    gone = {f.task_id.rsplit(".", 2)[1] for f in only(facts, TaskWithdrawn)}
    assert {"ask_scene", "go_scene", "supervisor_scene", "gates_watch", "keep_video"} <= gone
    told = {t.to.person for t in evening.assigned("stand_down")}
    assert {"desk-1", "supervisor-1", "gate-1", "gate-2", "control-1", "head-1"} <= told and len(told) == 8
    heard = ["customer_assistant", "service_head", "management_director"]
    assert [n.to.role for n in evening.told("security_false")] == heard
    evening.later(minutes=2)
    assert not evening.is_open("call_police"), "the clock of the withdrawn question is dead"
    stand_downs = [name for name in evening.open() if name.startswith("stand_down")]
    evening.ack(stand_downs[0])
    evening.done("feed_back_security", "false_alarm")
    assert [n.to.role for n in evening.told("security_false")] == heard, "said once"
    evening.done("record_security", "recorded")
    assert not evening.closed, "until each has acknowledged"
    for name in stand_downs[1:]:
        evening.ack(name)
    assert evening.closed and not evening.assigned("written_report")


def test_a_false_alarm_found_out_on_the_scene_is_heard_of_by_gates_and_heads() -> None:
    evening = on_the_scene(called(an_evening("robbery"), "robbery"))
    evening.done("protect", "no_police")
    evening.done("feed_back_security", "false_alarm")
    assert {t.to.post for t in evening.assigned("gates_over")} == {"gate-south", "gate-north"}
    told = {n.to.role for n in evening.told("security_false")}
    assert told == {"customer_assistant", "service_head", "management_director"}


def test_withdrawn_is_recorded_once_everybody_knows() -> None:
    evening = an_evening()
    evening.withdraw()
    assert not {n for n in evening.open() if not n.startswith("stand_down")}
    for name in [n for n in evening.open() if n.startswith("stand_down")]:
        evening.ack(name)
    evening.done("record_security", "recorded")
    assert evening.closed and evening.closed.why == "withdrawn"


# ---- who is told -------------------------------------------------------------------


def test_the_head_hears_at_once_and_has_to_acknowledge() -> None:
    (now,) = an_evening("theft").assigned("security_now")
    assert (now.to.role, now.only_ack, now.words.en) == ("service_head", True, "THEFT at S-GATE. People sent.")


def test_the_director_hears_at_once_of_somebody_badly_hurt() -> None:
    evening = an_evening("traffic")
    assert not evening.assigned("security_director")
    evening.done("ask_scene", "badly_hurt")
    assert [t.to.role for t in evening.assigned("security_director")] == ["management_director"]
    assert evening.is_open("call_police")


@pytest.mark.parametrize("kind", GRAVE)
def test_the_director_hears_of_a_grave_kind_that_is_only_known_later(kind: str) -> None:
    evening = an_evening(None)
    evening.done("ask_scene", "asked", kind=kind)
    assert [t.to.role for t in evening.assigned("security_director")] == ["management_director"]


# ---- with escalation ---------------------------------------------------------------


def both(**fields: Any) -> Evening:
    evening = Evening("security", place="南门", **fields)
    evening.play = Rehearsal([DispatchRules(), EscalationRules()], [evening.estate], playbooks())
    return evening.file()


def of(facts: list[Fact], step: str, clock: str) -> list[Any]:
    return [
        f
        for f in facts
        if isinstance(f, LimitPassed | RungReached) and f".{step}." in f.task_id and f.clock == clock
    ]


def test_nobody_there_after_4_min_rings_the_ladder_and_15_for_whoever_comes_from_home() -> None:
    evening = both(kind="theft", estate=an_estate(without=("supervisor-1",)))
    for task in ("lead_scene", "go_scene.1", "go_scene.2"):
        evening.ack(task)
    facts = evening.later(minutes=5)
    assert any(f.role == "shift_leader" for f in of(facts, "go_scene", "arrive") if isinstance(f, RungReached))
    assert not of(facts, "supervisor_scene", "arrive")
    facts = evening.later(minutes=11)
    assert [f.due_at for f in of(facts, "supervisor_scene", "arrive") if isinstance(f, LimitPassed)] == [
        evening.filed.accepted_at + timedelta(minutes=15, seconds=1)
    ]


def test_a_report_that_is_not_written_in_12_h_goes_to_the_director() -> None:
    evening = both(kind="theft")
    over(on_the_scene(called(evening, "theft")))
    evening.ack("written_report")
    evening.later(hours=11)
    facts = evening.later(hours=1, minutes=5)
    passed = [f for f in of(facts, "written_report", "finish") if isinstance(f, LimitPassed)]
    assert [f.due_at for f in passed] == [evening.filed.accepted_at + timedelta(hours=12)]
    rungs = [f.role for f in of(facts, "written_report", "finish") if isinstance(f, RungReached)]
    assert rungs[:2] == ["security_supervisor", "management_director"]


def test_every_task_of_the_class_has_a_live_clock_though_nobody_answers() -> None:
    evening = both(kind="murder")
    evening.later(minutes=15)
    rung = {f.task_id.rsplit(".", 2)[1] for f in evening.play.facts if isinstance(f, RungReached)}
    sent = {f.step for f in evening.play.facts if isinstance(f, TaskAssigned)}
    assert {"call_police", "lead_scene", "gates_watch", "security_director"} <= sent <= rung
