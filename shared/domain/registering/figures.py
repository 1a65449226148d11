"""What is read off a row's tasks: who took part, and how long things took."""

from datetime import datetime
from typing import Any

from shared.domain.registering.task_lives import Task, earliest

Row = dict[str, Any]


def seconds(row: Row, tasks: list[Task]) -> dict[str, float]:
    """From the resident's clock (a linked report keeps the first one's) to the first task, 明白, 到达, the end."""
    start: datetime | None = row.get("clock_from") or row.get("received_at")
    if start is None:
        return {}
    moments = {
        "task": earliest(t["assigned_at"] for t in tasks),
        "acknowledged": earliest(t.get("acknowledged_at") for t in tasks),
        "arrived": earliest(t.get("arrived_at") for t in tasks),
        "ended": row.get("closed_at"),
    }
    return {name: max(0.0, (at - start).total_seconds()) for name, at in moments.items() if at is not None}


def people(row: Row, tasks: list[Task]) -> set[str]:
    """Ids of the persons who received, held, answered or corrected; never a name (SOP S10)."""
    speakers = [row.get("received_by"), *(t["to"] for t in tasks), *(t.get("by") for t in tasks)]
    speakers += [entry.get("by") for entry in row.get("corrections", ())]
    return {speaker["person"] for speaker in speakers if speaker and speaker.get("person")}


def department(task: Task) -> str:
    """Whose hand-on it was: a department where there is one, else the role (SOP S2c)."""
    return str(task["to"].get("department") or task["to"]["role"])
