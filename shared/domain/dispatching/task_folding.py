"""How a case takes in what became of its tasks, and the timers that live and die with them."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Addressee, Fact, RecordValue, Speaker
from shared.contracts.tasks import TaskAssigned, TaskChanged, TaskEnded, TaskWithdrawn, Timer
from shared.domain.dispatching.state import NUMBERS, WHO, Task, addressee, goes_on, instant, key_of
from shared.domain.rules import State

_CODE = re.compile(r"[a-z][a-z_]{0,23}")


def on_assigned(state: State, fact: TaskAssigned, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = {
        "id": fact.task_id,
        "step": fact.step,
        "n": fact.n,
        "round": state["round"],
        "at": fact.assigned_at,
        **_who(fact.to),
        "addressed": [_who(fact.to)],
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
        "fixed": True if fact.carried_from else None,
        "may": list(fact.may_answer) if fact.may_answer else None,
    }
    state = {**state, "tasks": {**state["tasks"], name: {f: v for f, v in task.items() if v is not None}}}
    return armed(told(state, fact.to), fact, fact.timers)


def on_changed(state: State, fact: TaskChanged, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = state["tasks"].get(name)
    if not task or fact.late:
        return state
    if fact.record:
        state = {**state, "kept": _kept(state["kept"], fact.record)}
    limits = {"arrive_by": fact.arrive_by, "finish_by": fact.finish_by}
    after = {**task, **{clock: due for clock, due in limits.items() if due}}
    if fact.finish_by and (fact.what == "started" or (fact.what == "limit" and fact.by)):
        after["fixed"] = True
    if fact.may_answer is not None:
        after["may"] = list(fact.may_answer)
    if fact.what in ("acknowledged", "started", "arrived"):
        after = _in_hand(after, fact)
    if fact.what in ("declined", "handed_over") and fact.to:
        after = _elsewhere(after, fact.what, fact.to)
    state = {**state, "tasks": {**state["tasks"], name: after}}
    if fact.to:
        state = told(state, fact.to)
    if fact.by and after["acked"] and not task["acked"]:
        state = told(state, addressee(after))
    return _timers_after(state, name, fact)


def _in_hand(task: Task, fact: TaskChanged) -> Task:
    """The first acknowledgement makes the task that person's; arriving and starting acknowledge too."""
    task = {**task, "arrived": task["arrived"] or fact.what == "arrived"}
    if task["acked"] or not fact.by:
        return {**task, "acked": True}
    task["acked"] = True
    task = held_by(task, fact.by)
    task = with_addressed(task, [_who(addressee(task))])
    if fact.by.role != task["role"]:
        task["may"] = sorted({*task.get("may", ()), fact.by.role})
    return task


def held_by(task: Task, by: Speaker) -> Task:
    """By another post whose person is not said, it is no longer the person's it was sent to."""
    other = by.post is not None and by.post != task.get("post") and not by.person
    task = {field: value for field, value in task.items() if not (other and field == "person")}
    said = {"person": by.person, "post": by.post}
    return {**task, **{field: who for field, who in said.items() if who}}


def _elsewhere(task: Task, what: str, to: Addressee) -> Task:
    asked = list(task.get("asked", ()))
    if what == "declined":
        asked += [who for who in (task.get("post"), task.get("person")) if who and who not in asked]
    held = {field: task[field] for field in WHO if task.get(field)}
    task = with_addressed(task, [held, _who(to)])
    return {**{f: v for f, v in task.items() if f not in WHO}, **_who(to), "asked": asked, "acked": False}


def with_addressed(task: Task, more: Iterable[dict[str, str]]) -> Task:
    """Each once, in the order they were asked."""
    known: list[dict[str, str]] = list(task.get("addressed", ()))
    return {**task, "addressed": known + [who for who in more if who not in known]}


def _timers_after(state: State, name: str, fact: TaskChanged) -> State:
    if fact.what == "noted" and any(t["name"] == f"check.{name}" for t in state["timers"]):
        return {
            **state,
            "timers": [_later(t, fact) if t["name"] == f"check.{name}" else t for t in state["timers"]],
        }
    if fact.what in ("acknowledged", "started", "arrived"):
        return without(state, lambda timer: timer.get("task") == name and timer.get("on_ack"))
    return state


def _later(timer: dict[str, Any], fact: TaskChanged) -> dict[str, Any]:
    return {**timer, "due": fact.accepted_at + timedelta(seconds=timer["every"]), "armed_by": fact.event_id}


def on_ended(state: State, fact: TaskEnded, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = {**state["tasks"][name], "open": False, "outcome": fact.outcome, "ended_at": fact.accepted_at}
    if fact.by and not task["acked"]:
        task = {**held_by(task, fact.by), "acked": True}
        state = told(state, addressee(task))
    state = {**state, "tasks": {**state["tasks"], name: task}, "kept": _kept(state["kept"], fact.record)}
    return armed(_stopped(state, name, task, fact.outcome), fact, fact.timers)


def _stopped(state: State, name: str, task: Task, outcome: str | None) -> State:
    """What was to ring unless this step ended: one gate's `impossible` does not stop the chasing of 120."""
    step = None if goes_on(state, task, outcome) else task["step"]
    return without(state, lambda timer: timer.get("task") == name or step in (timer.get("unless") or ()))


def _kept(kept: dict[str, Any], record: Mapping[str, RecordValue]) -> dict[str, Any]:
    """What limits and words may name; of the numbers called, all that ever were."""
    said = record.get(NUMBERS)
    called = said if isinstance(said, list) else [said] if isinstance(said, str) else []
    numbers = {NUMBERS: sorted({*kept.get(NUMBERS, ()), *called})} if called else {}
    return {**kept, **{field: value for field, value in record.items() if _is_kept(value)}, **numbers}


def _is_kept(value: RecordValue) -> bool:
    return isinstance(value, str) and bool(_CODE.fullmatch(value) or instant(value))


def on_withdrawn(state: State, fact: TaskWithdrawn, now: datetime) -> State:
    name = key_of(fact.task_id)
    task = {**state["tasks"][name], "open": False, "withdrawn": fact.why, "ended_at": fact.accepted_at}
    state = {**state, "tasks": {**state["tasks"], name: task}}
    return _stopped(state, name, task, None)


# ---- pieces ------------------------------------------------------------------


def _who(to: Addressee) -> dict[str, str]:
    return {field: value for field, value in vars(to).items() if value}


def told(state: State, to: Addressee) -> State:
    who = _who(to)
    return state if who in state["told"] else {**state, "told": [*state["told"], who]}


def armed(state: State, fact: Fact, timers: tuple[Timer, ...] | None) -> State:
    if not timers:
        return state
    names = {timer.name for timer in timers}
    new = [{**_plain(timer), "armed_by": fact.event_id} for timer in timers]
    return {**state, "timers": [*(t for t in state["timers"] if t["name"] not in names), *new]}


def _plain(timer: Timer) -> dict[str, Any]:
    """As it comes back from the database."""
    said = timer.model_dump(exclude_none=True)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def without(state: State, dead: Callable[[dict[str, Any]], object]) -> State:
    left = [timer for timer in state["timers"] if not dead(timer)]
    return state if len(left) == len(state["timers"]) else {**state, "timers": left}
