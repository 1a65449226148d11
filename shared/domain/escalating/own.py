"""How a case takes in escalation's own facts and its deadlines: rungs climbed, who was asked, what was sent."""

from datetime import datetime
from typing import Any

from shared.contracts.escalations import LimitPassed, ReportUnassigned, RungReached, RungSkipped
from shared.contracts.event import Fact
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed
from shared.contracts.vocabulary import Clock
from shared.domain.escalating.clocks import UNASSIGNED, ask_deadline, unassigned
from shared.domain.escalating.state import Task, ladder_of, sent, started_by, task_named, task_of, with_task
from shared.domain.rules import State

SERVICE = "escalation"
RINGS = ("rung", "reminder")
"""Notices that are a rung's message: when none of them reaches anybody, the next rung is asked at once."""


def on_deadline(state: State, passed: DeadlinePassed, now: datetime) -> State:
    """What is asked again at intervals is armed anew by the passing itself; ladders by the rung they reach."""
    if passed.owner != SERVICE:
        return state
    again = {"at": now, "event": passed.event_id}
    if passed.name == UNASSIGNED:
        return {**state, "ringing": {**again, "turn": turn_of(state) + 1}} if unassigned(state) else state
    task = task_named(state, passed.name)
    live = ask_deadline(task) if task else None
    if not task or not live or live.armed_by != passed.armed_by or live.name != passed.name:
        return state
    return with_task(state, {**task, "asking": again})


def turn_of(state: State) -> int:
    """How often the unassigned report was rung."""
    return int(state.get("ringing", {}).get("turn", 0))


def _said(state: State, fact: Fact) -> State:
    return {**state, "version": fact.case_version}


def on_unassigned(state: State, said: ReportUnassigned, now: datetime) -> State:
    return _said(state, said)


def on_limit(state: State, passed: LimitPassed, now: datetime) -> State:
    """Said once for each arming of the clock."""
    task = task_of(state, passed.task_id)
    start = started_by(task, passed.clock)
    marks = {**task.get("passed", {}), passed.clock: start["event"] if start else None}
    return _said(with_task(state, {**task, "passed": marks}), passed)


def on_skipped(state: State, skipped: RungSkipped, now: datetime) -> State:
    """Said once a ladder, though every repeat of the top looks again whether the rung is held by now."""
    task = task_of(state, skipped.task_id)
    ladder = _ladder(task, skipped.clock)
    ladder["skipped"] = [*ladder["skipped"], skipped.rung]
    return _said(_climbed(state, task, skipped.clock, ladder), skipped)


def on_reached(state: State, reached: RungReached, now: datetime) -> State:
    """The next wait is armed by this fact, so a repeated top rung rings each time (ARCHITECTURE, 3)."""
    task = task_of(state, reached.task_id)
    ladder = _ladder(task, reached.clock)
    ladder |= {
        "rung": reached.rung,
        "turn": reached.turn,
        "due": reached.again_at,
        "event": reached.event_id,
        "version": reached.case_version,
        "messages": [],
    }
    asked = [*task.get("asked", []), *_asked(task, reached, ladder["start"])]
    return _said(_climbed(state, {**task, "asked": asked}, reached.clock, ladder), reached)


def _asked(task: Task, reached: RungReached, start: Any) -> list[dict[str, Any]]:
    order = sent(task)["order"]
    known = {(a["clock"], a["start"], a["person"]) for a in task.get("asked", [])}
    return [
        {"clock": reached.clock, "start": start, "order": order, "person": person, "role": reached.role}
        for person in reached.persons
        if (reached.clock, start, person) not in known
    ]


def on_notice(state: State, issued: NoticeIssued, now: datetime) -> State:
    """A ladder's own messages are those of the decision that reached its rung."""
    if issued.task_id is None or issued.name not in RINGS:
        return _said(state, issued)
    task = task_of(state, issued.task_id)
    for clock, ladder in task.get("ladders", {}).items():
        if ladder["version"] == issued.case_version:
            messages = [*ladder["messages"], issued.event_id]
            return _said(_climbed(state, task, clock, {**ladder, "messages": messages}), issued)
    return _said(state, issued)


def _ladder(task: Task, clock: Clock) -> dict[str, Any]:
    """A copy of the running ladder, or a new one for the clock as it is armed now."""
    found, start = ladder_of(task, clock), started_by(task, clock)
    fresh: dict[str, Any] = {
        "start": start["event"] if start else None,
        "due": None,
        "skipped": [],
        "messages": [],
        "version": 0,
    }
    return {**fresh, **(found or {})}


def _climbed(state: State, task: Task, clock: str, ladder: dict[str, Any]) -> State:
    return with_task(state, {**task, "ladders": {**task.get("ladders", {}), clock: ladder}})
