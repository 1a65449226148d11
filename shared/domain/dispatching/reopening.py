"""A failed return visit: the case starts its next round (SOP S8).

Id, class and lane stay, but from then on it is a complaint: the steps that its playbook opens on `reopened`, and
what these lead to. What the class itself does when a case becomes major, or at its end, is over.
"""

from shared.contracts.tasks import ReportChanged, ReportReopened, Timer
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin
from shared.domain.dispatching.opening import open_on, open_step
from shared.domain.dispatching.state import Task
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Step
from shared.domain.playbooks.paths import leads_to


def reopen(work: Work, task: Task) -> None:
    """Its owner is the desk again, as of any complaint that was not graded yet."""
    work.add(ReportReopened, round=work.state["round"] + 1, why=task["step"])
    if work.state["owner"] != work.playbook.owner:
        work.add(ReportChanged, owner=work.playbook.owner)
    open_on(work, "reopened")
    notices.on_event(work, "reopened", task)


def recording_step(work: Work) -> Step | None:
    """What records the end of this round."""
    again = (step for step in _of_round(work) if step.last)
    return next(again, work.playbook.steps.get(work.playbook.recording_step or ""))


def open_major(work: Work) -> None:
    """Whoever leads a grave complaint, in its later rounds; else what the class opens and tells."""
    found = _of_round(work)
    for step in found:
        if step.relieves:
            open_step(work, step.id, Origin())
    if not found:
        open_on(work, "major")
        notices.on_event(work, "major")


def major_timers(work: Work) -> tuple[Timer, ...]:
    return () if _of_round(work) else timers.at_major(work)


def _of_round(work: Work) -> list[Step]:
    """The steps of a later round in the order of the procedure; empty in the first, or where the class has none."""
    if work.state["round"] == 1:
        return []
    starts = (step.id for step in work.lookup.opened_by.get(("reopened", None), ()))
    found = leads_to(work.playbook, starts)
    return [step for name, step in work.playbook.steps.items() if name in found]
