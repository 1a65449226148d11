"""What fresh eyes found: help wanted again, kinds that change midway, places corrected for who stands there."""

import pytest

from shared.contracts.replies import KindCorrected, ReportJoined, ReportWithdrawn
from tests.domain.evenings import DESK, HOME, LEADER, Evening

OTHER = "emergency.medical.qinghe." + "e" * 32


def test_120_called_off_and_wanted_again_is_called_again() -> None:
    evening = Evening(help=("ambulance",), **HOME).file()
    evening.done("call_120", "cancelled", DESK)
    evening.help("ambulance")
    assert evening.is_open("call_120.2".partition(".")[0])
    assert [t.n for t in evening.assigned("call_120")] == [1, 2]


def test_120_still_under_way_is_not_called_twice() -> None:
    evening = Evening(help=("ambulance",), **HOME).file()
    evening.done("call_120", "coming", DESK)
    evening.help("ambulance")
    assert [t.n for t in evening.assigned("call_120")] == [1]


def test_a_patient_who_gets_worse_after_120_left_has_it_called_again() -> None:
    evening = Evening(help=("ambulance", "nursing"), **HOME).file()
    evening.done("call_120", "coming", DESK)
    evening.done("tell_leader", "told", LEADER)
    evening.done("meet", "arrived")
    evening.done("lead_in", "at_home")
    evening.done("ask_hospital", "not_conveyed")
    evening.done("nursing_wishes", "asked")
    evening.done("ask_supervisor", "asked")
    evening.done("supervisor_decides", "agreed")
    evening.done("choose_people", "chosen", carers=["patrol-east"])
    evening.done("go_nursing", "started")
    evening.done("nurse", "worse")
    assert [t.n for t in evening.assigned("call_120")] == [1, 2]
    assert evening.is_open("stay_with_patient")


def test_a_gas_leak_that_is_a_fire_calls_nobody_back_from_the_evacuation() -> None:
    evening = Evening("disaster", kind="gas", place="3栋", place_short="B3").file()
    evening.arrive("go_gas")
    evening.done("go_gas", "danger")
    evening.done("call_119", "called")
    out = {name for name in evening.open() if name.startswith(("evacuate", "meet_engine", "fire_command"))}
    assert out
    evening.amend(KindCorrected, kind="fire")
    assert out <= set(evening.open())
    assert not any(t.to.role == "gate_guard" for t in evening.assigned("stand_down"))


def test_nobody_is_stood_down_and_sent_out_in_one_breath() -> None:
    evening = Evening("disaster", kind="fire", place="3栋", place_short="B3").file()
    evening.amend(KindCorrected, kind="flood")
    assert evening.is_open("go_flood")
    assert "leader-1" not in {t.to.person for t in evening.assigned("stand_down")}
    assert "guard-1" in {t.to.person for t in evening.assigned("stand_down")} | {
        n.to.person for n in evening.told("stood_down")
    } or not [t for t in evening.assigned("confirm_fire") if t.to.person == "guard-1"]


def test_who_stands_at_the_wrong_stairs_hears_of_the_right_ones() -> None:
    evening = Evening(help=("ambulance",), **HOME).file()
    evening.arrive("hold_lift")
    guard = evening.assigned("hold_lift")[0].to.person
    evening.place("1栋1单元0301", "B1-1-0301")
    told = evening.told("correct_place")
    assert [n.to.person for n in told] == [guard] and "B1-1-0301" in told[0].words.en


def test_guards_who_wait_at_the_home_stay_until_120_comes() -> None:
    evening = Evening(help=("transport",), **HOME).file()
    evening.done("place_two", "sent", LEADER, standby="patient_home")
    evening.arrive("stand_by.1")
    evening.arrive("stand_by.2")
    there = {t.to.person for t in evening.assigned("stand_by")}
    evening.help("ambulance")
    assert {t.to.person for t in evening.assigned("stay_with_patient")} == there
    assert not there & {n.to.person for n in evening.told("stood_down")}


def test_a_murder_that_was_reported_as_a_fight_has_120_called_too() -> None:
    evening = Evening("security", kind="fight", place="南门", place_short="S-GATE").file()
    evening.done("ask_scene", "asked", kind="fight")
    evening.done("call_police", "called", numbers_called=["110"])
    evening.amend(KindCorrected, kind="murder")
    assert evening.assigned("call_police")[-1].calls == ("110", "120")


def test_linked_to_one_that_goes_on_elsewhere_is_somebodys_too() -> None:
    evening = Evening(help=("ambulance",), same_event_as=OTHER, **HOME).file()
    evening.amend(ReportJoined, by_report_id="emergency.medical.qinghe." + "d" * 32)
    assert evening.is_open("stray_link")


def test_a_false_alarm_that_carried_on_another_report_leaves_that_one_to_somebody() -> None:
    evening = Evening(help=("ambulance",), follows=OTHER, clock_from=None, **HOME).file()
    evening.amend(ReportWithdrawn, reason="误报")
    assert evening.is_open("stray_link")


def test_a_stray_link_outlives_the_closing() -> None:
    evening = Evening("inquiry", form="oral").file()
    evening.amend(ReportJoined, by_report_id="routine.inquiry.qinghe." + "e" * 32)
    evening.amend(ReportWithdrawn, reason="误报")
    for task in evening.open():
        if task.startswith("stand_down"):
            evening.ack(task)
    assert evening.state["closed_at"] and evening.is_open("stray_link")


def test_somebody_hurt_after_all_has_120_called_though_110_was_called_already() -> None:
    evening = Evening("security", kind="fight", place="南门", place_short="S-GATE").file()
    evening.later(seconds=61)
    evening.done("call_police", "called", numbers_called=["110"])
    evening.done("ask_scene", "hurt", kind="fight")
    assert [t.n for t in evening.assigned("call_police")] == [1, 2]
    refused = evening.done("call_police.2", "called", numbers_called=["110"])
    assert [getattr(f, "reason", None) for f in refused] == ["not_called"]
    evening.done("call_police.2", "called_with_120", numbers_called=["110", "120"])
    assert evening.is_open("meet")


def test_the_help_that_was_called_off_is_asked_for_alone() -> None:
    """Giving up the other help must not leave nobody at the patient."""
    evening = Evening(help=("ambulance", "transport"), **HOME).file()
    evening.done("call_120", "cancelled", DESK)
    evening.help("ambulance")
    assert [t.n for t in evening.assigned("call_120")] == [1, 2]


@pytest.mark.parametrize(
    ("first", "meanwhile", "step", "outcome", "again"),
    [
        ("gas", "flood", "go_gas", "danger", "call_119"),
        ("fire", "gale", "confirm_fire", "cannot_reach", "call_119"),
    ],
)
def test_a_kind_that_is_corrected_there_and_back_goes_on_where_it_was(
    first: str, meanwhile: str, step: str, outcome: str, again: str
) -> None:
    evening = Evening("disaster", kind=first, place="3栋", place_short="B3").file()
    evening.arrive(step)
    evening.done(step, outcome)
    assert evening.is_open(again)
    evening.amend(KindCorrected, kind=meanwhile)
    assert not evening.is_open(again)
    evening.amend(KindCorrected, kind=first)
    assert evening.is_open(again)


def test_a_number_that_was_called_is_not_called_again() -> None:
    evening = Evening("security", kind="traffic", place="南门", place_short="S-GATE").file()
    evening.done("ask_scene", "asked", kind="traffic")
    evening.done("call_police", "called", numbers_called=["122"])
    evening.amend(KindCorrected, kind="fight")
    evening.done("call_police.2", "called", numbers_called=["110"])
    evening.amend(KindCorrected, kind="traffic")
    assert [t.n for t in evening.assigned("call_police")] == [1, 2]


def test_who_waits_for_120_does_not_count_as_120() -> None:
    evening = Evening(help=("transport",), **HOME).file()
    evening.done("place_two", "sent", LEADER, standby="patient_home")
    evening.arrive("stand_by.1")
    evening.help("ambulance")
    assert evening.is_open("stay_with_patient")
    evening.done("call_120", "cancelled", DESK)
    evening.help("ambulance")
    assert [t.n for t in evening.assigned("call_120")] == [1, 2]
