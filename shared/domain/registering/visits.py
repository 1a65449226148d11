"""Return visits: which tasks are visits, and how many of a hundred cases are to have one (SOP S3.5, S7, S8)."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.playbooks.format import Playbook, Playbooks
from shared.domain.registering.figures import GIVEN_UP
from shared.domain.registering.task_lives import VISIT_MARK, Task

Row = dict[str, Any]
Quotas = Mapping[tuple[str, int], Mapping[str, int]]
"""By class and playbook version: a step and its quota in percent."""

MARKS = ("A", "B", "C")


def visits(tasks: Iterable[Task]) -> list[Row]:
    """Every visit there was to be, with its outcome and mark as far as it has them."""
    return [_visit(task) for task in tasks if task["visit"] and task["state"] != "withdrawn"]


def quotas_of(playbooks: Playbooks) -> Quotas:
    """Of every version there is, so that a case is measured by the one it began with."""
    books = [*playbooks.by_category.values(), *(b for some in playbooks.earlier.values() for b in some.values())]
    return {(book.playbook, book.version): _quotas(book) for book in books}


def _quotas(book: Playbook) -> dict[str, int]:
    return {step.id: step.quota for step in book.steps.values() if step.quota is not None}


def _visit(task: Task) -> Row:
    visit: Row = {"step": task["step"], "open": task["state"] == "open"}
    if task["state"] == "ended":
        visit |= {"outcome": task["outcome"], "done": task["outcome"] not in GIVEN_UP}
        if (mark := task.get("record", {}).get(VISIT_MARK)) in MARKS:
            visit["mark"] = mark
    return visit
