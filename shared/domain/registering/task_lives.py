"""What became of each task of a report, from dispatch's facts in their order and from people's own answers."""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from typing import Any

Body = dict[str, Any]
Task = dict[str, Any]

VISIT_MARK = "visit_mark"
"""The field every return visit records: by it a task is known as one, whatever its step is called."""
_TIMES = {"started": "started_at", "arrived": "arrived_at"}


def assign(tasks: dict[str, Task], fact: Body) -> None:
    """A task stands in the row with its due times; `ack_by` is there only while an acknowledgement is awaited."""
    sent = fact["assigned_at"]
    tasks[fact["task_id"]] = {
        "id": fact["task_id"],
        "step": fact["step"],
        "n": fact["n"],
        "clause": fact["clause"],
        "to": fact["to"],
        "optional": fact.get("optional", False),
        "only_ack": fact.get("only_ack", False),
        "visit": VISIT_MARK in fact.get("record", ()),
        "state": "open",
        "assigned_at": sent,
        "sent_at": sent,
        "ack_wait": fact.get("ack_wait"),
        "ack_by": _after(sent, fact.get("ack_wait")),
        "arrive_by": fact.get("arrive_by"),
        "finish_by": fact.get("finish_by"),
        **{name: fact[name] for name in ("calls", "assumed") if fact.get(name)},
    }


def change(tasks: dict[str, Task], fact: Body) -> None:
    """Another addressee restarts the `ack` clock and no other (SOP S2c); an ended task takes no change."""
    task = tasks.get(fact["task_id"])
    if task is None or task["state"] != "open":
        return
    what, at = fact["what"], fact["accepted_at"]
    if fact.get("to") is not None:
        task["to"], task["sent_at"] = fact["to"], at
        task["ack_by"] = _after(at, task["ack_wait"])
    for limit in ("arrive_by", "finish_by"):
        if fact.get(limit) is not None:
            task[limit] = fact[limit]
    if fact.get("record"):
        _record(task, fact)
    if what in ("acknowledged", "started", "arrived"):
        acknowledge(task, at)
    if what in _TIMES:
        task.setdefault(_TIMES[what], at)


def acknowledge(task: Task, at: datetime) -> None:
    """The first acknowledgement is the one that counts in the figures; a later one ends the waiting too."""
    task.setdefault("acknowledged_at", at)
    task["ack_by"] = None


def end(tasks: dict[str, Task], fact: Body) -> None:
    """By an outcome, or because it is no longer wanted; `arrive` and `ack` may be what ends a step."""
    task = tasks.get(fact["task_id"])
    if task is None:
        return
    done = fact["type"] == "task.ended"
    task["state"] = "ended" if done else "withdrawn"
    task["outcome"] = fact["outcome"] if done else fact["why"]
    task["ended_at"] = fact["accepted_at"]
    if fact.get("record"):
        task["record"] = {**task.get("record", {}), **fact["record"]}
    if fact.get("by"):
        task["by"] = fact["by"]


def answer(tasks: dict[str, Task], reply: Body) -> None:
    """*Acknowledge* and *arrive* are never refused by state, so the answer itself stops those clocks."""
    task = tasks.get(reply["task_id"])
    if task is None or task["state"] != "open" or reply["accepted_at"] < task["sent_at"]:
        return
    acknowledge(task, reply["accepted_at"])
    if reply["type"] == "reply.arrived":
        task.setdefault("arrived_at", reply["accepted_at"])


def due_at(task: Task) -> datetime | None:
    """The earliest clock still running on an open task; a return visit is a matter of its quota (SOP S3.5)."""
    if task["state"] != "open" or task["visit"]:
        return None
    running = [task["ack_by"], task["finish_by"], None if "arrived_at" in task else task["arrive_by"]]
    return earliest(running)


def was_late(task: Task) -> bool:
    """Arrived or ended after its time; a clock that still runs is compared with `now` by whoever asks."""
    if task["visit"]:
        return False
    return _past(task.get("arrived_at"), task["arrive_by"]) or (
        task["state"] == "ended" and _past(task["ended_at"], task["finish_by"])
    )


def is_late(task: Task, passed: Container[str]) -> bool:
    """Whether a limit of the task has passed, as escalation says (`passed`: tasks), or it was late by itself."""
    return was_late(task) or (task["id"] in passed and not task["visit"])


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _record(task: Task, fact: Body) -> None:
    """What was written down before the task ended stays an entry of its own (SOP S9)."""
    entry = {"at": fact["accepted_at"], "record": fact["record"]}
    task.setdefault("records", []).append({**entry, "by": fact["by"]} if fact.get("by") else entry)
    task["record"] = {**task.get("record", {}), **fact["record"]}


def _after(start: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else start + timedelta(seconds=seconds)


def _past(at: datetime | None, limit: datetime | None) -> bool:
    return at is not None and limit is not None and at > limit
