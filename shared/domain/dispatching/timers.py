"""The clocks that dispatch itself keeps: outcomes by the clock, timed openings and notices, missed checks, and an
emergency that nobody has an address for. Limits and ladders are escalation's."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.contracts.tasks import Timer
from shared.contracts.vocabulary import Grade, Kind
from shared.domain.dispatching.lookup import Waiting
from shared.domain.dispatching.sending import calendar, report_at
from shared.domain.dispatching.state import goes_on, of_step
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import NoticeOn, OpensAfter, Step

NO_PLACE = "grade.no_place"
AT_FILING = frozenset({"filed", "major", "kind", "form", "urgency", "weather"})


def of_task(work: Work, step: Step, task: str) -> Iterator[Timer]:
    """Each task's own: `timed.<step>-<n>`, `check.<step>-<n>`."""
    for place, row in enumerate(step.timed):
        yield Timer(
            name=f"timed.{task}" + (f".{place}" if place else ""),
            due=work.now + row.after,
            task=task,
            on_ack=row.unless == "ack" or None,
        )
    if step.check_every:
        yield Timer(
            name=f"check.{task}",
            due=work.now + step.check_every,
            every=int(step.check_every.total_seconds()),
            task=task,
        )


def after_step(work: Work, step: Step, task: str, outcome: str | None) -> tuple[Timer, ...]:
    """What waits for a step's sending (`outcome` None) or for one of its outcomes."""
    return tuple([*_openings(work, step, task, outcome), *_notices(work, step, task, outcome)])


def _openings(work: Work, step: Step, task: str, outcome: str | None) -> Iterator[Timer]:
    for target, row in work.lookup.after.get((step.id, outcome), ()):
        if not over(work, row.unless):
            yield Timer(
                name=f"opens.{target.id}.{task}",
                due=_due(work, row),
                every=_repeat(row),
                after_task=task,
                unless=row.unless or None,
            )


def _due(work: Work, row: OpensAfter) -> datetime:
    """What the step only said in time for it: at once where that much has gone by since the report."""
    return max(work.now, (report_at(work) if row.from_report else work.now) + row.delay)


def _repeat(row: OpensAfter) -> int | None:
    return int(row.repeat.total_seconds()) if row.repeat else None


def _notices(work: Work, step: Step, task: str, outcome: str | None) -> Iterator[Timer]:
    for waiting in work.lookup.timed.get("step", ()):
        row = waiting.row
        if row.step == step.id and row.outcome == outcome and not over(work, row.unless):
            timer = _later_notice(work, waiting)
            yield timer.model_copy(update={"name": f"{timer.name}.{task}", "after_task": task})


def notice_timer(work: Work, waiting: Waiting, start: datetime) -> Timer:
    """`notice.<id>.<row>`; working days where the row and the estate count them."""
    row = waiting.row
    after = row.after or timedelta()
    working = calendar(work) if row.calendar == "working" and work.lane == "routine" else None
    due = working(start, after) if working else start + after
    return Timer(name=f"notice.{waiting.notice.id}.{waiting.place}", due=due, unless=row.unless or None)


def _later_notice(work: Work, waiting: Waiting) -> Timer:
    """Once the report was opened; at once where as much has gone by since."""
    timer = notice_timer(work, waiting, report_at(work) if waiting.row.from_report else work.now)
    return timer.model_copy(update={"due": max(work.now, timer.due)})


def at_filing(work: Work, grade: Grade | None, start: datetime) -> tuple[Timer, ...]:
    """Timed notices counted from the acceptance, and the emergency that may stay without an address."""
    rows = [w for event, found in work.lookup.timed.items() if event in AT_FILING for w in found]
    found = [notice_timer(work, w, start) for w in rows if is_so(work, w.row, grade)]
    wait = work.playbook.grading.without_place_after
    if wait and grade != "major" and not work.report.get("place"):
        found.append(Timer(name=NO_PLACE, due=work.now + wait))
    return tuple(found)


def at_major(work: Work) -> tuple[Timer, ...]:
    return tuple(_later_notice(work, waiting) for waiting in work.lookup.timed.get("major", ()))


def at_kind(work: Work, kind: Kind) -> tuple[Timer, ...]:
    """Counted from when the kind became known."""
    rows = work.lookup.timed.get("kind", ())
    return tuple(_later_notice(work, waiting) for waiting in rows if waiting.row.value == kind)


def is_so(work: Work, row: NoticeOn, grade: Grade | None) -> bool:
    """Whether a notice's row fits the report as it was filed."""
    if row.event == "filed":
        return True
    if row.event == "major":
        return grade == "major"
    if row.event == "weather":
        colour = work.report.get("weather")
        return colour is not None and row.value in (None, colour)
    said = work.form if row.event == "form" else work.report.get(row.event)
    return row.value == said


def over(work: Work, steps: tuple[str, ...]) -> bool:
    """Whether one of these steps has ended in this round, by the outcome that a name may say."""
    ended = (
        task
        for name in steps
        for task in of_step(work.state, name.partition(":")[0])
        if "outcome" in task and name.partition(":")[2] in ("", task["outcome"])
    )
    return any(not goes_on(work.state, task, task["outcome"]) for task in ended)
