"""Which clocks of a case are running, and when they ring: a function of the state alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.tasks import CLOCKS
from shared.contracts.vocabulary import Clock
from shared.domain.escalating import promoting
from shared.domain.escalating.state import (
    HAND_OVER_WAIT,
    Task,
    answers,
    has_arrived,
    has_task,
    is_closed,
    is_open,
    ladder_of,
    pace_of,
    sent,
    started_by,
)
from shared.domain.playbooks.limits import ASK_EVERY
from shared.domain.rules import Deadline, State

UNASSIGNED = "unassigned"
FIRST_RINGS = timedelta(seconds=30)
LATER_RINGS = timedelta(minutes=2)


def deadlines(state: State) -> Iterator[Deadline]:
    """Every open task has at least one: its finish clock, or the question how it goes."""
    if ring := unassigned(state):
        yield ring
    if month := promoting.deadline(state):
        yield month
    for task in state.get("tasks", {}).values():
        if is_open(task):
            yield from task_deadlines(task)


def task_deadlines(task: Task) -> Iterator[Deadline]:
    for clock in CLOCKS:
        if found := deadline(task, clock):
            yield found
    if found := ask_deadline(task):
        yield found


def name_of(task: Task, clock: str) -> str:
    """`ack.<step>.<n>`: step and number are the tail of the task's id."""
    step, n = task["id"].rsplit(".", 2)[1:]
    return f"{clock}.{step}.{n}"


def unassigned(state: State) -> Deadline | None:
    """An emergency filed and without any task: 30 s, again after 30 s, then every 2 min (ARCHITECTURE)."""
    filed = state.get("filed")
    if not filed or not filed["chased"] or has_task(state) or is_closed(state):
        return None
    ringing = state.get("ringing")
    if not ringing:
        return Deadline(UNASSIGNED, filed["at"] + FIRST_RINGS, filed["event"])
    return Deadline(UNASSIGNED, ringing["at"] + ring_again(ringing["turn"]), ringing["event"])


def ring_again(turn: int) -> timedelta:
    return FIRST_RINGS if turn < 2 else LATER_RINGS


def ask_every(task: Task) -> timedelta | None:
    """None when a finish clock stands guard and the step names no interval of its own."""
    seconds = task["assigned"]["ask_every"]
    if seconds is not None:
        return timedelta(seconds=seconds)
    return None if "finish" in task else ASK_EVERY


def ask_deadline(task: Task) -> Deadline | None:
    """Counted from the sending, then from each asking; an answer does not stop it, only the end does."""
    every = ask_every(task)
    last = task.get("asking") or task["assigned"]
    return Deadline(name_of(task, "ask"), last["at"] + every, last["event"]) if every else None


def is_stopped(task: Task, clock: Clock) -> bool:
    """Any answer stops `ack`, arriving `arrive`; `finish` stops with the task only."""
    if clock == "ack":
        return bool(answers(task))
    return clock == "arrive" and has_arrived(task)


def deadline(task: Task, clock: Clock) -> Deadline | None:
    """The next rung of this clock, or None while it does not run."""
    start = started_by(task, clock)
    if not start or is_stopped(task, clock):
        return None
    ladder = ladder_of(task, clock)
    if ladder and ladder["due"]:
        return Deadline(name_of(task, clock), ladder["due"], ladder["event"])
    due = limit(task, clock)
    return Deadline(name_of(task, clock), due, start["event"]) if due else None


def limit(task: Task, clock: Clock) -> datetime | None:
    """The clock's own due time, before any rung; None where none was set."""
    if clock == "ack":
        return _ack_due(task)
    due: datetime | None = task[clock]["due"] if clock in task else None
    return due


def _ack_due(task: Task) -> datetime | None:
    wait: int | None = task["assigned"]["ack_wait"]
    to: dict[str, Any] = sent(task)
    at: datetime = to["at"]
    if wait is not None:
        return at + timedelta(seconds=wait)
    return None if to["why"] == "assigned" else at + HAND_OVER_WAIT[pace_of(task)]
