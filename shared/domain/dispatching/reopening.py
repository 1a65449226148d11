"""A failed return visit: the case starts its next round (SOP S8)."""

from shared.contracts.tasks import ReportReopened
from shared.domain.dispatching import notices
from shared.domain.dispatching.opening import open_on
from shared.domain.dispatching.state import Task
from shared.domain.dispatching.work import Work


def reopen(work: Work, task: Task) -> None:
    work.add(ReportReopened, round=work.state["round"] + 1, why=task["step"])
    open_on(work, "reopened")
    notices.on_event(work, "reopened", task)
