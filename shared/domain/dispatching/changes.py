"""What of the report changes, whoever says it: help, place, kind, grade; and what follows from the change."""

from collections.abc import Iterable, Sequence

from shared.contracts.event import Speaker
from shared.contracts.tasks import ReportChanged, TaskEnded, TaskWithdrawn
from shared.contracts.vocabulary import HELPS, Grade, Kind
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin, each_of_hands
from shared.domain.dispatching.endings import speaks_for, tell_others, withdraw
from shared.domain.dispatching.opening import is_known_already, is_real, known, open_for_holders, open_on, open_step
from shared.domain.dispatching.reopening import major_timers, open_major
from shared.domain.dispatching.state import Task, ancestors, helps_of, open_tasks, tasks
from shared.domain.dispatching.work import Work
from shared.domain.estates.places import place_short
from shared.domain.playbooks.format import Step

RANKS: dict[Grade | None, int] = {None: 0, "minor": 0, "ordinary": 0, "important": 1, "major": 2}
STAYING = "stay_with_patient"
WITH_PATIENT = frozenset({"take_to_hospital", "settle", "nurse"})
HEADS = frozenset({"service_head", "management_director"})


# ---- help (SOP S3.0) -----------------------------------------------------------


def change_help(work: Work, wanted: Iterable[str], spared: Sequence[Task] = ()) -> None:
    """The whole new set. A help taken away ends the tasks that served it alone and stands their holders down."""
    chosen = set(wanted)
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


def stay(work: Work, wanted: Iterable[str]) -> list[Task]:
    """Opens the wait for 120 to those on the scene whose help is given up for it; gives the tasks they leave."""
    step, chosen = work.playbook.steps.get(STAYING), set(wanted)
    if not step or "ambulance" not in chosen or timers.over(work, step.until):
        return []
    there = [t for t in open_tasks(work.state) if t["step"] in WITH_PATIENT and t.get("person")]
    scene = [t for t in there if t["helps"] and not set(t["helps"]) & chosen]
    if scene and not work.opened(step.id):
        open_step(work, step.id, Origin(opener=scene[0], helps=("ambulance",), people=tuple(each_of_hands(scene))))
        return scene
    return []


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


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _fitting(work: Work, step: Step) -> str:
    """The outcome that stands for a help now chosen."""
    chosen = set(helps_of(work.state))
    return next((name for name, row in step.outcomes.items() if chosen & set(row.help)), step.first_outcome)


# ---- place (SOP S3.0) ----------------------------------------------------------


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


def place_known(work: Work) -> bool:
    return bool(work.report.get("place"))


# ---- kind ----------------------------------------------------------------------


def change_kind(work: Work, kind: Kind) -> None:
    """What only the old kind asked for ends; what the new one asks for opens (PLAYBOOKS 0.6, 7)."""
    old = work.report.get("kind")
    if old == kind:
        return
    before = entries(work)
    work.add(ReportChanged, kind=kind, timers=timers.at_kind(work, kind) or None)
    after = entries(work)
    # The questions of a report without a kind stay: only their answer ends them.
    lost = [name for name in before if old and name not in after]
    gone = [t for t in open_tasks(work.state) if is_real(work, t) and _root(work, t) in lost]
    withdraw(work, gone, "kind_corrected")
    for name in after:
        if name not in before:
            open_step(work, name, Origin())
    notices.on_kind(work, kind)
    if kind in work.playbook.grading.kinds:
        raise_grade(work, "major")


def _root(work: Work, task: Task) -> str:
    return str(list(ancestors(work.state, task))[-1]["step"])


def entries(work: Work) -> list[str]:
    """What opens at filing: the entries of a kind replace those of `filed` where there are any (PLAYBOOKS 0.1)."""
    by_kind = _opened_by(work, "kind", work.report.get("kind"))
    return by_kind if work.report.get("kind") and by_kind else _opened_by(work, "filed", None)


def _opened_by(work: Work, event: str, value: str | None) -> list[str]:
    return [step.id for step in work.lookup.opened_by.get((event, value), ())]


# ---- grade (PLAYBOOKS 0.4) -------------------------------------------------------


def default_grade(work: Work) -> Grade | None:
    """Major by class, kind or signs; an emergency is ordinary else."""
    grading = work.playbook.grading
    signs = set(work.report.get("signs", ()))
    if grading.always or work.report.get("kind") in grading.kinds or signs & set(grading.signs):
        return "major"
    return "ordinary" if work.lane == "emergency" else None


def raise_grade(work: Work, grade: Grade) -> None:
    if RANKS[grade] > RANKS[work.state["grade"]]:
        set_grade(work, grade)


def set_grade(work: Work, grade: Grade) -> None:
    """Becoming major opens and tells what belongs to it; a notice once sent is not taken back."""
    was = work.state["grade"]
    if grade == was:
        return
    became_major = grade == "major"
    work.add(ReportChanged, grade=grade, timers=(major_timers(work) or None) if became_major else None)
    if became_major:
        open_major(work)


def may_lower(work: Work, by: Speaker) -> bool:
    return by.role in (work.playbook.grading.lowered_by or HEADS)


def may_raise(work: Work, by: Speaker) -> bool:
    """The roles of the playbook, and anyone on the scene: whoever holds a task of the case."""
    allowed = work.playbook.grading.raised_by
    return not allowed or by.role in allowed or any(speaks_for(by, t) for t in open_tasks(work.state))
