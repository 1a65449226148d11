"""Where people are to go: a corrected place is read back by everybody who is under way (SOP S3.0)."""

from shared.contracts.event import Speaker
from shared.contracts.tasks import ReportChanged, TaskWithdrawn
from shared.domain.dispatching import notices
from shared.domain.dispatching.addressing import each_of_hands
from shared.domain.dispatching.endings import speaks_for
from shared.domain.dispatching.opening import open_for_holders
from shared.domain.dispatching.state import (
    Task,
    addressee,
    open_tasks,
    same_hands,
    tasks,
)
from shared.domain.dispatching.work import Work
from shared.domain.estates.places import place_short
from shared.domain.playbooks.format import Step


def change_place(
    work: Work,
    place: str,
    short: str | None,
    building: str | None,
    by: Speaker | None,
    *,
    spared: Task | None = None,
) -> None:
    """Every holder reads the new place back, but whoever said it; an older correction is void."""
    if not short:
        found, short = place_short(work.world.estate, place)
        building = building or found
    report = work.report
    if (place, short) == (report.get("place"), report.get("place_short")):
        return
    work.add(ReportChanged, place=place, place_short=short, building=building)
    for task in open_tasks(work.state):
        if task["step"] == "correct_place":
            work.add(TaskWithdrawn, task_id=task["id"], why="relieved")
    step = work.playbook.steps.get("correct_place")
    if step:
        others = [t for t in open_tasks(work.state) if not speaks_for(by, t) and t is not spared]
        open_for_holders(work, step, others)
        _tell_arrived(work, step, by)


def _tell_arrived(work: Work, step: Step, by: Speaker | None) -> None:
    """Whoever arrived, and has no task left, stands at the wrong place."""
    there = [t for t in tasks(work.state) if t["arrived"] and t["round"] == work.state["round"]]
    waiting = [t for t in there if not (t["open"] or t.get("withdrawn") or t.get("stale"))]
    for task in each_of_hands(waiting):
        busy = any(same_hands(task, other) for other in open_tasks(work.state))
        if not busy and not speaks_for(by, task):
            notices.tell(work, step.id, step.clause, step.words, addressee(task), work.lane, task)


def place_known(work: Work) -> bool:
    return bool(work.report.get("place"))
