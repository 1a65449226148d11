"""S2c and the answers of people: who may say what, and what is refused."""

from datetime import timedelta

import pytest

from shared.contracts.escalations import RungReached
from shared.contracts.event import Speaker
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import (
    DetailsCorrected,
    HelpNeeded,
    KindCorrected,
    LimitExtended,
    ReportFollowed,
    ReportLinked,
    SideTaskAsked,
    TaskAcknowledged,
    TaskHandedOn,
    TaskNoted,
    TaskStarted,
)
from shared.contracts.tasks import (
    ReplyRefused,
    ReportChanged,
    ReportClosed,
    TaskAssigned,
    TaskChanged,
    TaskEnded,
    TaskWithdrawn,
)
from tests.domain.evenings import DESK, HEAD, HOME, LEADER, SUPERVISOR, Evening, only, refused
from tests.support.estate import an_estate

GUARD = Speaker(role="guard", person="guard-3")


def ambulance(**fields: object) -> Evening:
    return Evening(**HOME, help=("ambulance",), **fields).file()


# ---- 明白 到达: never refused ----------------------------------------------------


def test_the_first_acknowledgement_makes_the_task_that_persons() -> None:
    evening = ambulance()
    other = Speaker(role="customer_assistant", person="desk-9")
    evening.ack("call_120", other)
    assert evening.holder("call_120")["person"] == "desk-9"
    assert evening.ack("call_120") == [], "a second one changes nothing"
    assert evening.holder("call_120")["person"] == "desk-9"


@pytest.mark.parametrize("say", ["ack", "arrive"])
def test_an_answer_to_an_ended_task_is_late_and_not_refused(say: str) -> None:
    evening = ambulance()
    evening.done("tell_leader", "told")
    facts = {"ack": evening.ack, "arrive": evening.arrive}[say]("tell_leader")
    assert [(f.late, type(f)) for f in only(facts, TaskChanged)] == [(True, TaskChanged)]
    assert not evening.holder("tell_leader")["open"]


def test_arriving_ends_what_ends_on_it_and_nothing_else() -> None:
    evening = ambulance()
    evening.arrive("hold_lift")
    assert not evening.is_open("hold_lift")
    evening.done("tell_leader", "told")
    evening.arrive("meet.1")
    assert evening.is_open("meet")


def test_starting_the_vehicle_begins_its_next_clock() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    ordered = evening.assigned("vehicle")[0].finish_by
    evening.later(minutes=2)
    facts = evening.reply(TaskStarted, "vehicle")
    (started,) = only(facts, TaskChanged)
    assert ordered and started.finish_by == evening.now + timedelta(minutes=10) > ordered


# ---- who may answer ---------------------------------------------------------------


def rung(evening: Evening, task: str, role: str) -> RungReached:
    common = {"case_version": 1, "index": 0, "task_id": evening.task_id(task), "clock": "ack", "rung": 1}
    return evening.make(RungReached, role=role, **common)


def test_wider_roles_answer_once_they_were_asked() -> None:
    evening = ambulance()
    assert refused(evening.done("call_120", "coming", HEAD)) == "not_yours"
    facts = evening.say(rung(evening, "call_120", "service_head"))
    assert [(f.what, f.may_answer) for f in only(facts, TaskChanged)] == [("asked_wider", ("service_head",))]
    assert evening.say(rung(evening, "call_120", "service_head")) == []
    assert only(evening.done("call_120", "coming", HEAD), TaskEnded)


def test_who_acknowledged_before_the_rung_was_heard_of_may_go_on() -> None:
    evening = ambulance()
    evening.ack("call_120", HEAD)
    assert only(evening.done("call_120", "coming", HEAD), TaskEnded)


def test_the_desk_enters_what_a_guard_said() -> None:
    evening = ambulance()
    evening.done("tell_leader", "told")
    said = {"by": evening.by("meet.1"), "heard_by": DESK, "words": "我在南门"}
    evening.say(evening.make(TaskAcknowledged, task_id=evening.task_id("meet.1"), **said))
    assert evening.holder("meet.1")["acked"]
    assert refused(evening.done("meet.1", "arrived", DESK)) == "not_yours"


# ---- 完成 -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome, record, reason",
    [
        ("nonsense", {}, "unknown_outcome"),
        ("arrived", {"gate": ...}, "missing"),
        ("arrived", {"gate": "  "}, "missing"),
        ("arrived", {"gate": "unknown, asked"}, "missing"),
        ("arrived", {"plate": "unknown"}, "missing"),
        ("arrived", {"plate": "unknown, asked the driver"}, None),
        ("passed_elsewhere", {"gate": ...}, None),
        ("cancelled", {"cancel_words": ...}, "missing"),
        ("cancelled", {}, None),
        ("impossible", {"impossible_onward": ...}, "missing"),
        ("impossible", {}, None),
    ],
)
def test_what_must_be_recorded(outcome: str, record: dict[str, object], reason: str | None) -> None:
    evening = ambulance()
    evening.done("tell_leader", "told")
    assert refused(evening.done("meet.1", outcome, **record)) == reason


def test_missing_fields_are_named() -> None:
    evening = ambulance()
    facts = evening.done("call_120", "coming", condition=..., entrance=...)
    assert "condition, entrance" in only(facts, ReplyRefused)[0].words.en


def test_a_choice_is_one_of_the_choices() -> None:
    evening = Evening(**HOME, help=("transport",)).file()
    assert refused(evening.done("place_two", "sent", standby="somewhere")) == "no_choice"


def test_an_ended_task_is_not_completed_again() -> None:
    evening = ambulance()
    evening.done("call_120", "coming")
    assert refused(evening.done("call_120", "coming")) == "already_ended"


def test_impossible_contacts_somebody_who_can() -> None:
    evening = ambulance()
    evening.done("call_120", "impossible")
    (onward,) = evening.assigned("onward_contact")
    assert onward.opened_by == evening.task_id("call_120")
    evening.done("onward_contact", "impossible")
    assert evening.is_open("head_decides") and not evening.is_open("onward_contact")


# ---- 不能 --------------------------------------------------------------------------


@pytest.mark.parametrize("reason, onward", [("", "班长"), ("忙", " "), ("", "")])
def test_no_refusal_without_a_reason_and_someone_who_takes_it(reason: str, onward: str) -> None:
    assert refused(ambulance().decline("hold_lift", reason, onward)) == "no_onward"


def test_a_refusal_tries_the_next_nearest_post_until_none_is_left() -> None:
    evening = ambulance()
    asked = [evening.assigned("hold_lift")[0].to.post]
    for _ in range(2):
        (changed,) = only(evening.decline("hold_lift"), TaskChanged)
        assert changed.what == "declined" and changed.to
        asked.append(changed.to.post)
    assert asked == ["patrol-west", "patrol-north", "patrol-east"], "nearest first for building b3"
    facts = evening.decline("hold_lift")
    assert [a.step for a in only(facts, TaskAssigned)] == ["short_of_people"]
    holder = evening.holder("hold_lift")
    assert holder["open"] and holder["role"] == "guard" and not holder.get("person")


def test_whom_the_supervisor_sends_takes_the_task_that_nobody_held() -> None:
    evening = ambulance()
    for _ in range(3):
        evening.decline("hold_lift")
    evening.done("short_of_people", "sent", posts_sent=["patrol-east"])
    assert evening.holder("hold_lift")["person"] == "guard-1"


@pytest.mark.parametrize(
    "task, opens",
    [("call_120", "head_decides"), ("head_considers", "director_instruction"), ("tell_leader", "short_of_people")],
)
def test_nobody_left_to_ask_is_decided_further_up(task: str, opens: str) -> None:
    evening = ambulance(signs=("unconscious",))
    evening.decline(task)
    assert evening.is_open(task) and evening.is_open(opens)


def test_fewer_people_than_asked_for_is_the_supervisors() -> None:
    estate = an_estate(without=("guard-2", "guard-3"))
    evening = Evening(estate=estate, **HOME, help=("transport",)).file()
    evening.done("place_two", "sent", posts_sent=["patrol-east"])
    assert [a.to.person for a in evening.assigned("stand_by")] == ["guard-1", None]
    assert evening.is_open("short_of_people")


def test_a_role_that_nobody_holds_still_gets_its_task() -> None:
    estate = an_estate(without=("gate-1", "gate-2"))
    evening = Evening(estate=estate, **HOME, help=("ambulance",)).file()
    evening.done("tell_leader", "told")
    assert [(a.to.role, a.to.person) for a in evening.assigned("meet")] == [("gate_guard", None)]


# ---- 转办 ---------------------------------------------------------------------------


def test_handing_on_to_a_person_keeps_the_task_and_asks_them_to_acknowledge() -> None:
    evening = ambulance()
    evening.ack("hold_lift")
    facts = evening.reply(TaskHandedOn, "hold_lift", reason="换班", to_person="guard-1")
    (changed,) = only(facts, TaskChanged)
    assert (changed.what, changed.to and changed.to.person) == ("handed_over", "guard-1")
    assert not evening.holder("hold_lift")["acked"]
    assert refused(evening.reply(TaskHandedOn, "hold_lift", reason="换班", to_person="nobody")) == "unknown_person"


def test_handing_on_needs_a_reason_and_somebody() -> None:
    assert refused(ambulance().reply(TaskHandedOn, "hold_lift", reason="换班")) == "no_onward"


def test_the_first_hand_on_moves_the_task_with_its_clock_the_second_goes_to_the_head() -> None:
    evening = Evening("inquiry", channel="written").file()
    evening.done("register_written", "registered")
    facts = evening.reply(TaskHandedOn, "reply_written", reason="归工程", to_department="engineering")
    (moved,) = only(facts, TaskAssigned)
    assert [f.outcome for f in only(facts, TaskEnded)] == ["hand_on"]
    assert (moved.n, moved.to.role, moved.to.department) == (2, "department_head", "engineering")
    first = evening.assigned("reply_written")[0]
    assert moved.finish_by == first.finish_by and moved.carried_from == first.task_id
    assert evening.state["hand_ons"] == 1 and evening.state["owner"] == "customer_assistant"
    facts = evening.reply(TaskHandedOn, "reply_written.2", reason="归保安", to_role="security_supervisor")
    assert [a.step for a in only(facts, TaskAssigned)] == ["head_decides"]
    assert evening.is_open("reply_written") and evening.state["hand_ons"] == 2
    evening.done("head_decides", "decided", new_owner="management_director")
    assert [a.to.role for a in evening.assigned("reply_written")][-1] == "management_director"
    assert evening.assigned("reply_written")[-1].finish_by == first.finish_by


# ---- 要支援, notes, side tasks -----------------------------------------------------


def test_help_needed_asks_the_supervisor_once() -> None:
    evening = ambulance()
    evening.reply(HelpNeeded, "hold_lift")
    evening.reply(HelpNeeded, "hold_lift")
    assert [a.to.role for a in evening.assigned("short_of_people")] == ["security_supervisor"]


@pytest.mark.parametrize(
    "step, reason",
    [
        ("no_entry", None),
        ("where_are_they", None),
        ("meet", "unknown_side_step"),
        ("nonsense", "unknown_side_step"),
    ],
)
def test_a_side_task_is_asked_for_by_its_id(step: str, reason: str | None) -> None:
    evening = ambulance()
    facts = evening.reply(SideTaskAsked, "tell_leader", step=step)
    assert refused(facts) == reason
    assert evening.is_open("tell_leader") and evening.is_open(step) is (reason is None)


def test_side_tasks_open_anew_each_time() -> None:
    evening = ambulance()
    for _ in range(2):
        evening.reply(SideTaskAsked, "call_120", step="where_are_they")
    assert [a.n for a in evening.assigned("where_are_they")] == [1, 2]


def test_taking_over_gives_the_task_to_who_took_it() -> None:
    evening = ambulance()
    evening.ack("hold_lift")
    evening.reply(SideTaskAsked, "hold_lift", step="take_over")
    evening.done("take_over", "done", taken_by="guard-1")
    assert evening.holder("hold_lift")["person"] == "guard-1"


def test_what_was_said_before_the_report_or_the_task_is_decided_when_that_comes() -> None:
    evening = ambulance()
    early = evening.make(TaskAcknowledged, task_id=evening.task_id("meet.1"), by=Speaker(role="gate_guard"))
    assert evening.say(early) == []
    evening.done("tell_leader", "told")
    assert evening.holder("meet.1")["acked"]


def test_what_never_gets_its_task_is_refused_after_ten_minutes() -> None:
    evening = Evening("inquiry")
    early = evening.make(TaskNoted, task_id=evening.task_id("answer_now"), by=DESK, note="早")
    assert evening.say(early) == []
    assert evening.later(minutes=9) == []
    assert refused(evening.later(minutes=2)) == "too_late"
    evening.file()
    assert evening.open() == ["answer_now.1"]


# ---- amendments ---------------------------------------------------------------------


def extend(evening: Evening, task: str, clock: str, by: Speaker, **delta: float) -> str | None:
    until = evening.now + timedelta(**delta)
    said = {"task_id": evening.task_id(task), "clock": clock, "until": until, "reason": "等家属"}
    return refused(evening.amend(LimitExtended, by, **said))


def test_a_head_extends_an_inner_limit_and_nobody_the_residents() -> None:
    evening = Evening("inquiry", channel="written").file()
    assert extend(evening, "register_written", "finish", HEAD, hours=1) is None
    assert evening.holder("register_written")["finish_by"] > evening.assigned()[0].finish_by
    assert extend(evening, "register_written", "finish", DESK, hours=1) == "not_head"
    assert extend(evening, "register_written", "arrive", HEAD, hours=1) == "no_such_limit"
    assert extend(evening, "register_written", "finish", HEAD, hours=-1) == "limit_past"
    evening.done("register_written", "registered")
    assert extend(evening, "register_written", "finish", HEAD, hours=1) == "already_ended"
    assert extend(evening, "reply_written", "finish", HEAD, days=3) == "resident_clock"


@pytest.mark.parametrize("kind, reason", [("fire", "unknown_kind"), ("lift_entrapment", "unknown_kind")])
def test_a_kind_the_class_does_not_know_is_refused(kind: str, reason: str) -> None:
    assert refused(Evening("inquiry").file().amend(KindCorrected, kind=kind)) == reason


def test_the_phone_by_amendment_answers_the_first_question() -> None:
    evening = Evening(place="3栋1单元1201").file()
    assert evening.open() == ["ask_address.1"]
    evening.amend(DetailsCorrected, patient_phone="13800138000")
    assert evening.open() == ["ask_help.1"]


def test_signs_by_amendment_make_it_major() -> None:
    evening = ambulance()
    evening.amend(DetailsCorrected, signs=("not_breathing",))
    assert evening.is_open("major_now")


# ---- withdrawn, followed, linked -----------------------------------------------------


def test_withdrawing_tells_everyone_who_was_told_once_each() -> None:
    evening = ambulance(signs=("unconscious",))
    evening.ack("major_now")
    evening.done("tell_leader", "told")
    facts = evening.withdraw()
    assert {f.why for f in only(facts, TaskWithdrawn)} == {"withdrawn"}
    stood_down = [a.to for a in only(facts, TaskAssigned) if a.step == "stand_down"]
    assert {to.person for to in stood_down} == {"desk-1", "guard-2", "gate-1", "gate-2", "head-1"}
    assert len(stood_down) == 5, "one word each, however many tasks"
    assert [(n.name, n.to.person) for n in only(facts, NoticeIssued)] == [("stood_down", "leader-1")]
    assert not evening.closed
    for name in evening.open():
        evening.ack(name)
    assert evening.open() == ["record_case.1"]
    evening.done("record_case", "recorded")
    assert evening.closed and evening.closed.why == "withdrawn"


def test_a_withdrawn_inquiry_closes_when_the_desk_knows() -> None:
    evening = Evening("inquiry").file()
    evening.withdraw()
    assert evening.withdraw() == [], "once is enough"
    evening.ack("stand_down")
    assert evening.closed and evening.closed.why == "withdrawn" and evening.open() == []


def test_a_report_that_is_carried_on_elsewhere_lets_its_people_go() -> None:
    evening = Evening("inquiry").file()
    other = "emergency.medical.qinghe." + "2" * 32
    facts = evening.amend(ReportFollowed, by_report_id=other)
    assert {f.why for f in only(facts, TaskWithdrawn)} == {"followed"}
    (closed,) = only(evening.ack("stand_down"), ReportClosed)
    assert (closed.why, closed.followed_by) == ("followed", other)


def test_a_report_linked_by_a_person_answers_its_caller() -> None:
    evening = ambulance()
    other = "emergency.medical.qinghe." + "2" * 32
    facts = evening.amend(ReportLinked, to_report_id=other)
    assert [f.linked_to for f in only(facts, ReportChanged)] == [other]
    assert evening.is_open("answer_caller")
    for name in evening.open():
        evening.ack(name)
    evening.done("answer_caller", "answered")
    assert evening.closed and evening.closed.why == "linked"
    assert refused(ambulance().amend(ReportLinked, to_report_id=evening.report_id)) == "same_report"


# ---- words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place, short, zh, en",
    [
        (None, None, "地点待报", "PLACE TO COME"),
        ("湖边长椅", None, "见系统", "SEE DESK"),
        ("湖边长椅", "LAKE-BENCH-NORTH", "见系统", "SEE DESK"),
        ("3栋1单元1201", "B3-1-1201", "3栋1单元1201", "B3-1-1201"),
        ("三号楼一单元十二楼一千二百零一", "B3-1-1201", "B3-1-1201", "B3-1-1201"),
        ("3栋1单元1201", None, "3栋1单元1201", "B3-1-1201"),
    ],
)
def test_the_place_is_never_cut(place: str | None, short: str | None, zh: str, en: str) -> None:
    evening = Evening(place=place, place_short=short, help=("ambulance",)).file()
    words = evening.assigned("tell_leader")[0].words
    assert zh in words.zh and en in words.en


def test_a_drill_says_so_in_every_task_and_notice() -> None:
    evening = ambulance(drill=True)
    evening.done("tell_leader", "told")
    evening.done("meet.1", "arrived")
    said = [f for f in evening.play.facts if isinstance(f, TaskAssigned | NoticeIssued)]
    assert said and all(f.drill and f.words.zh.startswith("演习") and f.words.en.startswith("DRILL") for f in said)


def test_no_name_phone_or_illness_goes_out() -> None:
    evening = ambulance(reporter="张三", reporter_phone="13900139000", text="胸口疼", signs=("chest_pain",))
    evening.done("tell_leader", "told", LEADER)
    evening.grade("major", SUPERVISOR)
    for fact in evening.play.facts:
        if isinstance(fact, TaskAssigned | NoticeIssued):
            assert not any(word in fact.words.zh + fact.words.en for word in ("张三", "139", "138", "胸", "chest"))
            assert fact.words.en.isascii() and fact.clause and fact.playbook_version
