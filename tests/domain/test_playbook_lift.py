"""S7: people in a lift, until they are out: contact, rescue, the firm, the director, the authority's clock."""

from datetime import timedelta

from shared.contracts.escalations import RungReached
from shared.contracts.replies import TaskNoted
from tests.domain.evenings import START, refused
from tests.domain.watched_evenings import Night

FIRM = ["lift_firm"]


def trapped(drill: bool = False) -> Night:
    night = Night("repair", kind="lift_entrapment", place="南门", drill=drill)
    night.file()
    return night


def in_contact(minutes: int = 1) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def test_everybody_is_sent_at_once_and_it_is_major() -> None:
    night = trapped()
    steps = {name.partition(".")[0] for name in night.open()}
    assert steps == {"calm", "lift_rescue", "lift_firm", "lift_guard", "lift_now"}
    assert (night.lane, night.state["grade"]) == ("emergency", "major")
    assert night.to("lift_now") == ["head-1", "supervisor-1"]
    rescue = night.assigned("lift_rescue")[0]
    assert rescue.ack_wait == 30 and rescue.arrive_by == rescue.assigned_at + timedelta(minutes=3)
    assert "no_pry" in rescue.guard


def test_freed_ends_what_lasted_until_then() -> None:
    night = trapped()
    night.done("calm", "calmed", in_contact_since=in_contact())
    night.done("lift_firm", "called", numbers_called=FIRM)
    night.arrive("lift_guard")
    assert {"calm.1", "lift_firm.1", "lift_rescue.1"} <= {*night.open()}, "contact is held, the firm is awaited"
    night.done("lift_rescue", "freed")
    assert [name for name in night.open() if not name.startswith("lift_now")] == ["feed_back_lift.1"]
    night.done("feed_back_lift", "fed_back")
    night.done("record_repair", "recorded")
    assert night.closed and night.open() == ["return_visit_repair.1"]


def test_contact_is_the_control_rooms_within_a_minute() -> None:
    night = trapped()
    night.ack("calm")
    night.later(seconds=90)
    assert night.asked("calm", "finish") == ["control_room", "shift_leader"]


def test_who_talks_to_them_says_so_and_silence_is_told() -> None:
    night = trapped()
    night.done("calm", "calmed", in_contact_since=in_contact())
    for _ in range(3):
        night.later(minutes=4)
        night.reply(TaskNoted, "calm", note="仍在通话")
    assert not night.passed("calm", "finish") and not night.assigned("lift_silent")
    night.later(minutes=5)
    assert night.to("lift_silent") == ["leader-1", "head-1"]


def test_somebody_unwell_is_a_report_beside_and_the_rescue_goes_on() -> None:
    night = trapped()
    before = {*night.open()}
    night.done("calm", "unwell")
    assert night.is_open("raise_to_emergency")
    night.done("raise_to_emergency", "filed")
    assert before == {*night.open()}, "nobody is stood down"


def test_not_freed_the_director_decides_and_the_rescuer_stays() -> None:
    night = trapped()
    night.done("lift_rescue", "not_freed")
    assert {"lift_escalate.1", "lift_rescue.1", "calm.1"} <= {*night.open()}
    night.done("lift_escalate", "decided")
    assert not night.is_open("feed_back_lift"), "they are still inside"
    assert not night.is_open("lift_119")
    night.done("lift_rescue", "freed")
    assert night.is_open("feed_back_lift")


def test_the_clock_asks_the_director_and_starts_the_authoritys() -> None:
    night = trapped()
    night.later(minutes=15)
    assert night.to("lift_not_freed") == ["director-1"]
    night.later(minutes=15)
    assert night.to("lift_escalate") == ["director-1"] and night.passed("lift_rescue", "arrive")
    orange = night.assigned("report_orange")[0]
    assert orange.finish_by == orange.assigned_at + timedelta(minutes=20)
    night.done("lift_rescue", "freed")
    assert night.is_open("report_orange"), "an entrapment of 30 min is reported though it is over"
    assert not night.is_open("lift_escalate"), "nothing is left to decide"


def test_whoever_was_rung_hears_that_they_are_out_and_is_rung_no_more() -> None:
    night = trapped()
    night.later(minutes=16)
    assert night.is_open("lift_not_freed")
    night.done("lift_rescue", "freed")
    assert night.to("lift_freed") == ["head-1", "supervisor-1", "director-1"]
    assert not night.assigned("lift_freed"), "good news wants no acknowledgement"
    assert not night.is_open("lift_not_freed")
    rung = len([f for f in night.play.facts if isinstance(f, RungReached) and ".lift_not_freed." in f.task_id])
    night.later(minutes=10)
    after = [f for f in night.play.facts if isinstance(f, RungReached) and ".lift_not_freed." in f.task_id]
    assert rung == len(after)


def test_a_director_who_knows_is_not_rung_again() -> None:
    night = trapped()
    night.later(minutes=15)
    night.ack("lift_not_freed")
    assert not night.is_open("lift_not_freed")


def test_119_decided_on_is_somebodys_to_call_and_the_gates_know_it() -> None:
    night = trapped()
    night.done("lift_rescue", "not_freed")
    night.done("lift_escalate", "with_119")
    (call,) = night.assigned("lift_119")
    assert (call.to.role, call.calls) == ("customer_assistant", ("119",))
    assert call.finish_by == call.assigned_at + timedelta(seconds=60)
    assert not night.to("fire_engine_comes")
    night.done("lift_119", "called")
    assert night.to("fire_engine_comes") == ["leader-1", "gate-1", "gate-2"]


def test_freed_before_119_was_called_nobody_calls_it() -> None:
    night = trapped()
    night.done("lift_rescue", "not_freed")
    night.done("lift_escalate", "with_119")
    night.done("lift_rescue", "freed")
    assert not night.is_open("lift_119") and not night.to("fire_engine_comes")


def test_freed_in_time_the_director_sleeps() -> None:
    night = trapped()
    night.later(minutes=10)
    night.done("lift_rescue", "freed")
    night.later(minutes=25)
    assert not night.assigned("lift_not_freed")
    assert not night.assigned("lift_escalate") and not night.assigned("report_orange")


def test_a_firm_that_does_not_answer_is_for_the_director_now() -> None:
    night = trapped()
    night.done("lift_firm", "no_answer")
    assert night.is_open("lift_escalate") and night.is_open("lift_rescue")


def test_the_firm_has_half_an_hour_to_come() -> None:
    night = trapped()
    night.done("lift_firm", "called", numbers_called=FIRM, firm_called_at=in_contact())
    night.later(minutes=10)
    assert not night.passed("lift_firm", "finish")
    night.later(minutes=20)
    assert night.passed("lift_firm", "arrive")
    night.done("lift_firm", "came")
    assert not night.is_open("lift_firm") and night.is_open("lift_rescue")


def test_119_is_said_and_the_gates_know_it() -> None:
    night = trapped()
    assert refused(night.done("lift_firm", "called", numbers_called=["lift_firm", "119"])) == "say_outcome"
    assert refused(night.done("lift_firm", "called_with_119", numbers_called=FIRM)) == "not_called"
    night.done("lift_firm", "called_with_119", numbers_called=["lift_firm", "119"])
    assert night.to("fire_engine_comes") == ["leader-1", "gate-1", "gate-2"]
    assert night.is_open("lift_firm")


def test_a_rescuer_who_cannot_leaves_nobody_inside() -> None:
    night = trapped()
    night.done("lift_rescue", "impossible")
    assert {"calm.1", "lift_escalate.1", "lift_firm.1", "onward_contact.1"} <= {*night.open()}


def test_a_drill_calls_neither_firm_nor_119_nor_authority() -> None:
    night = trapped(drill=True)
    night.done("lift_rescue", "not_freed")
    night.done("lift_escalate", "with_119")
    for step in ("lift_firm", "lift_escalate", "lift_119"):
        task = night.assigned(step)[0]
        assert task.calls is None and "勿联系" in task.words.zh
    night.done("lift_firm", "called", numbers_called=FIRM)
    night.later(minutes=30)
    assert "勿联系" in night.assigned("report_orange")[0].words.zh
