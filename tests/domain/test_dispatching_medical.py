"""S3, clause by clause: an emergency patient."""

import pytest

from shared.contracts.event import Speaker
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import TaskNoted
from shared.contracts.tasks import ReportChanged, ReportOpened, TaskAssigned, TaskEnded, TaskWithdrawn
from tests.domain.evenings import DESK, HEAD, HOME, LEADER, Evening, only, refused


def finish(evening: Evening) -> None:
    """S3.4: entered in the register; the return visit outlives the case (S3.5)."""
    assert evening.open() == ["record_case.1"]
    evening.done("record_case", "recorded")
    assert evening.closed and evening.closed.why == "done"
    assert evening.open() == ["return_visit.1"]


# ---- S3.0 first questions ------------------------------------------------------


def test_first_the_address_and_the_phone_then_the_wish() -> None:
    evening = Evening().file()
    assert evening.open() == ["ask_address.1"]
    facts = evening.done("ask_address", "known", patient_place="3栋1单元1201", patient_phone="13800138000")
    changed = only(facts, ReportChanged)
    assert [c.patient_phone for c in changed if c.patient_phone] == ["13800138000"]
    assert [(c.place, c.place_short) for c in changed if c.place] == [("3栋1单元1201", "B3-1-1201")]
    assert evening.open() == ["ask_help.1"]


@pytest.mark.parametrize(
    "filed, opened",
    [
        ({}, ["ask_address.1"]),
        (HOME, ["ask_help.1"]),
        ({"place": "3栋", "patient_phone": "13800138000"}, ["ask_help.1"]),
        ({"place": "3栋", "reporter_phone": "13800138000"}, ["ask_address.1"]),
        ({**HOME, "help": ("nursing",)}, ["nursing_wishes.1"]),
        ({**HOME, "help": ("transport",)}, ["place_two.1", "vehicle.1"]),
        ({**HOME, "help": ("ambulance",)}, ["call_120.1", "hold_lift.1", "tell_leader.1"]),
        (
            {**HOME, "help": ("ambulance", "nursing")},
            ["call_120.1", "hold_lift.1", "nursing_wishes.1", "tell_leader.1"],
        ),
        ({"help": ("ambulance",)}, ["ask_address.1", "call_120.1", "hold_lift.1", "tell_leader.1"]),
    ],
)
def test_what_is_known_is_not_asked(filed: dict[str, object], opened: list[str]) -> None:
    assert Evening(**filed).file().open() == opened


def test_none_wanted_is_recorded() -> None:
    evening = Evening(**HOME).file()
    evening.done("ask_help", "none_wanted")
    finish(evening)


@pytest.mark.parametrize(
    "outcome, wished, opened",
    [
        ("ambulance", ["ambulance"], {"call_120", "tell_leader", "hold_lift"}),
        ("ambulance", ["ambulance", "nursing"], {"call_120", "tell_leader", "hold_lift", "nursing_wishes"}),
        ("transport", ["transport"], {"place_two", "vehicle"}),
        ("nursing", ["transport"], {"nursing_wishes"}),
    ],
)
def test_help_is_a_set_chosen_by_the_answer(outcome: str, wished: list[str], opened: set[str]) -> None:
    evening = Evening(**HOME).file()
    evening.done("ask_help", outcome, help=wished)
    assert {name.partition(".")[0] for name in evening.open()} == opened


def test_help_chosen_by_amendment_answers_the_question() -> None:
    evening = Evening(**HOME).file()
    facts = evening.help("ambulance")
    assert [f.outcome for f in only(facts, TaskEnded)] == ["ambulance"]
    assert not evening.is_open("ask_help") and evening.is_open("call_120")


def test_side_task_leaves_the_question_open() -> None:
    evening = Evening().file()
    evening.done("ask_address", "lost")
    assert evening.open() == ["ask_address.1", "call_back_caller.1"]


def test_place_that_comes_later_is_read_back_by_everyone_but_who_said_it() -> None:
    evening = Evening(help=("ambulance",)).file()
    first = {a.step: a for a in evening.assigned()}
    assert "地点待报" in first["tell_leader"].words.zh and "PLACE TO COME" in first["tell_leader"].words.en
    facts = evening.place("3栋1单元1201", "B3-1-1201")
    corrections = only(facts, TaskAssigned)
    assert {(c.step, c.to.person) for c in corrections} == {
        ("correct_place", "leader-1"),
        ("correct_place", "guard-2"),
    } or {c.to.role for c in corrections} == {"shift_leader", "guard"}
    assert all("B3-1-1201" in c.words.en and "3栋1单元1201" in c.words.zh for c in corrections)
    assert len({c.to.person for c in corrections}) == len(corrections)


def test_a_second_correction_replaces_the_first() -> None:
    evening = Evening(help=("ambulance",)).file()
    evening.place("3栋", "B3")
    before = [name for name in evening.open() if name.startswith("correct_place")]
    facts = evening.place("1栋", "B1")
    assert len(only(facts, TaskWithdrawn)) == len(before)
    assert len([name for name in evening.open() if name.startswith("correct_place")]) == len(before)
    assert not any(name.startswith("stand_down") for name in evening.open())


# ---- S3.1 to hospital -------------------------------------------------------------


def test_two_guards_stand_by_and_go_when_the_vehicle_is_there() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent", posts_sent=["patrol-north", "西巡逻岗"], standby="service_centre")
    stand_by = evening.assigned("stand_by")
    assert [a.to.post for a in stand_by] == ["patrol-north", "patrol-west"]
    assert "客服中心" in stand_by[0].words.zh and "CENTRE" in stand_by[0].words.en
    evening.arrive("stand_by.1")
    assert not evening.is_open("take_to_hospital")
    evening.done("vehicle", "at_building")
    assert not evening.is_open("take_to_hospital")
    evening.arrive("stand_by.2")
    go = evening.assigned("take_to_hospital")
    assert [a.to.post for a in go] == ["patrol-north", "patrol-west"]
    assert [a.ack_wait for a in go] == [30, None], "the one who came last goes on, the other is called"


def hospital_run(evening: Evening) -> None:
    evening.done("place_two", "sent")
    evening.done("vehicle", "at_building")
    evening.arrive("stand_by.1")
    evening.arrive("stand_by.2")


def test_the_whole_hospital_run() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    hospital_run(evening)
    evening.done("take_to_hospital.1", "at_hospital")
    assert [a.to.person for a in evening.assigned("settle")] == ["guard-1", "guard-2"]
    evening.done("take_to_hospital.2", "at_hospital")
    assert len(evening.assigned("settle")) == 2
    evening.done("settle.2", "settled")
    assert [a.to.person for a in evening.assigned("ask_more_help")] == ["guard-2"]
    evening.done("settle.1", "settled")
    evening.done("ask_more_help", "no")
    assert {a.to.person for a in evening.assigned("return_to_office")} == {"guard-1", "guard-2"}
    evening.done("return_to_office.1", "back")
    evening.done("return_to_office.2", "back")
    evening.done("feed_back_transport", "fed_back")
    finish(evening)
    assert [n.urgency for n in evening.told("ordinary_after")] == ["morning"]


def test_more_help_is_the_directors_to_arrange_and_the_same_guards_carry_it_out() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    hospital_run(evening)
    for n in (1, 2):
        evening.done(f"take_to_hospital.{n}", "at_hospital")
        evening.done(f"settle.{n}", "settled")
    evening.done("ask_more_help", "yes")
    assert evening.open() == ["director_more_help.1"]
    evening.done("director_more_help", "arranged")
    assert [a.to.person for a in evening.assigned("carry_out")] == [
        a.to.person for a in evening.assigned("ask_more_help")
    ]


def test_no_vehicle_lets_the_resident_choose_again() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent")
    evening.done("vehicle", "no_vehicle")
    facts = evening.done("other_transport", "ambulance")
    assert evening.state["help"] == ["ambulance"]
    stood_down = [a for a in only(facts, TaskAssigned) if a.step == "stand_down"]
    assert {a.to.person for a in stood_down} == {"guard-1", "guard-2"}
    assert evening.is_open("call_120") and not evening.is_open("stand_by")


def test_a_taxi_satisfies_the_need_for_a_vehicle() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent")
    evening.done("vehicle", "no_vehicle")
    evening.arrive("stand_by.1")
    evening.arrive("stand_by.2")
    evening.done("other_transport", "taxi")
    assert evening.open() == ["take_to_hospital.1", "take_to_hospital.2"]


def test_a_vehicle_that_cannot_be_named_does_not_hang_the_run() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent")
    evening.arrive("stand_by.1")
    evening.done("stand_by.2", "impossible")
    evening.done("vehicle", "cancelled")
    assert evening.is_open("take_to_hospital") and evening.is_open("onward_contact")


def test_declined_transport_stands_the_guards_down_and_is_recorded() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent")
    evening.done("vehicle", "no_vehicle")
    evening.done("other_transport", "declined")
    assert evening.open() == ["stand_down.1", "stand_down.2"]
    evening.ack("stand_down.1")
    evening.ack("stand_down.2")
    finish(evening)


def test_worse_on_the_way_keeps_those_on_the_scene_with_the_patient() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    hospital_run(evening)
    facts = evening.done("take_to_hospital.1", "worse")
    stay = [a for a in only(facts, TaskAssigned) if a.step == "stay_with_patient"]
    assert {a.to.person for a in stay} == {"guard-1", "guard-2"}
    assert all(a.helps == ("ambulance",) for a in stay)
    assert not any(a.step == "stand_down" for a in only(facts, TaskAssigned))


# ---- S3.2 120 ----------------------------------------------------------------------


def test_every_gate_is_told_when_the_leader_has_told() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    assert not evening.is_open("meet")
    evening.done("tell_leader", "told")
    assert {a.to.post for a in evening.assigned("meet")} == {"gate-south", "gate-north"}
    evening.later(seconds=60)
    assert len(evening.assigned("meet")) == 2


def test_after_30_s_without_the_leader_the_gates_are_told_all_the_same() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    assert not evening.later(seconds=28)
    evening.ack("tell_leader")
    assert not evening.is_open("meet"), "明白 alone tells no gate"
    evening.later(seconds=2)
    assert {a.to.post for a in evening.assigned("meet")} == {"gate-south", "gate-north"}
    assert evening.is_open("tell_leader")
    evening.done("tell_leader", "told")
    assert len(evening.assigned("meet")) == 2


def ambulance_at_home(evening: Evening) -> None:
    evening.done("call_120", "coming")
    evening.done("tell_leader", "told")
    evening.done("meet.1", "arrived")
    evening.done("lead_in", "at_home")


@pytest.mark.parametrize("outcome", ["found", "reached"])
def test_a_place_found_by_ringing_back_goes_to_everybody_once(outcome: str) -> None:
    evening = Evening(help=("ambulance",)).file()
    evening.done("ask_address", "lost")
    place = HOME["patient_place"]
    facts = evening.done("call_back_caller", outcome, call_back_result=outcome, patient_place=place)
    told = [(t.to.person, t.to.post) for t in only(facts, TaskAssigned) if t.step == "correct_place"]
    assert evening.state["report"]["place"] == place and ("leader-1", None) in told
    assert len(told) == len(set(told))


def test_one_gate_meets_it_and_the_other_is_let_go() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    evening.done("tell_leader", "told")
    facts = evening.done("meet.1", "arrived")
    assert [(f.task_id[-6:], f.outcome) for f in only(facts, TaskEnded)] == [
        ("meet.1", "arrived"),
        ("meet.2", "passed_elsewhere"),
    ]
    lead_in = evening.assigned("lead_in")
    assert [a.to.post for a in lead_in] == [evening.holder("meet.1")["post"]]
    told = evening.told("gate_arrived")
    assert {n.to.role for n in told} == {"customer_assistant", "shift_leader", "control_room", "gate_guard"}
    assert [n.to.post for n in told if n.to.role == "gate_guard"] == [evening.holder("meet.2")["post"]]
    assert "南门岗" in told[0].words.zh and "GATE SOUTH" in told[0].words.en


def test_the_whole_ambulance_case() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    ambulance_at_home(evening)
    evening.done("ask_hospital", "left", hospital="unknown, asked the crew")
    assert evening.open() == ["feed_back_ambulance.1", "hold_lift.1"]
    evening.done("feed_back_ambulance", "fed_back")
    evening.done("record_case", "recorded")
    assert evening.open() == ["return_visit.1"]
    stood_down = evening.told("stood_down")
    assert [n.to.role for n in stood_down] == ["guard"], "whoever held the lift is told too"


def test_not_conveyed_and_a_plate_nobody_saw_are_valid_ends() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    evening.done("tell_leader", "told")
    assert refused(evening.done("meet.1", "arrived", plate="unknown")) == "missing"
    evening.done("meet.1", "arrived", plate="unknown, asked the driver")
    evening.done("lead_in", "at_home")
    evening.done("ask_hospital", "not_conveyed")
    assert evening.is_open("feed_back_ambulance")


def test_120_is_asked_again_after_15_min_then_every_10_until_it_is_met() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    evening.done("tell_leader", "told")
    evening.done("call_120", "coming")
    evening.later(minutes=14)
    assert not evening.assigned("chase_120")
    evening.later(minutes=2)
    assert len(evening.assigned("chase_120")) == 1
    evening.later(minutes=10)
    assert len(evening.assigned("chase_120")) == 1, "the first is still open"
    evening.done("chase_120", "coming")
    evening.later(minutes=10)
    assert len(evening.assigned("chase_120")) == 2
    evening.done("meet.1", "arrived")
    evening.later(minutes=30)
    assert len(evening.assigned("chase_120")) == 2


def test_no_ambulance_is_decided_by_the_head_and_the_gates_stand_down() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    evening.done("tell_leader", "told")
    evening.done("call_120", "refused_or_none")
    evening.done("no_ambulance", "decided")
    assert not evening.is_open("meet") and evening.is_open("feed_back_ambulance")
    assert {
        evening.holder(n)["post"]
        for n in evening.open()
        if n.startswith("stand_down") and "post" in evening.holder(n)
    } >= {
        "gate-south",
        "gate-north",
    }
    evening.later(hours=1)
    assert not evening.assigned("chase_120")


# ---- S3.3 nursing --------------------------------------------------------------------


def nursing(evening: Evening) -> None:
    evening.done("nursing_wishes", "asked")
    evening.done("ask_supervisor", "asked")
    evening.done("supervisor_decides", "agreed")
    evening.done("choose_people", "chosen", carers=["guard-3"])
    evening.done("go_nursing", "started")


def test_the_leader_chooses_the_carer_after_asking_the_supervisor() -> None:
    evening = Evening(**HOME, help=("nursing",)).file()
    nursing(evening)
    assert [a.to.person for a in evening.assigned("go_nursing")] == ["guard-3"]
    assert [a.to.person for a in evening.assigned("nurse")] == ["guard-3"]
    evening.done("nurse", "done")
    evening.done("feed_back_nursing", "fed_back")
    finish(evening)


def test_a_relative_who_leaves_is_a_task_of_its_own_and_the_carer_goes_on() -> None:
    evening = Evening(**HOME, help=("nursing",)).file()
    nursing(evening)
    evening.done("nurse", "relative_left")
    assert {"nurse.1", "relative_left.1", "nursing_relative_gone.1", "nursing_relative_gone.2"} <= {*evening.open()}
    evening.done("relative_left", "ended")
    assert evening.is_open("other_care")


def test_a_missed_check_tells_the_leader_and_a_note_is_a_check() -> None:
    evening = Evening(**HOME, help=("nursing",)).file()
    nursing(evening)
    evening.later(minutes=29)
    evening.reply(TaskNoted, "nurse", note="亲属在场,无变化")
    evening.later(minutes=29)
    assert not evening.is_open("nursing_relative_gone")
    evening.later(minutes=2)
    assert evening.is_open("nursing_relative_gone")


def test_the_nursing_is_inspected_after_an_hour() -> None:
    evening = Evening(**HOME, help=("nursing",)).file()
    nursing(evening)
    evening.later(minutes=61)
    assert [a.to.role for a in evening.assigned("inspect")] == ["security_supervisor"]


@pytest.mark.parametrize("task, outcome", [("nursing_wishes", "no_relative"), ("go_nursing", "no_relative")])
def test_no_relative_no_nursing_but_no_shirking(task: str, outcome: str) -> None:
    evening = Evening(**HOME, help=("nursing",)).file()
    if task == "go_nursing":
        evening.done("nursing_wishes", "asked")
        evening.done("ask_supervisor", "asked")
        evening.done("supervisor_decides", "agreed")
        evening.done("choose_people", "chosen")
    evening.done(task, outcome)
    assert evening.is_open("other_care")


# ---- help that changes -----------------------------------------------------------------


def test_changed_help_stands_the_earlier_people_down_once_each() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent")
    facts = evening.help("ambulance")
    withdrawn = only(facts, TaskWithdrawn)
    assert {f.why for f in withdrawn} == {"help_changed"} and len(withdrawn) == 3
    stand_downs = [a for a in only(facts, TaskAssigned) if a.step == "stand_down"]
    assert {a.to.person for a in stand_downs} == {"guard-1", "guard-2", "desk-1"}
    assert [n.to.role for n in only(facts, NoticeIssued)] == [], "the leader goes on with the ambulance"
    assert evening.is_open("tell_leader")


def test_who_only_had_an_ended_task_of_the_help_is_told_by_a_notice() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    evening.done("place_two", "sent")
    facts = evening.help("nursing")
    assert [(n.name, n.to.role) for n in only(facts, NoticeIssued)] == [("stood_down", "shift_leader")]


def test_a_help_added_leaves_the_others_alone() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    before = evening.open()
    evening.help("ambulance", "nursing")
    assert evening.open() == sorted([*before, "nursing_wishes.1"])


def test_a_help_chosen_again_opens_anew_with_the_next_number() -> None:
    evening = Evening(**HOME, help=("ambulance",)).file()
    evening.done("call_120", "coming")
    evening.help("transport")
    evening.later(minutes=20)
    assert not evening.assigned("chase_120")
    evening.help("ambulance")
    assert evening.is_open("call_120") and len(evening.assigned("call_120")) == 2


def test_the_same_help_again_changes_nothing() -> None:
    evening = Evening(**HOME, help=("ambulance", "nursing")).file()
    assert evening.help("nursing", "ambulance") == []


def test_no_help_wanted_any_more_ends_with_the_register() -> None:
    evening = Evening(**HOME, help=("nursing",)).file()
    evening.help()
    evening.ack("stand_down.1")
    finish(evening)


# ---- S3.4 grade --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "filed, grade",
    [
        ({}, "ordinary"),
        ({"signs": ("unconscious",)}, "major"),
        ({"signs": ("chest_pain",), "help": ("ambulance",)}, "major"),
        ({"help": ("ambulance",)}, "ordinary"),
        ({"grade": "major"}, "major"),
        ({"grade": "ordinary", "signs": ("labour",)}, "major"),
        ({"grade": "ordinary", "signs": ("labour",), "by": HEAD}, "ordinary"),
    ],
)
def test_grade_at_filing(filed: dict[str, object], grade: str) -> None:
    evening = Evening(**HOME, **filed).file()
    assert only(evening.play.facts, ReportOpened)[0].grade == grade
    assert evening.is_open("major_now") is (grade == "major")
    assert evening.is_open("head_considers") is (grade == "major")


def test_a_notice_that_wants_an_acknowledgement_ends_with_it() -> None:
    evening = Evening(**HOME, signs=("unconscious",)).file()
    notice = evening.assigned("major_now")[0]
    assert (notice.only_ack, notice.optional, notice.ends_on, notice.to.role) == (True, True, "ack", "service_head")
    facts = evening.ack("major_now")
    assert [f.outcome for f in only(facts, TaskEnded)] == ["acknowledged"]


def test_becoming_major_tells_the_head_once() -> None:
    evening = Evening(**HOME).file()
    evening.grade("major", LEADER)
    assert len(evening.assigned("major_now")) == len(evening.assigned("head_considers")) == 1
    evening.grade("major", LEADER)
    assert len(evening.assigned("major_now")) == 1


@pytest.mark.parametrize(
    "by, grade, reason",
    [
        (LEADER, "ordinary", "grade_not_lowered"),
        (DESK, "ordinary", "grade_not_lowered"),
        (HEAD, "ordinary", None),
        (Speaker(role="department_head"), "major", None),
    ],
)
def test_only_the_head_lowers(by: Speaker, grade: str, reason: str | None) -> None:
    evening = Evening(**HOME, grade="major" if grade == "ordinary" else None).file()
    facts = evening.grade(grade, by)
    wanted = "grade_not_raised" if by.role == "department_head" else reason
    assert refused(facts) == wanted


def test_signs_learned_later_make_it_major() -> None:
    evening = Evening().file()
    evening.done("ask_address", "known", patient_place="3栋", grade=...)
    evening.done("ask_help", "ambulance", help=["ambulance"], grade="major")
    assert evening.is_open("major_now")


def test_an_address_that_does_not_come_in_3_min_makes_it_major() -> None:
    evening = Evening().file()
    evening.later(minutes=2, seconds=50)
    assert not evening.is_open("major_now")
    evening.later(seconds=20)
    assert evening.is_open("major_now")


def test_an_address_in_time_stops_that_clock() -> None:
    evening = Evening().file()
    evening.place("3栋", "B3")
    evening.later(minutes=10)
    assert not evening.is_open("major_now")
