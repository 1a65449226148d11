"""How a case takes in what happened: own facts in the order they were decided, of other events only what no
fact carries. Nothing here decides anything."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.escalations import RungReached
from shared.contracts.event import Addressee, Event
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed, DetailsCorrected, ReportJoined
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
)
from shared.domain.dispatching.state import Task, is_known, key, task_of
from shared.domain.dispatching.task_folding import (
    armed,
    on_assigned,
    on_changed,
    on_ended,
    on_withdrawn,
    told,
    with_addressed,
    without,
)
from shared.domain.rules import State

Fold = Callable[[State, Any, datetime], State]
_REPORT_FIELDS = (
    "category", "lane", "kind", "urgency", "weather", "form", "channel", "place", "place_short", "building",
    "patient_phone", "appointment_at", "drill", "follows", "accepted_at", "clock_from",
)  # fmt: skip
_CHANGING = (
    "place", "place_short", "building", "patient_phone", "kind", "urgency", "appointment_at", "linked_to",
)  # fmt: skip
_CASE = ("grade", "owner", "hand_ons")


def fold(state: State, event: Event, now: datetime) -> State:
    """The same state, not a copy, for an event that changes nothing."""
    known = FOLDS.get(type(event))
    return known(state, event, now) if known else state


# ---- what other services and people say ------------------------------------


def _on_filed(state: State, filed: ReportFiled, now: datetime) -> State:
    if is_known(state):
        return state
    said = vars(filed)
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


def _on_rung(state: State, rung: RungReached, now: datetime) -> State:
    """Whoever was asked because nobody answered is told too, when it is over."""
    task = task_of(state, rung.task_id) if is_known(state) else None
    if not task or not rung.persons:
        return state
    asked = [Addressee(role=rung.role, person=person) for person in rung.persons]
    task = with_addressed(task, [{"role": to.role, "person": to.person or ""} for to in asked])
    state = {**state, "tasks": {**state["tasks"], key(task): task}}
    for to in asked:
        state = told(state, to)
    return state


def _on_details(state: State, said: DetailsCorrected, now: datetime) -> State:
    if said.signs is None or not is_known(state):
        return state
    return {**state, "report": {**state["report"], "signs": list(said.signs)}}


def _on_joined(state: State, said: ReportJoined, now: datetime) -> State:
    joined = state.get("joined", [])
    if not is_known(state) or said.by_report_id in joined:
        return state
    return {**state, "joined": [*joined, said.by_report_id]}


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
        **({"overrides": fact.overrides} if fact.overrides else {}),
    }
    return armed({**state, **kept}, fact, fact.timers)


def _on_changed_report(state: State, fact: ReportChanged, now: datetime) -> State:
    said = {field: value for field, value in vars(fact).items() if value is not None}
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
        state = without(state, lambda timer: timer["name"] == "grade.no_place")
    if fact.help is not None:
        state = _with_help(state, list(fact.help))
    if fact.ending:
        state = _ending(state, fact)
    return armed(state, fact, fact.timers)


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
    return without(state, lambda timer: timer.get("after_task") in stale)


def _ending(state: State, fact: ReportChanged) -> State:
    ending = {"why": fact.ending, "followed_by": fact.followed_by}
    found = {name: {**task, "stale": True} for name, task in state["tasks"].items()}
    return {**state, "ending": ending, "tasks": found, "timers": []}


def _on_closed(state: State, fact: ReportClosed, now: datetime) -> State:
    live = {name for name, task in state.get("tasks", {}).items() if task["open"]}
    state = {**state, "closed_at": fact.accepted_at, "close_why": fact.why}
    return without(state, lambda timer: timer.get("task") not in live)


def _on_reopened(state: State, fact: ReportReopened, now: datetime) -> State:
    # Whoever was on the scene of the first round need not hear what becomes of the complaint.
    again = {"round": fact.round, "round_from": fact.accepted_at, "told": []}
    return {**state, **again, "closed_at": None, "close_why": None, "ending": None}


def _on_notice(state: State, fact: NoticeIssued, now: datetime) -> State:
    return told(state, fact.to)


def _on_refused(state: State, fact: ReplyRefused, now: datetime) -> State:
    return state


def _own(fold_one: Fold) -> Fold:
    """An own fact carries the case's version."""
    return lambda state, fact, now: {**fold_one(state, fact, now), "version": fact.case_version}


FOLDS: Mapping[type[Event], Fold] = {
    ReportFiled: _on_filed,
    DetailsCorrected: _on_details,
    ReportJoined: _on_joined,
    DeadlinePassed: _on_deadline,
    RungReached: _on_rung,
    ReportOpened: _own(_on_opened),
    ReportChanged: _own(_on_changed_report),
    ReportClosed: _own(_on_closed),
    ReportReopened: _own(_on_reopened),
    TaskAssigned: _own(on_assigned),
    TaskChanged: _own(on_changed),
    TaskEnded: _own(on_ended),
    TaskWithdrawn: _own(on_withdrawn),
    NoticeIssued: _own(_on_notice),
    ReplyRefused: _own(_on_refused),
}
