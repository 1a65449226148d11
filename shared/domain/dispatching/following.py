"""A task ends, and what follows from its outcome."""

from typing import Any, get_args

from shared.contracts.event import Speaker
from shared.contracts.tasks import ReportChanged, TaskEnded
from shared.contracts.vocabulary import KINDS, Grade, Urgency
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin
from shared.domain.dispatching.endings import withdraw
from shared.domain.dispatching.grades import RANKS, may_lower, may_raise, set_grade
from shared.domain.dispatching.handing import hand_to_named
from shared.domain.dispatching.helps import change_help, end_answered
from shared.domain.dispatching.kinds import call_more, change_kind
from shared.domain.dispatching.limiting import set_anew
from shared.domain.dispatching.opening import open_step
from shared.domain.dispatching.placing import change_place
from shared.domain.dispatching.recording import Record, named_in, row_of
from shared.domain.dispatching.reopening import reopen
from shared.domain.dispatching.state import GIVEN_UP, Task, helps_of, instant, is_closed, key, of_step, open_tasks
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Outcome, Step

NOT_DONE = (*GIVEN_UP, "hand_on")


def end(
    work: Work, task: Task, outcome: str, record: Record, by: Speaker | None, to_department: str | None = None
) -> None:
    """Ends the task by this outcome; with it what only waited for it, then everything that the outcome opens.

    A hand-on names the department it goes to, and its finish clock is carried over.
    """
    step = work.step_of(task)
    after = timers.after_step(work, step, key(task), outcome) if step else ()
    work.add(TaskEnded, task_id=task["id"], outcome=outcome, record=dict(record), by=by, timers=after or None)
    row = row_of(work, step, outcome) if step else None
    if step is None or row is None:
        return
    closed = is_closed(work.state)
    if closed and not row.reopens:
        return
    if row.reopens and (closed or not work.state.get("ending")):
        reopen(work, task)
    if outcome not in NOT_DONE:
        _end_others(work, step, outcome)
    take_in(work, step, row, record, by, task)
    follow(work, step, work.fresh(task), outcome, row, record, to_department)
    if row.calls:
        call_more(work)
    if outcome not in NOT_DONE:
        _end_until(work, {step.id, f"{step.id}:{outcome}"})


def _end_others(work: Work, step: Step, outcome: str) -> None:
    """One gate meets the ambulance; the other gates' tasks end by themselves."""
    others = step.first_ends_others
    if others is None or outcome == others:
        return
    for task in of_step(work.state, step.id):
        if task["open"]:
            work.add(TaskEnded, task_id=task["id"], outcome=others)


def _end_until(work: Work, ended: set[str]) -> None:
    """What was to last until this step ended, or ended so."""
    for task in open_tasks(work.state):
        step = work.step_of(task)
        if step and ended.intersection(step.until) and work.fresh(task)["open"]:
            end(work, task, step.first_outcome, {}, None)


def take_in(work: Work, step: Step, row: Outcome, record: Record, by: Speaker | None, task: Task) -> None:
    """Recorded fields that are fields of the report change the report too (PLAYBOOKS 0.6, 8)."""
    fields = {field.id for field in step.record}
    said = {field: value for field, value in record.items() if field in fields and isinstance(value, str)}
    _take_in_plain(work, said)
    if place := said.get("patient_place", "").strip():
        change_place(work, place[:80], None, None, by, spared=task)
    grade, kind = row.grade or said.get("grade"), said.get("kind")
    if grade in RANKS and grade:
        _grade_by_record(work, grade, by, only_up=bool(row.grade))
    if kind and kind in KINDS.get(work.report["category"], ()):
        change_kind(work, kind)  # type: ignore[arg-type]


def _take_in_plain(work: Work, said: dict[str, str]) -> None:
    """What changes a field and nothing else, but the limits that count from it."""
    changed: dict[str, Any] = {}
    if phone := said.get("patient_phone", "").strip():
        changed["patient_phone"] = phone[:80]
    if said.get("urgency") in get_args(Urgency):
        changed["urgency"] = said["urgency"]
    if appointment := instant(said.get("appointment_at")):
        changed["appointment_at"] = appointment
    if changed:
        work.add(ReportChanged, **changed)
        set_anew(work, frozenset(changed))


def _grade_by_record(work: Work, grade: Grade, by: Speaker | None, *, only_up: bool) -> None:
    """What only a head may lower stays as it is, and an outcome lowers nothing by the way; the rest of the record
    counts all the same."""
    lower = RANKS[grade] < RANKS[work.state["grade"]]
    if by and not (lower and only_up) and (may_lower(work, by) if lower else may_raise(work, by)):
        set_grade(work, grade)


def follow(
    work: Work, step: Step, task: Task, outcome: str, row: Outcome, record: Record, to_department: str | None = None
) -> None:
    """Help first, so that what opens already serves the new one; then the steps, then who is to be told."""
    stayers = _choose_help(work, step, task, row, record) if row.help else ()
    if row.withdraws:
        withdraw(work, _branch(work, task), "relieved")
    if row.kind:
        change_kind(work, row.kind)
    if row.help or row.kind:
        end_answered(work)
    named, task = named_in(work, step, record), work.fresh(task)
    origin = Origin(task, tuple(row.help or task["helps"]), named.people, to_department or named.department)
    if outcome == "hand_on":
        origin = origin._replace(carried=task)
    for target in row.opens:
        scene = (task, *stayers) if row.help and _same_role(work, step, target) else ()
        if not (row.withdraws and target == "stand_down"):
            open_step(work, target, origin._replace(people=scene))
    notices.on_step(work, step, task, outcome)
    if step.side:
        hand_to_named(work, task, named)


def _choose_help(work: Work, step: Step, task: Task, row: Outcome, record: Record) -> tuple[Task, ...]:
    """The new help takes the place of those the task served; gives who stays on the scene under another task.

    A record may name several helps at once, if it names the one that the outcome says.
    """
    wished = record.get("help")
    several: set[str] = set(wished) if isinstance(wished, list) else set()
    chosen = several if set(row.help) <= several else set(row.help)
    beside = [t for t in of_step(work.state, step.id) if t["open"] and t["id"] != task["id"]]
    stayers = [t for t in beside if any(_same_role(work, step, name) for name in row.opens)]
    change_help(work, set(helps_of(work.state)) - set(task["helps"]) | chosen, stayers, asked_for=chosen)
    return tuple(stayers)


def _same_role(work: Work, step: Step, target: str) -> bool:
    found = work.playbook.steps.get(target)
    return found is not None and not found.side and found.role == step.role


def _branch(work: Work, task: Task) -> list[Task]:
    """The other open tasks of the same helps, or all of the case where the task has none."""
    mine = set(task["helps"])
    others = [t for t in open_tasks(work.state) if t["id"] != task["id"]]
    return [t for t in others if not mine or (t["helps"] and set(t["helps"]) <= mine)]
