"""What is read off a row's tasks: who took part, what each department did of it, and how long things took."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shared.domain.registering.task_lives import Task, due_at, earliest, is_late

Row = dict[str, Any]

GIVEN_UP = frozenset({"cancelled", "impossible"})
"""Outcomes of every step that say it was not done."""


def seconds(row: Row, tasks: list[Task]) -> dict[str, float]:
    """From the resident's clock (a linked report keeps the first one's) to the first task, 明白, 到达, the end.

    A notice that is acknowledged is no task done, and what was written up from paper has no times (SOP S9).
    """
    return _seconds(row, _done(tasks), row.get("closed_at"))


def shares(row: Row, tasks: list[Task]) -> list[Row]:
    """The same of each department's own tasks, whose end is that of its last one while none is open."""
    by_department: dict[str, list[Task]] = {}
    for task in _done(tasks):
        by_department.setdefault(department(task), []).append(task)
    overdue = {entry["task_id"] for entry in row.get("limits", ())}
    return [_share(row, name, its, overdue) for name, its in sorted(by_department.items())]


def people(row: Row, tasks: list[Task]) -> set[str]:
    """Ids of the persons who received, held, answered or corrected; never a name (SOP S10)."""
    speakers = [row.get("received_by"), *(t["to"] for t in tasks), *(t.get("by") for t in tasks)]
    speakers += [entry.get("by") for entry in row.get("corrections", ())]
    return {speaker["person"] for speaker in speakers if speaker and speaker.get("person")}


def department(task: Task) -> str:
    """Whose task or hand-on it was: a department where there is one, else the role (SOP S2c)."""
    return str(task["to"].get("department") or task["to"]["role"])


def is_answered(row: Row, tasks: list[Task]) -> bool:
    """Whether the caller of a linked report was told how it stands: its last task was done, not given up."""
    ended = [t for t in _done(tasks) if t["state"] == "ended" and not t["optional"]]
    last = max(ended, key=lambda t: (t["ended_at"], t["id"]), default=None)
    return row["state"] == "linked" and last is not None and last["outcome"] not in GIVEN_UP


def _done(tasks: Iterable[Task]) -> list[Task]:
    return [task for task in tasks if not task["only_ack"]]


def _share(row: Row, name: str, tasks: list[Task], overdue: set[str]) -> Row:
    is_open = any(t["state"] == "open" for t in tasks)
    last = max((t["ended_at"] for t in tasks if t["state"] == "ended"), default=None)
    return {
        "department": name,
        "open_tasks": sum(t["state"] == "open" for t in tasks),
        "seconds": _seconds(row, tasks, None if is_open else last),
        "late": any(is_late(t, overdue) for t in tasks),
        "due_at": earliest(map(due_at, tasks)),
        "hand_ons": sum(t.get("outcome") == "hand_on" for t in tasks),
    }


def _seconds(row: Row, tasks: list[Task], ended: datetime | None) -> dict[str, float]:
    start: datetime | None = row.get("clock_from") or row.get("received_at")
    if start is None or row.get("written_up"):
        return {}
    moments = {
        "task": earliest(t["assigned_at"] for t in tasks),
        "acknowledged": earliest(t.get("acknowledged_at") for t in tasks),
        "arrived": earliest(t.get("arrived_at") for t in tasks),
        "ended": ended,
    }
    return {name: max(0.0, (at - start).total_seconds()) for name, at in moments.items() if at is not None}
