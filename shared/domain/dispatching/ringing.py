"""A clock that dispatch keeps has run out."""

from shared.contracts.escalations import GradePromoted, RungReached
from shared.contracts.replies import DeadlinePassed
from shared.contracts.tasks import TaskChanged
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin
from shared.domain.dispatching.grades import raise_grade
from shared.domain.dispatching.kinds import change_kind
from shared.domain.dispatching.opening import open_on, open_step
from shared.domain.dispatching.placing import place_known
from shared.domain.dispatching.state import Task, task_of
from shared.domain.dispatching.work import Work


def on_deadline(work: Work, passed: DeadlinePassed) -> None:
    """The name says which: `timed.`, `opens.`, `notice.`, `check.` or `grade.no_place`."""
    if passed.name == timers.NO_PLACE:
        if not place_known(work):
            raise_grade(work, "major")
        return
    kind, *rest = passed.name.split(".")
    RINGS[kind](work, rest)


def _task(work: Work, name: str) -> Task:
    found: Task = work.state["tasks"][name]
    return found


def _on_timed(work: Work, rest: list[str]) -> None:
    """In the name of whoever did not answer; the step stays open (SOP S3.2.3)."""
    task = _task(work, rest[0])
    step = work.step_of(task)
    if not step or not task["open"]:
        return
    row = step.timed[int(rest[1]) if len(rest) > 1 else 0]
    if row.kind:
        change_kind(work, row.kind)
    for target in row.opens:
        open_step(work, target, Origin(opener=task, helps=tuple(task["helps"])))


def _on_opens(work: Work, rest: list[str]) -> None:
    task = _task(work, rest[1])
    open_step(work, rest[0], Origin(opener=task, helps=tuple(task["helps"])), anew=True)


def _on_notice(work: Work, rest: list[str]) -> None:
    """Due by the clock; `unless` has stopped it where something ended in time."""
    notice = work.playbook.notices.get(rest[0])
    task = _task(work, rest[2]) if len(rest) > 2 else None
    if notice:
        notices.issue(work, notice, task)


def _on_check(work: Work, rest: list[str]) -> None:
    """A half-hourly check was missed (SOP S3.3.4)."""
    task = _task(work, rest[0])
    notices.on_event(work, "check_missed", task, task["step"])


RINGS = {"timed": _on_timed, "opens": _on_opens, "notice": _on_notice, "check": _on_check}


# ---- what escalation says --------------------------------------------------------


def on_rung(work: Work, reached: RungReached) -> None:
    """Whoever was asked may answer too; nothing else changes."""
    task = task_of(work.state, reached.task_id)
    if task and task["open"] and reached.role != task["role"] and reached.role not in task.get("may", ()):
        wider = tuple(sorted({*task.get("may", ()), reached.role}))
        work.add(TaskChanged, task_id=task["id"], what="asked_wider", may_answer=wider)


def on_promoted(work: Work, promoted: GradePromoted) -> None:
    """By the clock or by links; what it opens relieves the former owner (SOP S8). What is major is so already."""
    if work.state["grade"] == promoted.grade:
        return
    raise_grade(work, promoted.grade)
    open_on(work, "promoted")
    notices.on_event(work, "promoted")
