"""How a case takes in what happened: own facts in the order they were decided, of other events only what no
fact carries. Nothing here decides anything."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Addressee, Event, RecordValue
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed, DetailsCorrected
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import (
    ReplyRefused,
    ReportChanged,
    ReportClosed,
    ReportOpened,
    ReportReopened,
    TaskAssigned,
    TaskChanged,
    TaskEnded,
    TaskWithdrawn,
    Timer,
)
from shared.domain.dispatching.state import WHO, Task, instant, is_known, key_of
from shared.domain.rules import State

Fold = Callable[[State, Any, datetime], State]
_CODE = re.compile(r"[a-z][a-z_]{0,23}")
_REPORT_FIELDS = (
    "category", "lane", "kind", "urgency", "form", "channel", "place", "place_short", "building", "patient_phone",
    "appointment_at", "drill", "accepted_at", "clock_from",
)  # fmt: skip
_CHANGING = ("place", "place_short", "building", "patient_phone", "kind", "linked_to")
_CASE = ("grade", "owner", "hand_ons")


def fold(state: State, event: Event, now: datetime) -> State:
    """The same state, not a copy, for an event that changes nothing."""
    known = FOLDS.get(type(event))
    return known(state, event, now) if known else state


# ---- what other services and people say ------------------------------------


def _on_filed(state: State, filed: ReportFiled, now: datetime) -> State:
    if is_known(state):
        return state
    said = dict(filed)
    report = {field: said[field] for field in _REPORT_FIELDS}
    report["place"] = filed.patient_place or filed.place
    report["signs"] = list(filed.signs)
    return {
        **state,
        "report": {field: value for field, value in report.items() if value is not None},
        "round": 1,
        "help": list(filed.help),
        "hand_ons": 0,
        "tasks": {},
        "timers": [],
        "told": [],
        "kept": {},
    }


def _on_details(state: State, said: DetailsCorrected, now: datetime) -> State:
    if said.signs is None or not is_known(state):
        return state
    return {**state, "report": {**state["report"], "signs": list(said.signs)}}


def _on_deadline(state: State, passed: DeadlinePassed, now: datetime) -> State:
    timers = state.get("timers", [])
    rang = next((t for t in timers if t["name"] == passed.name and t["armed_by"] == passed.armed_by), None)
    if not rang:
        return state
    rest = [t for t in timers if t is not rang]
    if rang.get("every"):
        every = timedelta(seconds=rang["every"])
        rest.append({**rang, "due": rang["due"] + every, "armed_by": passed.event_id})
    return {**state, "timers": rest}


# ---- own facts ---------------------------------------------------------------


def _on_opened(state: State, fact: ReportOpened, now: datetime) -> State:
    kept = {
        "playbook_version": fact.playbook_version,
        "grade": fact.grade,
        "owner": fact.owner,
        "clock_from": fact.clock_from,
    }
    return _armed({**state, **kept}, fact, fact.timers)


def _on_changed_report(state: State, fact: ReportChanged, now: datetime) -> State:
    said = {field: value for field, value in fact if value is not None}
    report = {field: said[field] for field in _CHANGING if field in said}
    if "place" in report:
        # A corrected place without a short name must not keep the old one.
        report = {"place_short": None, "building": None, **report}
    state = {
        **state,
        "report": {**state["report"], **report},
        **{field: said[field] for field in _CASE if field in said},
    }
    if report.get("place"):
        state = _without(state, lambda timer: timer["name"] == "grade.no_place")
    if fact.help is not None:
        state = _with_help(state, list(fact.help))
    if fact.ending:
        state = _ending(state, fact)
    return _armed(state, fact, fact.timers)


def _with_help(state: State, wanted: list[str]) -> State:
    """Tasks whose last help is given up become stale, so that it may be chosen again from the beginning."""
    gone = set(state["help"]) - set(wanted)
    found: dict[str, Task] = {}
    for name, task in state["tasks"].items():
        left = [h for h in task["helps"] if h not in gone]
        if left != task["helps"]:
            task = {**task, "helps": left, "stale": not left or bool(task.get("stale"))}
        found[name] = task
    stale = {name for name, task in found.items() if task.get("stale")}
    state = {**state, "help": wanted, "tasks": found}
    return _without(state, lambda timer: timer.get("after_task") in stale)


def _ending(state: State, fact: ReportChanged) -> State:
    ending = {"why": fact.ending, "followed_by": fact.followed_by}
    found = {name: {**task, "stale": True} for name, task in state["tasks"].items()}
    return {**state, "ending": ending, "tasks": found, "timers": []}


def _on_closed(state: State, fact: ReportClosed, now: datetime) -> State:
    live = {name for name, task in state.get("tasks", {}).items() if task["open"]}
    state = {**state, "closed_at": fact.accepted_at, "close_why": fact.why}
    return _without(state, lambda timer: timer.get("task") not in live)


def _on_reopened(state: State, fact: ReportReopened, now: datetime) -> State:
    return {**state, "round": fact.round, "closed_at": None, "close_why": None, "ending": None}


def _on_assigned(state: State, fact: TaskAssigned, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = {
        "id": fact.task_id,
        "step": fact.step,
        "n": fact.n,
        "round": state["round"],
        "at": fact.assigned_at,
        **_who(fact.to),
        "open": True,
        "acked": False,
        "arrived": False,
        "optional": fact.optional,
        "only_ack": fact.only_ack,
        "ends_on": fact.ends_on,
        "helps": list(fact.helps),
        "opened_by": key_of(fact.opened_by) if fact.opened_by else None,
        "arrive_by": fact.arrive_by,
        "finish_by": fact.finish_by,
    }
    state = {**state, "tasks": {**state["tasks"], name: {f: v for f, v in task.items() if v is not None}}}
    return _armed(_told(state, fact.to), fact, fact.timers)


def _on_changed_task(state: State, fact: TaskChanged, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = state["tasks"].get(name)
    if not task or fact.late:
        return state
    limits = {"arrive_by": fact.arrive_by, "finish_by": fact.finish_by}
    after = {**task, **{clock: due for clock, due in limits.items() if due}}
    if fact.may_answer is not None:
        after["may"] = list(fact.may_answer)
    if fact.what in ("acknowledged", "started", "arrived"):
        after = _in_hand(after, fact)
    if fact.what in ("declined", "handed_over") and fact.to:
        after = _elsewhere(after, fact.what, fact.to)
    state = {**state, "tasks": {**state["tasks"], name: after}}
    if fact.to:
        state = _told(state, fact.to)
    return _timers_after(state, name, fact)


def _in_hand(task: Task, fact: TaskChanged) -> Task:
    """The first acknowledgement makes the task that person's; arriving and starting acknowledge too."""
    task = {**task, "arrived": task["arrived"] or fact.what == "arrived"}
    if task["acked"] or not fact.by:
        return {**task, "acked": True}
    task["acked"] = True
    if fact.by.person:
        task["person"] = fact.by.person
    if fact.by.post:
        task["post"] = fact.by.post
    if fact.by.role != task["role"]:
        task["may"] = sorted({*task.get("may", ()), fact.by.role})
    return task


def _elsewhere(task: Task, what: str, to: Addressee) -> Task:
    asked = list(task.get("asked", ()))
    if what == "declined":
        asked += [who for who in (task.get("post"), task.get("person")) if who and who not in asked]
    return {**{f: v for f, v in task.items() if f not in WHO}, **_who(to), "asked": asked, "acked": False}


def _timers_after(state: State, name: str, fact: TaskChanged) -> State:
    if fact.what == "noted" and any(t["name"] == f"check.{name}" for t in state["timers"]):
        return {
            **state,
            "timers": [_later(t, fact) if t["name"] == f"check.{name}" else t for t in state["timers"]],
        }
    if fact.what in ("acknowledged", "started", "arrived"):
        return _without(state, lambda timer: timer.get("task") == name and timer.get("on_ack"))
    return state


def _later(timer: dict[str, Any], fact: TaskChanged) -> dict[str, Any]:
    return {**timer, "due": fact.accepted_at + timedelta(seconds=timer["every"]), "armed_by": fact.event_id}


def _on_ended(state: State, fact: TaskEnded, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = {**state["tasks"][name], "open": False, "outcome": fact.outcome, "ended_at": fact.accepted_at}
    if fact.by and not task["acked"]:
        held = {"person": fact.by.person, "post": fact.by.post}
        task = {**task, **{field: who for field, who in held.items() if who}, "acked": True}
    kept = {field: value for field, value in fact.record.items() if _is_kept(value)}
    state = {**state, "tasks": {**state["tasks"], name: task}, "kept": {**state["kept"], **kept}}
    state = _without(state, lambda timer: timer.get("task") == name or task["step"] in (timer.get("unless") or ()))
    return _armed(state, fact, fact.timers)


def _is_kept(value: RecordValue) -> bool:
    return isinstance(value, str) and bool(_CODE.fullmatch(value) or instant(value))


def _on_withdrawn(state: State, fact: TaskWithdrawn, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = {**state["tasks"][name], "open": False, "withdrawn": fact.why, "ended_at": fact.accepted_at}
    state = {**state, "tasks": {**state["tasks"], name: task}}
    return _without(state, lambda timer: timer.get("task") == name or task["step"] in (timer.get("unless") or ()))


def _on_notice(state: State, fact: NoticeIssued, now: datetime) -> State:
    return _told(state, fact.to)


def _on_refused(state: State, fact: ReplyRefused, now: datetime) -> State:
    return state


# ---- pieces ------------------------------------------------------------------


def _who(to: Addressee) -> dict[str, str]:
    return {field: value for field, value in to if value}


def _told(state: State, to: Addressee) -> State:
    who = _who(to)
    return state if who in state["told"] else {**state, "told": [*state["told"], who]}


def _armed(state: State, fact: Event, timers: tuple[Timer, ...] | None) -> State:
    if not timers:
        return state
    names = {timer.name for timer in timers}
    new = [{**timer.model_dump(exclude_none=True), "armed_by": fact.event_id} for timer in timers]
    return {**state, "timers": [*(t for t in state["timers"] if t["name"] not in names), *new]}


def _without(state: State, dead: Callable[[dict[str, Any]], object]) -> State:
    left = [timer for timer in state["timers"] if not dead(timer)]
    return state if len(left) == len(state["timers"]) else {**state, "timers": left}


def _own(fold_one: Fold) -> Fold:
    """An own fact carries the case's version."""
    return lambda state, fact, now: {**fold_one(state, fact, now), "version": fact.case_version}


FOLDS: Mapping[type[Event], Fold] = {
    ReportFiled: _on_filed,
    DetailsCorrected: _on_details,
    DeadlinePassed: _on_deadline,
    ReportOpened: _own(_on_opened),
    ReportChanged: _own(_on_changed_report),
    ReportClosed: _own(_on_closed),
    ReportReopened: _own(_on_reopened),
    TaskAssigned: _own(_on_assigned),
    TaskChanged: _own(_on_changed_task),
    TaskEnded: _own(_on_ended),
    TaskWithdrawn: _own(_on_withdrawn),
    NoticeIssued: _own(_on_notice),
    ReplyRefused: _own(_on_refused),
}
