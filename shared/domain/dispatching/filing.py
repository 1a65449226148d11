"""A report is taken in: under which playbook, how grave, and what opens at once."""

from datetime import datetime

from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import Promotion, ReportChanged, ReportClosed, ReportOpened
from shared.contracts.vocabulary import Grade
from shared.domain.dispatching import notices, timers
from shared.domain.dispatching.addressing import Origin
from shared.domain.dispatching.grades import RANKS, default_grade, may_lower
from shared.domain.dispatching.kinds import entries
from shared.domain.dispatching.opening import open_on, open_step
from shared.domain.dispatching.state import helps_of
from shared.domain.dispatching.work import Work
from shared.domain.estates.places import place_short


def on_filed(work: Work, filed: ReportFiled) -> None:
    """Written up from paper afterwards: no task, no notice, no clock (SOP S9)."""
    grade = _grade(work, filed)
    quiet = filed.written_up or bool(filed.same_event_as)
    start = filed.clock_from or filed.accepted_at
    work.add(
        ReportOpened,
        playbook=filed.category,
        playbook_version=work.playbook.version,
        grade=grade,
        owner=work.playbook.owner,
        clock_from=start,
        promotion=_promotion(work, start) if not quiet else None,
        overrides=work.overrides,
        timers=(timers.at_filing(work, grade, start) or None) if not quiet else None,
    )
    if filed.written_up:
        work.add(ReportClosed, why="written_up")
    elif filed.same_event_as:
        open_linked(work, filed.same_event_as)
    else:
        _name_place(work, filed)
        _open_all(work)


def _promotion(work: Work, start: datetime) -> Promotion | None:
    """Escalation keeps the month and counts the households (SOP S8)."""
    row = work.playbook.grading.promotion
    return Promotion(at=start + row.after, households=row.households, only_if=row.only_if) if row else None


def _grade(work: Work, filed: ReportFiled) -> Grade | None:
    """The desk sets it at filing; below what the signs say only who may lower it (PLAYBOOKS 0.4)."""
    by_rule = default_grade(work)
    if filed.grade is None:
        return by_rule
    lower = RANKS[filed.grade] < RANKS[by_rule]
    return by_rule if lower and not may_lower(work, filed.by) else filed.grade


def open_linked(work: Work, to_report_id: str) -> None:
    """One task of its own: to answer this caller (PLAYBOOKS 0.6, 14)."""
    work.add(ReportChanged, linked_to=to_report_id, ending="linked")
    open_on(work, "linked")


def _name_place(work: Work, filed: ReportFiled) -> None:
    """Where the door gave no short name, or gave that of the caller's place and the patient is elsewhere."""
    place = work.report.get("place")
    elsewhere = bool(filed.place) and place != filed.place
    if not place or (filed.place_short and not elsewhere):
        return
    building, short = place_short(work.world.estate, place)
    if short or elsewhere:
        work.add(ReportChanged, place=place, place_short=short, building=building)


def _open_all(work: Work) -> None:
    """First what the class or its kind asks for, then what the chosen helps do; all at once, nobody waits."""
    for name in entries(work):
        open_step(work, name, Origin())
    if work.report.get("urgency"):
        open_on(work, "urgency", work.report["urgency"])
    open_on(work, "form", work.form)
    for one in helps_of(work.state):
        open_on(work, "help", one)
    if work.state["grade"] == "major":
        open_on(work, "major")
    notices.at_filing(work)
