"""How grave it is, by rule or by whom, and what a case that becomes major opens (SOP S3.4, PLAYBOOKS 0.4)."""

from shared.contracts.event import Speaker
from shared.contracts.tasks import ReportChanged
from shared.contracts.vocabulary import Grade
from shared.domain.dispatching.endings import speaks_for
from shared.domain.dispatching.reopening import major_timers, open_major
from shared.domain.dispatching.state import (
    open_tasks,
)
from shared.domain.dispatching.work import Work

RANKS: dict[Grade | None, int] = {None: 0, "minor": 0, "ordinary": 0, "important": 1, "major": 2}
HEADS = frozenset({"service_head", "management_director"})


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
