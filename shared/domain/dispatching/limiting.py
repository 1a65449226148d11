"""Limits that count from what was recorded: they are set anew when that is said or corrected.

The resident's clock is no such limit: what is counted from the report alone never moves (SOP S2c).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.tasks import TaskChanged
from shared.contracts.vocabulary import Clock
from shared.domain.dispatching.sending import limit
from shared.domain.dispatching.state import Task, addressee, open_tasks
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Limit, Step

_CLOCKS: Mapping[Clock, str] = {"arrive": "arrive_by", "finish": "finish_by"}


def set_anew(work: Work, fields: frozenset[str]) -> None:
    """Of every open task whose step counts from one of these; what was extended, started or carried stays."""
    for task in open_tasks(work.state):
        step = work.step_of(task)
        if step and not task.get("fixed"):
            due = dict(_changed(work, step, task, fields))
            if due:
                work.add(TaskChanged, task_id=task["id"], what="limit", **due)


def _changed(work: Work, step: Step, task: Task, fields: frozenset[str]) -> list[tuple[str, datetime]]:
    found: list[tuple[str, datetime]] = []
    for clock, field in _CLOCKS.items():
        if not any(row.clock == clock and _counts_from(row) & fields for row in step.limits):
            continue
        due = limit(work, step, clock, addressee(task), sent_at=task["at"])
        if due and due != task.get(field):
            found.append((field, due))
    return found


def _counts_from(row: Limit) -> frozenset[Any]:
    by = (row.by or "").removeprefix("field:")
    return frozenset({row.field, by})
