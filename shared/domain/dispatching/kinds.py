"""What exactly it is: a kind may be learnt or corrected after the filing, within its class and lane (SOP S1)."""

from shared.contracts.tasks import ReportChanged, TaskAssigned, TaskEnded
from shared.contracts.vocabulary import Kind
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin
from shared.domain.dispatching.endings import dismiss, take_away
from shared.domain.dispatching.grades import raise_grade
from shared.domain.dispatching.opening import is_real, open_step
from shared.domain.dispatching.outside import wanted
from shared.domain.dispatching.state import (
    NUMBERS,
    Task,
    ancestors,
    key_of,
    of_step,
    open_tasks,
    same_hands,
    tasks,
)
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.paths import leads_to


def change_kind(work: Work, kind: Kind) -> None:
    """What only the old kind asked for ends; what the new one asks for opens (PLAYBOOKS 0.6, 7)."""
    old = work.report.get("kind")
    if old == kind:
        return
    before = entries(work)
    work.add(ReportChanged, kind=kind, timers=timers.at_kind(work, kind) or None)
    after = entries(work)
    new = [name for name in after if name not in before]
    # The questions of a report without a kind stay: only their answer ends them.
    lost = [name for name in before if old and name not in after]
    # What the new kind leads to as well goes on: nobody is called back from an evacuation to begin another.
    still = leads_to(work.playbook, after)
    gone = [t for t in open_tasks(work.state) if is_real(work, t) and _root(work, t) in lost]
    gone = take_away(work, [t for t in gone if t["step"] not in still], "kind_corrected")
    for name in new:
        open_step(work, name, Origin())
    _send_back(work, new)
    dismiss(work, gone, [t for t in gone if _has_more(work, t)])
    call_more(work)
    notices.on_kind(work, kind)
    if kind in work.playbook.grading.kinds:
        raise_grade(work, "major")


def _send_back(work: Work, again: list[str]) -> None:
    """A kind that is corrected back: whom an earlier correction called away goes on where they were."""
    for task in tasks(work.state):
        called_back = task.get("withdrawn") == "kind_corrected" and task["round"] == work.state["round"]
        if called_back and _root(work, task) in again:
            opener = work.state["tasks"].get(task.get("opened_by") or "")
            open_step(work, task["step"], Origin(opener=opener, helps=tuple(task["helps"])), anew=True)


def _has_more(work: Work, task: Task) -> bool:
    sent = [work.state["tasks"][key_of(f.task_id)] for f in work.facts if isinstance(f, TaskAssigned)]
    return any(same_hands(task, other) for other in sent)


def call_more(work: Work) -> None:
    """What was not called yet is called now: a murder was reported as a fight, somebody is hurt after all."""
    said = work.state["kept"].get(NUMBERS) or ()
    for step in work.playbook.steps.values():
        ended = [t for t in of_step(work.state, step.id) if not t["open"]]
        if isinstance(step.calls, dict) and ended and not wanted(work, step) <= set(said):
            open_step(work, step.id, Origin(opener=ended[-1]), anew=True)


def _root(work: Work, task: Task) -> str:
    return str(list(ancestors(work.state, task))[-1]["step"])


def entries(work: Work) -> list[str]:
    """What opens at filing: the entries of a kind replace those of `filed` where there are any (PLAYBOOKS 0.1)."""
    by_kind = _opened_by(work, "kind", work.report.get("kind"))
    return by_kind if work.report.get("kind") and by_kind else _opened_by(work, "filed", None)


def _opened_by(work: Work, event: str, value: str | None) -> list[str]:
    return [step.id for step in work.lookup.opened_by.get((event, value), ())]


def end_asked_kind(work: Work) -> None:
    """The question for the kind, when it was said by another way."""
    kind = work.report.get("kind")
    for task in open_tasks(work.state):
        step = work.step_of(task)
        outcome = (
            next((name for name, row in step.outcomes.items() if row.kind and row.kind == kind), None)
            if step
            else None
        )
        if outcome:
            work.add(TaskEnded, task_id=task["id"], outcome=outcome, record={"kind": kind})
