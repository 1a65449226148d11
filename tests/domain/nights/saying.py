"""What anybody may say in a night: answers and amendments, from whoever has the task and now and then another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from services.intake.linking import joined_later
from shared.contracts.event import Speaker
from shared.contracts.replies import (
    DetailsCorrected,
    DrillStopped,
    GradeChanged,
    HelpChanged,
    HelpNeeded,
    KindCorrected,
    LimitExtended,
    PlaceCorrected,
    ReportLinked,
    ReportWithdrawn,
    SideTaskAsked,
    TaskAcknowledged,
    TaskArrived,
    TaskCompleted,
    TaskDeclined,
    TaskHandedOn,
    TaskNoted,
    TaskStarted,
)
from shared.contracts.vocabulary import HELPS, KINDS, ROLES, Grade, Role
from shared.domain.playbooks.format import Step
from tests.domain.evenings import PERSONS, playbooks
from tests.domain.nights.night import NAMES, PLACES, TEXT, Night, Report, Turn
from tests.domain.walking.saying import record_of

GRADES: tuple[Grade, ...] = ("ordinary", "major", "important", "minor")
Saying = Callable[[Night, Report, int, int], None]


def _task(night: Night, report: Report, a: int) -> dict[str, Any] | None:
    """Mostly an open one, sometimes any there ever was."""
    known = list(report.state.get("tasks", {}).values())
    found = [t for t in known if t["open"]] * 5 + known
    return found[a % len(found)] if found else None


def _by(night: Night, report: Report, task: dict[str, Any], b: int) -> dict[str, Any]:
    """Whoever has it; now and then somebody else, or the desk for him."""
    if b % 13 == 12:
        return {"by": Speaker(role=ROLES[b % len(ROLES)])}
    role = task["role"]
    by = Speaker(role=role, person=task.get("person") or PERSONS.get(role), post=task.get("post"))
    if b % 7 == 6:
        return {"by": by, "heard_by": Speaker(role="customer_assistant", person="desk-1"), "words": TEXT}
    return {"by": by}


def _reply(night: Night, of: type[Any], report: Report, task: dict[str, Any], b: int, **fields: Any) -> None:
    said = {**_by(night, report, task, b), **fields}
    night.say(night.make(report, of, task_id=task["id"], **said))


def ack(night: Night, report: Report, a: int, b: int) -> None:
    if task := _task(night, report, a):
        _reply(night, TaskAcknowledged, report, task, b)


def arrive(night: Night, report: Report, a: int, b: int) -> None:
    if task := _task(night, report, a):
        _reply(night, TaskArrived, report, task, b)


def complete(night: Night, report: Report, a: int, b: int) -> None:
    task = _task(night, report, a)
    if not task:
        return
    step = playbooks().by_category[report.filed.category].steps.get(task["step"])
    outcomes = [*step.outcomes, *step.outcomes, "cancelled", "impossible"] if step else ["done"]
    outcome = outcomes[b % len(outcomes)]
    record = _record(night, report, step, outcome, a) if step else {}
    _reply(night, TaskCompleted, report, task, a, outcome=outcome, record=record)


def _record(night: Night, report: Report, step: Step, outcome: str, a: int) -> dict[str, Any]:
    """All that is demanded, text with secrets in it; now and then one field less, or one that is not asked."""
    book = playbooks().by_category[report.filed.category]
    texts = {f.id: TEXT for f in step.record if f.type == "text"}
    full = report.record(step.id, outcome) | record_of(report, book, step, outcome)
    found = {field: texts.get(field, value) for field, value in full.items()}
    if "patient_place" in found:
        found["patient_place"] = PLACES[a % len(PLACES)]
    if a % 9 == 8:
        found |= {"patient_place": PLACES[a % 5], "grade": GRADES[a % 4], "help": ["ambulance", "nursing"]}
    if a % 17 == 16 and found:
        del found[sorted(found)[a % len(found)]]
    return found


def small(night: Night, report: Report, a: int, b: int) -> None:
    if task := _task(night, report, a):
        of, fields = ((TaskStarted, {}), (TaskNoted, {"note": TEXT}), (HelpNeeded, {"note": TEXT}))[b % 3]
        _reply(night, of, report, task, b // 3, **fields)


def side(night: Night, report: Report, a: int, b: int) -> None:
    steps = [s.id for s in playbooks().by_category[report.filed.category].steps.values() if s.side]
    task, by = _task(night, report, a), Speaker(role="service_head", person="head-1")
    if task:
        said = {"by": by} if b % 3 == 0 else {}
        _reply(night, SideTaskAsked, report, task, b, step=steps[b % len(steps)], **said)


def decline(night: Night, report: Report, a: int, b: int) -> None:
    if task := _task(night, report, a):
        _reply(night, TaskDeclined, report, task, b, reason=TEXT, onward="下一岗" if b % 5 else "")


def hand_on(night: Night, report: Report, a: int, b: int) -> None:
    to = (
        {"to_person": "guard-3"},
        {"to_person": "desk-1"},
        {"to_person": "nobody"},
        {"to_role": "engineering"},
        {"to_role": "service_head"},
        {"to_department": "engineering"},
        {},
    )[b % 7]
    if task := _task(night, report, a):
        _reply(night, TaskHandedOn, report, task, b // 7, reason=TEXT, **to)


def amend(night: Night, report: Report, a: int, b: int) -> None:
    role: Role = ("customer_assistant", "service_head", "guard")[b % 3]
    by = Speaker(role=role, person=PERSONS.get(role))
    other = night.reports[b % len(night.reports)]
    task = _task(night, report, b)
    until = night.now + timedelta(minutes=(b % 40) - 3)
    kinds = sorted(KINDS.get(report.filed.category, ("gas",)))
    choices: list[tuple[type[Any], dict[str, Any]]] = [
        (HelpChanged, {"help": tuple(h for n, h in enumerate(HELPS) if (b >> n) & 1)}),
        (PlaceCorrected, {"place": PLACES[b % len(PLACES)]}),
        (DetailsCorrected, {**NAMES, "text": TEXT, "signs": ("labour",), "patient_phone": "13900001111"}),
        (DetailsCorrected, {"urgency": ("urgent", "daily")[b % 2], "appointment_at": until}),
        (KindCorrected, {"kind": kinds[b % len(kinds)]}),
        (GradeChanged, {"grade": GRADES[b % len(GRADES)]}),
        (LimitExtended, {"task_id": task["id"] if task else "", "until": until, "reason": TEXT}),
        (ReportLinked, {"to_report_id": other.report_id, "household": "王秘密家"}),
        (ReportWithdrawn, {"reason": TEXT}),
        (DrillStopped, {}),
    ]
    of, fields = choices[a % len(choices)]
    if of is LimitExtended:
        fields["clock"] = ("finish", "arrive", "ack")[b % 3]
        if not task:
            return
    event = night.make(report, of, by=by, **fields)
    night.say(event)
    if of is ReportLinked and other is not report:
        night.say(joined_later(event, night.estate).event)


REPLIES: tuple[Saying, ...] = (ack, arrive, small, side, decline, hand_on)


def anything(night: Night, turn: Turn) -> None:
    """The next four numbers of a script: mostly something is completed, sometimes time passes."""
    what, which, a, b = turn
    own: tuple[Saying, ...] = (Night.wait, Night.wait, Night.wait, Night.again, Night.more)
    actions = (*[complete] * 7, ack, *[amend] * 5, *REPLIES, *own)
    actions[what % len(actions)](night, night.reports[which % len(night.reports)], a, b)
    night.play.advance(night.now)


def at_once(night: Night, turn: Turn) -> None:
    """Something said of the first report; no time passes but the second it takes."""
    what, _, a, b = turn
    actions = (*[complete] * 4, *REPLIES, amend, amend)
    actions[what % len(actions)](night, night.reports[0], a, b)
