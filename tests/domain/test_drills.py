"""Drills: marked in every message, calling nobody outside, and giving way to a real emergency (SOP S2a)."""

from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DrillStopped, ReportJoined
from shared.contracts.tasks import ReplyRefused, ReportClosed, TaskAssigned
from tests.domain.evenings import HEAD, HOME, Evening

REAL = "emergency.medical.qinghe." + "f" * 32
OTHER = "emergency.medical.qinghe." + "e" * 32


def a_drill(**fields: object) -> Evening:
    return Evening(drill=True, help=("ambulance",), **{**HOME, **fields}).file()


def test_every_word_of_a_drill_says_so_first() -> None:
    evening = a_drill(grade="major")
    evening.later(minutes=20)
    said = [f for f in evening.play.facts if isinstance(f, TaskAssigned | NoticeIssued)]
    assert len(said) > 5
    assert all(f.drill and f.words.zh.startswith("演习:") and f.words.en.startswith("DRILL ") for f in said)


def test_in_a_drill_nobody_is_told_to_call_120() -> None:
    called = a_drill().assigned("call_120")[0]
    assert called.calls is None
    assert called.words.zh.startswith("演习:勿联系120") and "Do NOT call 120" in called.words.en
    real = Evening(help=("ambulance",), **HOME).file().assigned("call_120")[0]
    assert real.calls == ("120",) and "120" in real.words.zh and not real.words.zh.startswith("演习")


def test_a_real_emergency_stops_the_drill_and_everybody_hears_why() -> None:
    evening = a_drill()
    before = {(t.to.person, t.to.post) for t in evening.assigned()}
    evening.amend(DrillStopped, for_report_id=REAL)
    told = {(t.to.person, t.to.post) for t in evening.assigned("drill_stopped")}
    told |= {(n.to.person, n.to.post) for n in evening.told("stood_down")}
    assert before - {("desk-1", None)} <= told
    words = evening.assigned("drill_stopped")[0].words
    assert "真实急事" in words.zh and words.en.startswith("DRILL STOPPED")
    assert not evening.told("stood_down") or all("真实急事" in n.words.zh for n in evening.told("stood_down"))


def test_a_stopped_drill_ends_when_all_have_acknowledged() -> None:
    evening = a_drill()
    evening.amend(DrillStopped)
    for task in evening.open():
        evening.ack(task)
    closed = [f for f in evening.play.facts if isinstance(f, ReportClosed)]
    assert [f.why for f in closed] == ["drill_stopped"] and not evening.open()


def test_what_is_no_drill_is_not_stopped() -> None:
    evening = Evening(help=("ambulance",), **HOME).file()
    facts = evening.amend(DrillStopped, HEAD)
    assert [f.reason for f in facts if isinstance(f, ReplyRefused)] == ["not_a_drill"]
    assert evening.is_open("call_120")


def test_a_real_report_linked_to_a_drill_rings_without_the_mark() -> None:
    evening = a_drill()
    evening.amend(ReportJoined, by_report_id=OTHER, drill=False)
    rung = evening.assigned("stray_link")
    assert {t.to.role for t in rung} == {"customer_assistant", "service_head"}
    assert all(not t.drill and not t.words.zh.startswith("演习") for t in rung)


def test_a_drill_joined_to_a_drill_is_in_order() -> None:
    evening = a_drill()
    evening.amend(ReportJoined, by_report_id=OTHER, drill=True)
    assert not evening.assigned("stray_link")


def test_a_drill_is_completed_without_the_numbers_that_nobody_called() -> None:
    evening = Evening("security", kind="fight", drill=True, place="南门").file()
    evening.done("ask_scene", "asked", kind="fight")
    facts = evening.done("call_police", "called", numbers_called=...)
    assert not [f for f in facts if isinstance(f, ReplyRefused)]
    assert not evening.is_open("call_police")
