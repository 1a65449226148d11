"""How a case takes in what it reads: the same state for every order and repetition of the same events.

Only escalation's own facts are taken in the order they were decided, which the engine keeps.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from shared.contracts.deliveries import DeliveryFailed
from shared.contracts.escalations import GradePromoted, LimitPassed, ReportUnassigned, RungReached, RungSkipped
from shared.contracts.event import Addressee, Event, Fact, Speaker
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed, Reply, ReportJoined, TaskAcknowledged, TaskArrived
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import (
    ReportChanged,
    ReportClosed,
    ReportOpened,
    ReportReopened,
    TaskAssigned,
    TaskChanged,
    TaskEnded,
    TaskWithdrawn,
)
from shared.domain.escalating import promoting
from shared.domain.escalating.own import on_deadline, on_limit, on_notice, on_reached, on_skipped, on_unassigned
from shared.domain.escalating.state import BEFORE_ALL, Order, Task, is_open, order_of, task_of, with_task
from shared.domain.rules import State

ANSWERS = ("acknowledged", "started", "arrived")
Fold = Callable[[State, Any, datetime], State]


def fold(state: State, event: Event, now: datetime) -> State:
    """Events that no clock depends on leave the state as it is."""
    known = FOLDS.get(type(event))
    return known(state, event, now) if known else state


def _latest(state: State, field: str, fact: Fact, **more: object) -> State:
    order = order_of(fact)
    if order <= state.get(field, {"order": BEFORE_ALL})["order"]:
        return state
    return {**state, field: {"order": order, "at": fact.accepted_at, **more}}


def _on_filed(state: State, filed: ReportFiled, now: datetime) -> State:
    kept = {
        "at": filed.accepted_at,
        "event": filed.event_id,
        "chased": filed.lane == "emergency" and not filed.written_up,
        "drill": filed.drill,
    }
    state = {**state, "filed": kept}
    if state.get("place"):
        return state
    place = {"order": BEFORE_ALL, "zh": filed.patient_place or filed.place, "short": filed.place_short}
    return {**state, "place": place}


def _on_report_changed(state: State, changed: ReportChanged, now: datetime) -> State:
    state = promoting.graded(state, changed, changed.grade)
    if changed.place is None:
        return state
    return _latest(state, "place", changed, zh=changed.place, short=changed.place_short)


def _on_closed(state: State, closed: ReportClosed, now: datetime) -> State:
    return _latest(state, "closed", closed)


def _on_reopened(state: State, reopened: ReportReopened, now: datetime) -> State:
    return _latest(state, "reopened", reopened, event=reopened.event_id)


def _on_assigned(state: State, assigned: TaskAssigned, now: datetime) -> State:
    task, order = task_of(state, assigned.task_id), order_of(assigned)
    if _is_over(task, order) or (is_open(task) and task["assigned"]["order"] >= order):
        return state
    task = {**task, "assigned": _assignment(assigned)}
    task = _sent_to(task, assigned, "assigned", assigned.to, assigned.assigned_at)
    return with_task(state, _limited(task, assigned))


def _assignment(assigned: TaskAssigned) -> dict[str, Any]:
    return {
        "order": order_of(assigned),
        "event": assigned.event_id,
        "at": assigned.assigned_at,
        "ack_wait": assigned.ack_wait,
        "ask_every": assigned.ask_every,
        "clause": list(assigned.clause),
        "playbook": assigned.playbook,
        "playbook_version": assigned.playbook_version,
        "zh": assigned.words.zh,
        "en": assigned.words.en,
        "drill": assigned.drill,
        "pace": assigned.pace,
    }


def _is_over(task: Task, order: Order) -> bool:
    """An ended task never reopens but by a later version."""
    return "ended" in task and order <= task["ended"]["order"]


def _sent_to(task: Task, fact: Fact, why: str, to: Addressee, at: datetime) -> Task:
    """Kept in the order of dispatch's decisions, each once."""
    sending = {"order": order_of(fact), "event": fact.event_id, "at": at, "why": why, "to": to.model_dump()}
    others = [s for s in task.get("tos", []) if s["order"] != sending["order"]]
    return {**task, "tos": sorted([*others, sending], key=lambda s: s["order"])}


def _limited(task: Task, fact: TaskAssigned | TaskChanged) -> Task:
    order = order_of(fact)
    for clock, due in (("arrive", fact.arrive_by), ("finish", fact.finish_by)):
        if due and order > task.get(clock, {"order": BEFORE_ALL})["order"]:
            task = {**task, clock: {"order": order, "event": fact.event_id, "due": due}}
    return task


def _on_changed(state: State, changed: TaskChanged, now: datetime) -> State:
    state = promoting.recorded(state, changed, changed.record or {})
    task = task_of(state, changed.task_id)
    if changed.late or _is_over(task, order_of(changed)):
        return state
    after = _limited(task, changed)
    if changed.to:
        after = _sent_to(after, changed, changed.what, changed.to, changed.accepted_at)
    if changed.what in ANSWERS:
        after = _answered(after, changed, changed.by, changed.what == "arrived")
    return state if after is task else with_task(state, after)


def _on_answer(state: State, reply: Reply, now: datetime) -> State:
    """Never refused by state, so the reply itself stops the clock (ARCHITECTURE).

    Kept whoever says it, since whom the task goes to may be read later: `state.answers` judges.
    """
    task = task_of(state, reply.task_id)
    if "ended" in task and not is_open(task):
        return state
    heard = reply.heard_by is not None
    return with_task(state, _answered(task, reply, reply.by, isinstance(reply, TaskArrived), heard))


def _answered(task: Task, event: Event, by: Speaker | None, arrived: bool, heard: bool = False) -> Task:
    """The reply and dispatch's fact about it are one answer; the reply's own time and speaker count."""
    is_fact = isinstance(event, Fact)
    name = (event.because_of or event.event_id if is_fact else event.event_id).hex
    old = task.get("answers", {}).get(name, {"said": False, "order": BEFORE_ALL, "arrived": False, "by": None})
    new = {**old, "id": name, "arrived": old["arrived"] or arrived, "heard": heard or old.get("heard", False)}
    if isinstance(event, Fact):
        new["order"] = max(old["order"], order_of(event))
    if not is_fact or not old["said"]:
        new |= {"said": not is_fact, "at": event.accepted_at, "by": by.model_dump() if by else None}
    return {**task, "answers": {**task.get("answers", {}), name: new}}


def _on_ended(state: State, ended: TaskEnded | TaskWithdrawn, now: datetime) -> State:
    """Only a tombstone is left, unless a later version had opened the task anew before this was read."""
    if isinstance(ended, TaskEnded):
        state = promoting.recorded(state, ended, ended.record)
    task, order = task_of(state, ended.task_id), order_of(ended)
    if _is_over(task, order):
        return state
    tomb = {"order": order, "at": ended.accepted_at}
    reopened = is_open(task) and task["assigned"]["order"] > order
    return with_task(state, {**task, "ended": tomb} if reopened else {"id": task["id"], "ended": tomb})


def _on_undelivered(state: State, failed: DeliveryFailed, now: datetime) -> State:
    if failed.task_id is None:
        return state
    task = task_of(state, failed.task_id)
    if failed.message in task.get("failed", []) or ("ended" in task and not is_open(task)):
        return state
    return with_task(state, {**task, "failed": sorted([*task.get("failed", []), failed.message])})


FOLDS: Mapping[type[Event], Fold] = {
    ReportFiled: _on_filed,
    ReportOpened: promoting.on_opened,
    ReportChanged: _on_report_changed,
    ReportJoined: promoting.on_joined,
    ReportClosed: _on_closed,
    ReportReopened: _on_reopened,
    TaskAssigned: _on_assigned,
    TaskChanged: _on_changed,
    TaskEnded: _on_ended,
    TaskWithdrawn: _on_ended,
    TaskAcknowledged: _on_answer,
    TaskArrived: _on_answer,
    DeliveryFailed: _on_undelivered,
    DeadlinePassed: on_deadline,
    LimitPassed: on_limit,
    RungSkipped: on_skipped,
    RungReached: on_reached,
    NoticeIssued: on_notice,
    ReportUnassigned: on_unassigned,
    GradePromoted: promoting.on_promoted,
}
