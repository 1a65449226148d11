"""Reports of one event: linked by a person, one set of tasks, one answer each, and no link that leads nowhere."""

from datetime import timedelta

from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import ReportJoined, ReportLinked, ReportWithdrawn
from shared.contracts.tasks import ReplyRefused
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.rules import World
from tests.domain.evenings import HOME, Evening, playbooks
from tests.support.estate import an_estate

OTHER = "emergency.medical.qinghe." + "e" * 32


def a_case(**fields: object) -> Evening:
    return Evening(help=("ambulance",), **{**HOME, **fields}).file()


def test_a_joined_report_changes_nothing_for_the_people_at_work() -> None:
    evening = a_case()
    before = evening.open()
    evening.amend(ReportJoined, by_report_id=OTHER)
    assert evening.open() == before and not evening.assigned("stray_link")


def test_forty_callers_make_one_set_of_tasks_and_forty_answers() -> None:
    first = a_case()
    first.later(minutes=2)
    tasks = first.open()
    for n in range(40):
        caller = f"emergency.medical.qinghe.{n + 2:032x}"
        first.amend(ReportJoined, by_report_id=caller)
        linked = Evening(help=("ambulance",), same_event_as=first.report_id, **HOME).file()
        assert [t.step for t in linked.assigned()] == ["answer_caller"]
        linked.done("answer_caller", "answered")
        assert linked.state["close_why"] == "linked"
    assert first.open() == tasks


def test_a_report_joined_to_one_that_is_over_is_somebodys_at_once() -> None:
    evening = a_case()
    evening.amend(ReportWithdrawn, reason="误报")
    for task in evening.open():
        evening.ack(task)
    for task in evening.open():
        evening.done(task, "recorded")
    assert evening.state["closed_at"]
    evening.amend(ReportJoined, by_report_id=OTHER)
    assert [t.to.role for t in evening.assigned("stray_link")] == ["customer_assistant", "service_head"]


def test_a_false_alarm_of_one_caller_is_not_that_of_those_who_joined() -> None:
    evening = a_case()
    evening.amend(ReportJoined, by_report_id=OTHER)
    evening.amend(ReportWithdrawn, reason="误报")
    assert evening.is_open("stray_link")


def test_the_main_report_cannot_be_linked_back() -> None:
    evening = a_case()
    evening.amend(ReportJoined, by_report_id=OTHER)
    facts = evening.amend(ReportLinked, to_report_id=OTHER)
    assert [f.reason for f in facts if isinstance(f, ReplyRefused)] == ["linked_here"]
    assert evening.is_open("call_120")


def test_two_reports_linked_to_each_other_at_once_ring_somebody() -> None:
    evening = a_case()
    evening.amend(ReportLinked, to_report_id=OTHER)
    evening.amend(ReportJoined, by_report_id=OTHER)
    assert evening.is_open("stray_link")


def test_a_mistyped_main_report_swallows_nobody() -> None:
    """The main report never came: after ten minutes the engine refuses, and somebody is told."""
    evening = Evening(**HOME)
    joined = evening.make(ReportJoined, by_report_id=OTHER, by=evening.filed.by)
    world = World(an_estate("qinghe"), playbooks())
    now = evening.now + timedelta(minutes=10)
    facts = DispatchRules().refuse({}, joined, now, world)
    told = [f for f in facts if isinstance(f, NoticeIssued)]
    assert [(n.name, n.to.person, n.urgency) for n in told] == [("stray_link", "desk-1", "emergency")]
