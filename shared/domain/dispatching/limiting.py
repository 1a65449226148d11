"""Limits that count from what was recorded: they are set anew when that is said or corrected.

Never later where they are the resident's, nor where they were promised: what counts from the report moves to an
earlier instant only, and a promise once made is put off by a head alone (SOP S2c).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.tasks import TaskChanged
from shared.contracts.vocabulary import Clock
from shared.domain.dispatching.sending import limit_row
from shared.domain.dispatching.state import Task, addressee, open_tasks
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Limit, Step
from shared.domain.playbooks.limit_checks import REPORT_TIMES

_CLOCKS: Mapping[Clock, str] = {"arrive": "arrive_by", "finish": "finish_by"}
_NONE: frozenset[str] = frozenset()


def set_anew(work: Work, fields: frozenset[str], first: frozenset[str] = _NONE) -> None:
    """Of every open task whose step counts from one of these; what was extended, started or carried stays.

    `first`: those that were never recorded before in this case.
    """
    for task in open_tasks(work.state):
        step = work.step_of(task)
        if step and not task.get("fixed"):
            due = dict(_changed(work, step, task, fields, first))
            if due:
                work.add(TaskChanged, task_id=task["id"], what="limit", **due)


def _changed(
    work: Work, step: Step, task: Task, fields: frozenset[str], first: frozenset[str]
) -> list[tuple[str, datetime]]:
    found: list[tuple[str, datetime]] = []
    for clock, field in _CLOCKS.items():
        if not any(row.clock == clock and _counts_from(row) & fields for row in step.limits):
            continue
        due = limit_row(work, step, clock, addressee(task), sent_at=task["at"])
        old = task.get(field)
        if due and due.at != old and not (old and due.at > old and _only_earlier(due.row, first)):
            found.append((field, due.at))
    return found


def _counts_from(row: Limit) -> frozenset[Any]:
    by = (row.by or "").removeprefix("field:")
    return frozenset({row.field, by})


def _only_earlier(row: Limit, first: frozenset[str]) -> bool:
    """The resident's clock, and what somebody promised; what was only assumed so far is not either of them."""
    by = row.by or ""
    said = by.removeprefix("field:") if by.startswith("field:") else row.field
    promised = row.field is not None and row.field not in REPORT_TIMES
    return (row.after == "report" or promised) and said not in first
