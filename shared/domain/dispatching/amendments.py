"""What is amended on a report after it was filed, and who may."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.contracts.event import Event
from shared.contracts.replies import (
    DetailsCorrected,
    DrillStopped,
    GradeChanged,
    HelpChanged,
    KindCorrected,
    LimitExtended,
    PlaceCorrected,
    ReportFollowed,
    ReportJoined,
    ReportLinked,
    ReportWithdrawn,
)
from shared.contracts.tasks import ReportChanged, TaskChanged
from shared.contracts.vocabulary import KINDS, lane_of
from shared.domain.dispatching.endings import end_case
from shared.domain.dispatching.grades import RANKS, default_grade, may_lower, may_raise, raise_grade, set_grade
from shared.domain.dispatching.helps import change_help, end_answered, stay
from shared.domain.dispatching.kinds import change_kind, end_asked_kind
from shared.domain.dispatching.limiting import set_anew
from shared.domain.dispatching.links import on_followed, on_joined, on_linked, tell_of_joined
from shared.domain.dispatching.placing import change_place
from shared.domain.dispatching.refusals import refuse
from shared.domain.dispatching.state import Task, helps_of, is_closed, task_of
from shared.domain.dispatching.work import Work

Amend = Callable[[Work, Any], None]
CHANGING = (HelpChanged, PlaceCorrected, KindCorrected, GradeChanged)
MAY_EXTEND = frozenset({"service_head", "management_director", "security_supervisor", "department_head"})


def on_amendment(work: Work, event: Event) -> None:
    """A closed case takes none, and one that is being withdrawn no change: what is new is a linked report."""
    ending = work.state.get("ending") and isinstance(event, CHANGING)
    always = isinstance(event, LimitExtended | ReportJoined)
    if always or not (ending or is_closed(work.state)):
        AMENDMENTS[type(event)](work, event)
    elif not isinstance(event, ReportFollowed):
        refuse(work, "closed")


def _on_help(work: Work, said: HelpChanged) -> None:
    """Who is with the patient stays there until 120 comes, as when it gets worse (SOP S3.1.3)."""
    # Who only adds a help does not ask for the others anew.
    nothing_new = set(said.help) <= set(helps_of(work.state))
    change_help(work, said.help, stay(work, said.help), asked_for=said.help if nothing_new else ())


def _on_place(work: Work, said: PlaceCorrected) -> None:
    change_place(work, said.place, said.place_short, said.building, said.by)
    end_answered(work)


def _on_details(work: Work, said: DetailsCorrected) -> None:
    """The rest of what was corrected is for the register, which reads the amendment itself."""
    said_now = {field: getattr(said, field) for field in ("patient_phone", "urgency", "appointment_at")}
    changed = {field: value for field, value in said_now.items() if value and value != work.report.get(field)}
    if changed:
        work.add(ReportChanged, **changed)
        set_anew(work, frozenset(changed))
        end_answered(work)
    if said.signs is not None and not work.state.get("ending") and default_grade(work) == "major":
        raise_grade(work, "major")


def _on_kind(work: Work, said: KindCorrected) -> None:
    """Class and lane never change (PLAYBOOKS 0.6, 7)."""
    category = work.report["category"]
    if said.kind not in KINDS.get(category, ()):
        refuse(work, "unknown_kind")
    elif lane_of(category, said.kind) != work.lane:
        refuse(work, "other_lane")
    else:
        change_kind(work, said.kind)
        end_asked_kind(work)


def _on_grade(work: Work, said: GradeChanged) -> None:
    lower = RANKS[said.grade] < RANKS[work.state["grade"]]
    if lower and not may_lower(work, said.by):
        refuse(work, "grade_not_lowered")
    elif not lower and not may_raise(work, said.by):
        refuse(work, "grade_not_raised")
    else:
        set_grade(work, said.grade)


def _on_withdrawn(work: Work, said: ReportWithdrawn) -> None:
    if not work.state.get("ending"):
        work.add(ReportChanged, ending="withdrawn")
        end_case(work, "withdrawn")
        tell_of_joined(work)


def _on_drill_stopped(work: Work, said: DrillStopped) -> None:
    """A real emergency comes first: everybody is free for it, and told so in words of its own."""
    if not work.is_drill:
        refuse(work, "not_a_drill")
    elif not work.state.get("ending"):
        work.add(ReportChanged, ending="drill_stopped")
        end_case(work, "drill_stopped")


def _on_limit(work: Work, said: LimitExtended) -> None:
    """An inner limit only; what is counted from the report is the resident's (SOP S2c)."""
    task = task_of(work.state, said.task_id)
    assert task is not None
    reason = _against(work, said, task)
    if reason:
        refuse(work, reason)
        return
    until = {f"{said.clock}_by": said.until}
    work.add(TaskChanged, task_id=said.task_id, what="limit", by=said.by, note=said.reason, **until)


def _against(work: Work, said: LimitExtended, task: Task) -> str | None:
    if said.by.role not in MAY_EXTEND:
        return "not_head"
    if not task["open"]:
        return "already_ended"
    if said.clock == "ack" or f"{said.clock}_by" not in task:
        return "no_such_limit"
    step = work.step_of(task)
    rows = [row for row in step.limits if row.clock == said.clock] if step else []
    if any(row.after == "report" or row.carried for row in rows):
        return "resident_clock"
    return "limit_past" if said.until <= work.now else None


AMENDMENTS: Mapping[type[Event], Amend] = {
    HelpChanged: _on_help,
    PlaceCorrected: _on_place,
    DetailsCorrected: _on_details,
    KindCorrected: _on_kind,
    GradeChanged: _on_grade,
    ReportLinked: on_linked,
    ReportFollowed: on_followed,
    ReportJoined: on_joined,
    ReportWithdrawn: _on_withdrawn,
    DrillStopped: _on_drill_stopped,
    LimitExtended: _on_limit,
}
