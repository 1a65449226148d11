"""How a case takes in what it reads: the same state for every repetition, and an end counts whenever it is read."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.deliveries import (
    Delivery,
    DeliveryAccepted,
    DeliveryAnswered,
    DeliveryAttempted,
    DeliveryDelivered,
    DeliveryFailed,
    DeliveryRefused,
    DeliverySkipped,
)
from shared.contracts.event import Addressee, Event, Fact
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed
from shared.contracts.tasks import ReportClosed, ReportReopened, TaskAssigned, TaskChanged, TaskEnded, TaskWithdrawn
from shared.domain.notifying.state import (
    REMINDER,
    SERVICE,
    SUPERSEDED,
    Message,
    better,
    is_in_line,
    key_of,
    message_of,
    pruned,
    task_of,
    unmarked,
    watched,
)
from shared.domain.rules import State

Fold = Callable[[State, Any, datetime], State]
_ANSWERS = ("acknowledged", "started", "arrived")
_MARKS = {
    DeliveryAccepted: "accepted",
    DeliveryDelivered: "delivered",
    DeliveryAnswered: "answered",
    DeliveryRefused: "refused",
}


def fold(state: State, event: Event, now: datetime) -> State:
    """Events that tell nobody anything leave the state as it is."""
    known = FOLDS.get(type(event))
    return known(state, event, now) if known else state


def order_of(fact: Fact) -> list[int]:
    return [fact.case_version, fact.index]


def _with_message(state: State, message: Message) -> State:
    return _sought({**state, "messages": pruned({**state.get("messages", {}), message["id"].hex: message}, state)})


def _sought(state: State) -> State:
    """By these two dates a process finds what it has to send, and whom it has to ask, at its start."""
    messages = state.get("messages", {}).values()
    unsent = min((t["at"] for m in messages for t in unmarked(m)), default=None)
    asked = min((t["at"] for m in messages for t in watched(state, m)), default=None)
    return {**state, "unsent_since": unsent, "watched_since": asked}


def _with_task(state: State, task_id: str, **fields: Any) -> State:
    task = {"id": task_id, **task_of(state, task_id), **fields}
    return _sought({**state, "tasks": {**state.get("tasks", {}), key_of(task_id): task}})


def _new(event: Fact, to: Addressee, task_id: str | None, **fields: Any) -> Message:
    return {
        "id": event.event_id,
        "at": event.accepted_at,
        "order": order_of(event),
        "to": to.model_dump(),
        "task": task_id,
        "tries": [],
        "passed": [],
        "over": None,
        "until": None,
        "answer_by": None,
        "device": None,
        **fields,
    }


def _on_assigned(state: State, assigned: TaskAssigned, now: datetime) -> State:
    if message_of(state, assigned.event_id):
        return state
    said = _said(assigned)
    wait = {"ack_wait": assigned.ack_wait}
    state = _with_task(state, assigned.task_id, said=said, **wait)
    return _with_message(state, _of_task(assigned, assigned.to, assigned.task_id, {"said": said, **wait}))


def _said(assigned: TaskAssigned) -> dict[str, Any]:
    """What every sending of this task says, to whomever it goes."""
    routine = assigned.pace == "routine" or not assigned.report_id.startswith("emergency.")
    return {
        "name": assigned.step,
        "kind": "task",
        "zh": assigned.words.zh,
        "en": assigned.words.en,
        "urgency": "routine" if routine else "emergency",
        "drill": assigned.drill,
        "clause": list(assigned.clause),
        "outcomes": list(assigned.outcomes),
        "record": list(assigned.record),
        "guard": list(assigned.guard),
        "ends_on": assigned.ends_on,
    }


def _of_task(event: Fact, to: Addressee, task_id: str, task: dict[str, Any]) -> Message:
    wait = task["ack_wait"]
    answer_by = event.accepted_at + timedelta(seconds=wait) if wait else None
    return _new(event, to, task_id, **task["said"], answer_by=answer_by)


def _on_changed(state: State, changed: TaskChanged, now: datetime) -> State:
    if changed.what in _ANSWERS and not changed.late:
        state = _with_task(state, changed.task_id, acked=changed.accepted_at)
    task = task_of(state, changed.task_id)
    if changed.to is None or "said" not in task or message_of(state, changed.event_id):
        return state
    state = _elsewhere(state, changed)
    sent = _of_task(changed, changed.to, changed.task_id, task)
    return _with_message(state, {**sent, "by_name": changed.what == "handed_over"})


def _elsewhere(state: State, changed: TaskChanged) -> State:
    """Who declined it, or handed it over, is not rung for it any more; the next holder has acknowledged nothing."""
    task = {name: value for name, value in task_of(state, changed.task_id).items() if name != "acked"}
    state = {**state, "tasks": {**state["tasks"], key_of(changed.task_id): task}}
    for message in list(state.get("messages", {}).values()):
        is_its = message["task"] == changed.task_id and message["at"] <= changed.accepted_at
        # What rings somebody else about it is escalation's.
        if is_its and not message["over"] and (message["kind"] == "task" or message["name"] == REMINDER):
            state = _with_message(state, {**message, "over": SUPERSEDED})
    return state


def _on_ended(state: State, ended: TaskEnded | TaskWithdrawn, now: datetime) -> State:
    end = {"order": order_of(ended), "at": ended.accepted_at}
    if task_of(state, ended.task_id).get("ended") == end:
        return state
    return _with_task(state, ended.task_id, ended=end)


def _on_notice(state: State, issued: NoticeIssued, now: datetime) -> State:
    if message_of(state, issued.event_id):
        return state
    told = {
        "name": issued.name,
        "kind": "notice",
        "zh": issued.words.zh,
        "en": issued.words.en,
        "urgency": issued.urgency,
        "drill": issued.drill,
        "clause": list(issued.clause),
        "until": issued.valid_until,
        "answer_by": issued.answer_by,
        "device": issued.device,
    }
    said = task_of(state, issued.task_id).get("said", {}) if issued.task_id else {}
    answers = {name: said.get(name, []) for name in ("outcomes", "record", "guard")}
    ends_on = said.get("ends_on", "complete")
    return _with_message(state, _new(issued, issued.to, issued.task_id, **answers, ends_on=ends_on, **told))


def _on_attempted(state: State, attempted: DeliveryAttempted, now: datetime) -> State:
    message = message_of(state, attempted.message)
    if message is None or any(t["id"] == attempted.event_id for t in message["tries"]):
        return state
    found = {
        "id": attempted.event_id,
        "device": attempted.device,
        "channel": attempted.channel,
        "attempt": attempted.attempt,
        "at": attempted.accepted_at,
        "version": attempted.case_version,
        "best": attempted.best or "accepted",
        "next_at": attempted.next_at or attempted.accepted_at,
        "last": bool(attempted.last),
        "armed_by": attempted.event_id,
        "waits": 0,
        "mark": None,
        "reason": None,
        "token": None,
    }
    state = {**state, "used": sorted({*state.get("used", ()), attempted.device})}
    return _with_message(state, {**message, "tries": [*message["tries"], found]})


def _on_receipt(state: State, receipt: Delivery, now: datetime) -> State:
    """By the attempt that it is about, named as its cause."""
    message, mark = message_of(state, receipt.message), _MARKS[type(receipt)]
    found = next((t for t in (message or {}).get("tries", ()) if t["id"] == receipt.because_of), None)
    if message is None or found is None or not better(mark, found["mark"]):
        return state
    reason, token = getattr(receipt, "reason", None), getattr(receipt, "token", None)
    marked = {**found, "mark": mark, "reason": reason, "token": token or found["token"]}
    if found["waits"] and mark == "accepted":
        # It stood in its line until now: its device has the same time as any other.
        wait = (found["next_at"] - found["at"]) / (found["waits"] + 1)
        marked |= {"next_at": receipt.accepted_at + wait, "armed_by": receipt.event_id}
    tries = [marked if t is found else t for t in message["tries"]]
    return _with_message(state, {**message, "tries": tries})


def _on_skipped(state: State, skipped: DeliverySkipped, now: datetime) -> State:
    put_off = {"again_at": skipped.again_at, "armed_by": skipped.event_id} if skipped.again_at else {}
    return _put_aside(state, skipped.message, None if skipped.again_at else "skipped", put_off)


def _on_failed(state: State, failed: DeliveryFailed, now: datetime) -> State:
    return _put_aside(state, failed.message, "failed", {})


def _put_aside(state: State, which: UUID, over: str | None, more: dict[str, Any]) -> State:
    message = message_of(state, which)
    return _with_message(state, {**message, "over": over, **more}) if message else state


def _on_passed(state: State, passed: DeadlinePassed, now: datetime) -> State:
    """What has rung is not armed again; a further try arms anew."""
    if passed.owner != SERVICE:
        return state
    message = state.get("messages", {}).get(passed.name.split(".")[-1])
    if message is None or passed.armed_by in message["passed"]:
        return state
    if is_in_line(message) and message["tries"][-1]["armed_by"] == passed.armed_by:
        last = message["tries"][-1]
        later = now + (last["next_at"] - last["at"]) / (last["waits"] + 1)
        again = {**last, "next_at": later, "armed_by": passed.event_id, "waits": last["waits"] + 1}
        return _with_message(state, {**message, "tries": [*message["tries"][:-1], again]})
    return _with_message(state, {**message, "passed": [*message["passed"], passed.armed_by]})


def _on_closed(state: State, closed: ReportClosed, now: datetime) -> State:
    return _latest(state, "closed", closed)


def _on_reopened(state: State, reopened: ReportReopened, now: datetime) -> State:
    return _latest(state, "reopened", reopened)


def _latest(state: State, field: str, fact: Fact) -> State:
    if order_of(fact) <= state.get(field, {"order": [0, 0]})["order"]:
        return state
    return {**state, field: {"order": order_of(fact), "at": fact.accepted_at}}


FOLDS: Mapping[type[Event], Fold] = {
    TaskAssigned: _on_assigned,
    TaskChanged: _on_changed,
    TaskEnded: _on_ended,
    TaskWithdrawn: _on_ended,
    NoticeIssued: _on_notice,
    DeliveryAttempted: _on_attempted,
    DeliveryAccepted: _on_receipt,
    DeliveryDelivered: _on_receipt,
    DeliveryAnswered: _on_receipt,
    DeliveryRefused: _on_receipt,
    DeliverySkipped: _on_skipped,
    DeliveryFailed: _on_failed,
    DeadlinePassed: _on_passed,
    ReportClosed: _on_closed,
    ReportReopened: _on_reopened,
}
