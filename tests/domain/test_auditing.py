"""`audit_case`: every open task of dispatch is under a live deadline of escalation, or its top rung answered."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.auditing import Moment, audit_case
from tests.support.escalation_case import REPORT, EscalationCase, at

MOMENT = Moment(at(100), timedelta(seconds=2), timedelta(minutes=5))
Document = dict[str, Any]


def dispatch_case(*tasks: str, **changed: Any) -> Document:
    """As dispatch keeps what the audit reads of it: the tasks it holds open."""
    found = {}
    for name in tasks:
        step, n = name.split(".")
        task = {"id": f"{REPORT['emergency']}.{name}", "step": step, "n": int(n), "at": at(0), "open": True}
        found[f"{step}-{n}"] = {**task, **changed}
    return {"_id": REPORT["emergency"], "state": {"tasks": found}}


def escalation_case(case: EscalationCase, **changed: Any) -> Document:
    """As the engine stores it."""
    deadlines = [{"name": d.name, "due": d.due, "armed_by": d.armed_by} for d in case.deadlines]
    document: Document = {"_id": case.report, "state": case.state, "deadlines": deadlines}
    if deadlines:
        document["ring_at"] = min(d.due for d in case.deadlines)
    return document | changed


def sent() -> EscalationCase:
    case = EscalationCase()
    case.hear(case.filed(), case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)))
    case.hear(case.acknowledged("go.1", "ann", "guard", 5))
    return case


def texts(dispatch: Document | None, escalation: Document | None) -> list[str]:
    return [finding.words.en for finding in audit_case(dispatch, escalation, MOMENT)]


def test_a_guarded_task_is_no_finding() -> None:
    assert texts(dispatch_case("go.1"), escalation_case(sent())) == []


def test_a_rung_deadline_may_be_under_way_for_one_lease() -> None:
    """Leased by the ticker, `deadline.passed` published, not worked yet."""
    deadline = {"name": "finish.go.1", "due": at(98), "armed_by": None}
    stored = escalation_case(sent(), deadlines=[deadline], ring_at=at(101))
    assert texts(dispatch_case("go.1"), stored) == []


UNGUARDED: list[tuple[str, Document | None, str]] = [
    ("escalation has no such case", None, "escalation does not know this task"),
    ("nor the task", escalation_case(EscalationCase()), "escalation does not know this task"),
    (
        "no deadline of this task",
        escalation_case(sent(), deadlines=[{"name": "finish.go.11", "due": at(900), "armed_by": None}]),
        "no deadline runs and no top rung answered",
    ),
]


@pytest.mark.parametrize(
    ("stored", "expected"), [case[1:] for case in UNGUARDED], ids=[case[0] for case in UNGUARDED]
)
def test_an_unguarded_task_is_found(stored: Document | None, expected: str) -> None:
    findings = audit_case(dispatch_case("go.1"), stored, MOMENT)
    assert [(f.task_id, f.words.en) for f in findings] == [(f"{REPORT['emergency']}.go.1", expected)]


def test_what_escalation_takes_for_ended_is_found() -> None:
    case = sent()
    case.hear(case.ended("go.1", 50))
    assert texts(dispatch_case("go.1"), escalation_case(case)) == ["open for dispatch, ended for escalation"]


def test_what_was_sent_within_a_lease_is_not_missed_yet() -> None:
    assert texts(dispatch_case("go.1", at=at(99)), None) == []


def test_a_task_that_ended_needs_no_deadline() -> None:
    assert texts(dispatch_case("go.1", open=False), None) == []


@pytest.mark.parametrize(("role", "expected"), [("management_director", 0), ("shift_leader", 1)])
def test_an_answered_top_rung_is_enough(role: Any, expected: int) -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30), case.acknowledged("go.1", "x", role, 40))
    assert len(texts(dispatch_case("go.1"), escalation_case(case, deadlines=[]))) == expected


STALLED: list[tuple[str, Document, str]] = [
    (
        "the ticker stalled",
        {"deadlines": [{"name": "finish.go.1", "due": at(90), "armed_by": None}], "ring_at": at(90)},
        "deadline finish.go.1 passed 10 s ago unheard",
    ),
    ("nobody will ring", {"ring_at": None}, "deadlines are armed, but will not ring in time"),
    ("it rings too late", {"ring_at": at(9_999)}, "deadlines are armed, but will not ring in time"),
]


@pytest.mark.parametrize(("changed", "expected"), [case[1:] for case in STALLED], ids=[case[0] for case in STALLED])
def test_what_will_not_ring_is_found(changed: Document, expected: str) -> None:
    assert texts(dispatch_case("go.1"), escalation_case(sent(), **changed)) == [expected]


def test_an_emergency_that_dispatch_never_heard_of_must_ring_the_control_room() -> None:
    case = EscalationCase()
    case.hear(case.filed(90))
    assert texts(None, escalation_case(case)) == []
    expected = ["an emergency without a task, and nobody will be rung"]
    assert texts(None, escalation_case(case, deadlines=[])) == expected


def test_findings_speak_both_languages() -> None:
    finding = audit_case(dispatch_case("go.1"), None, MOMENT)[0]
    assert (finding.words.zh, finding.words.en) == ("升级服务不知道此任务", "escalation does not know this task")
