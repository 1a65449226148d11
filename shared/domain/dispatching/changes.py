"""What of the report changes, whoever says it: help, place, kind, grade; and what follows from the change."""

from collections.abc import Iterable, Iterator, Sequence

from shared.contracts.event import Speaker
from shared.contracts.tasks import ReportChanged, TaskAssigned, TaskEnded, TaskWithdrawn
from shared.contracts.vocabulary import HELPS, Grade, Kind, Outside
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin, each_of_hands
from shared.domain.dispatching.endings import dismiss, speaks_for, take_away, tell_others, withdraw
from shared.domain.dispatching.opening import is_known_already, is_real, known, open_for_holders, open_on, open_step
from shared.domain.dispatching.outside import named
from shared.domain.dispatching.reopening import major_timers, open_major
from shared.domain.dispatching.state import (
    Task,
    addressee,
    ancestors,
    helps_of,
    key_of,
    of_step,
    open_tasks,
    same_hands,
    tasks,
)
from shared.domain.dispatching.work import Work
from shared.domain.estates.places import place_short
from shared.domain.playbooks.format import Step
from shared.domain.playbooks.merging import opened_by

RANKS: dict[Grade | None, int] = {None: 0, "minor": 0, "ordinary": 0, "important": 1, "major": 2}
STAYING = "stay_with_patient"
WITH_PATIENT = frozenset({"take_to_hospital", "settle", "nurse"})
STANDING_BY = "stand_by"
HEADS = frozenset({"service_head", "management_director"})


# ---- help (SOP S3.0) -----------------------------------------------------------


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
    """Whether anybody is still at it, feeding back and recording apart."""
    last = work.playbook.recording_step
    return any(help in task["helps"] and _leads_on(work.step_of(task), last) for task in open_tasks(work.state))


def _leads_on(step: Step | None, last: str | None) -> bool:
    if step is None or step.optional or step.side:
        return False
    targets = {target for row in step.outcomes.values() for target in row.opens}
    return targets != {last}


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


# ---- kind ----------------------------------------------------------------------


def change_kind(work: Work, kind: Kind) -> None:
    """What only the old kind asked for ends; what the new one asks for opens (PLAYBOOKS 0.6, 7)."""
    old = work.report.get("kind")
    if old == kind:
        return
    before, was = entries(work), frozenset(_called(work))
    work.add(ReportChanged, kind=kind, timers=timers.at_kind(work, kind) or None)
    after = entries(work)
    # The questions of a report without a kind stay: only their answer ends them.
    lost = [name for name in before if old and name not in after]
    still = _reachable(work, after)
    gone = [t for t in open_tasks(work.state) if is_real(work, t) and _root(work, t) in lost]
    gone = take_away(work, [t for t in gone if t["step"] not in still], "kind_corrected")
    for name in after:
        if name not in before:
            open_step(work, name, Origin())
    dismiss(work, gone, [t for t in gone if _has_more(work, t)])
    _call_more(work, was)
    notices.on_kind(work, kind)
    if kind in work.playbook.grading.kinds:
        raise_grade(work, "major")


def _reachable(work: Work, entries: Iterable[str]) -> set[str]:
    """What the new kind leads to as well goes on: nobody is called back from an evacuation to begin another."""
    found: set[str] = set()
    queue = list(entries)
    while queue:
        step = work.playbook.steps.get(queue.pop())
        if step and step.id not in found and not step.side:
            found.add(step.id)
            queue += opened_by(step)
    return found


def _has_more(work: Work, task: Task) -> bool:
    sent = [work.state["tasks"][key_of(f.task_id)] for f in work.facts if isinstance(f, TaskAssigned)]
    return any(same_hands(task, other) for other in sent)


def _called(work: Work) -> Iterator[Outside]:
    """Whom the steps that tell kinds apart call for this one."""
    for step in work.playbook.steps.values():
        if isinstance(step.calls, dict):
            yield from named(work, step)


def _call_more(work: Work, was: frozenset[Outside]) -> None:
    """A kind that calls for more numbers than were called has them called: murder, where a fight was reported."""
    for step in work.playbook.steps.values():
        ended = [t for t in of_step(work.state, step.id) if not t["open"]]
        if isinstance(step.calls, dict) and ended and not set(named(work, step)) <= was:
            open_step(work, step.id, Origin(opener=ended[-1]), anew=True)


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
