"""Which help the resident wishes: a set that may change, and the questions it answers (SOP S3.0)."""

from collections.abc import Iterable, Sequence

from shared.contracts.tasks import ReportChanged, TaskEnded
from shared.contracts.vocabulary import HELPS
from shared.domain.dispatching import timers
from shared.domain.dispatching.addressing import Origin, each_of_hands
from shared.domain.dispatching.endings import tell_others, withdraw
from shared.domain.dispatching.opening import is_known_already, known, open_on, open_step
from shared.domain.dispatching.state import (
    Task,
    helps_of,
    open_tasks,
    same_hands,
    tasks,
)
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Step

STAYING = "stay_with_patient"
WITH_PATIENT = frozenset({"take_to_hospital", "settle", "nurse"})
STANDING_BY = "stand_by"


def change_help(
    work: Work, wanted: Iterable[str], spared: Sequence[Task] = (), *, asked_for: Iterable[str] = ()
) -> None:
    """The whole new set. A help taken away ends the tasks that served it alone and stands their holders down.

    `asked_for`: helps that somebody asks for now; one whose work is over by then begins anew, so that a 120
    that was called off and is wanted again is called again.
    """
    chosen = set(wanted)
    over = {h for h in asked_for if h in helps_of(work.state) and not _is_served(work, h)}
    if over:
        work.add(ReportChanged, help=tuple(h for h in helps_of(work.state) if h not in over))
    was, new = helps_of(work.state), tuple(h for h in HELPS if h in chosen)
    if set(was) == set(new):
        return
    dropped = [t for t in tasks(work.state) if t["helps"] and not set(t["helps"]) & set(new)]
    work.add(ReportChanged, help=new)
    gone = withdraw(work, dropped, "help_changed", spared)
    for one in new:
        if one not in was:
            open_on(work, "help", one)
    tell_others(work, [t for t in dropped if "outcome" in t], gone)
    end_answered(work)


def _is_served(work: Work, help: str) -> bool:
    """Whether anybody is still at it; feeding back, recording and waiting for it apart."""
    last = work.playbook.recording_step
    return any(help in task["helps"] and _leads_on(work.step_of(task), last) for task in open_tasks(work.state))


def _leads_on(step: Step | None, last: str | None) -> bool:
    if step is None or step.optional or step.side:
        return False
    return bool({target for row in step.outcomes.values() for target in row.opens} - {last})


def stay(work: Work, wanted: Iterable[str]) -> list[Task]:
    """Opens the wait for 120 to those on the scene whose help is given up for it; gives the tasks they leave."""
    step, chosen = work.playbook.steps.get(STAYING), set(wanted)
    if not step or "ambulance" not in chosen or timers.over(work, step.until):
        return []
    there = [t for t in tasks(work.state) if _is_with_patient(work, t)]
    scene = [t for t in there if t["helps"] and not set(t["helps"]) & chosen]
    if scene and not work.opened(step.id):
        open_step(work, step.id, Origin(opener=scene[0], helps=("ambulance",), people=tuple(each_of_hands(scene))))
        return scene
    return []


def _is_with_patient(work: Work, task: Task) -> bool:
    """At work there, or standing by at the patient's home and not under way with anything else."""
    if not task.get("person") or task.get("stale"):
        return False
    if task["open"]:
        return task["step"] in WITH_PATIENT
    waits = task["step"] == STANDING_BY and task["arrived"] and task.get("outcome") == "arrived"
    at_home = work.state["kept"].get("standby") != "service_centre"
    return waits and at_home and not any(same_hands(task, other) for other in open_tasks(work.state))


def end_answered(work: Work) -> None:
    """A question whose answer came by another way ends by itself."""
    for task in open_tasks(work.state):
        step = work.step_of(task)
        if step and step.skip and is_known_already(work, step):
            outcome = step.skip.outcome or _fitting(work, step)
            asked = [field.id for field in step.record if field.id in step.skip.fields]
            record = {field: _plain(known(work, field)) for field in asked}
            work.add(TaskEnded, task_id=task["id"], outcome=outcome, record=record)
            for target in step.outcomes[outcome].opens if step.skip.outcome else ():
                open_step(work, target, Origin(opener=work.fresh(task), helps=tuple(task["helps"])))


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _fitting(work: Work, step: Step) -> str:
    """The outcome that stands for a help now chosen."""
    chosen = set(helps_of(work.state))
    return next((name for name, row in step.outcomes.items() if chosen & set(row.help)), step.first_outcome)
