"""A task goes out: its words, its limits as instants, and the clocks that dispatch itself keeps for it."""

from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Addressee
from shared.contracts.tasks import TaskAssigned, Timer
from shared.contracts.vocabulary import Clock, Lane
from shared.domain.calendar import CalendarUnknown, working_until
from shared.domain.china_days import china_working_day
from shared.domain.dispatching.addressing import Origin
from shared.domain.dispatching.outside import calls, words_of
from shared.domain.dispatching.state import Task, addressee, instant, next_number, tasks
from shared.domain.dispatching.wording import fill
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Notice, Step
from shared.domain.playbooks.limits import AddWorking, Due, ask_every, repeats, resolve_row


def send(work: Work, step: Step, to: Addressee, origin: Origin, timers: tuple[Timer, ...] = ()) -> TaskAssigned:
    """`origin.carried` keeps its clocks: handing on never resets what a resident waits for (SOP S2c)."""
    n = next_number(work.state, step.id)
    carried = origin.carried
    work.assumed.clear()
    finish = (carried or {}).get("finish_by") or limit(work, step, "finish", to, carried=carried)
    arrive = limit(work, step, "arrive", to, carried=carried)
    arrive = arrive and ((carried or {}).get("arrive_by") or arrive)
    every = repeats(step, "finish") or ask_every(step, finish)
    return work.add(
        TaskAssigned,
        task_id=work.task_id(step.id, n),
        step=step.id,
        n=n,
        clause=step.clause,
        playbook=work.report["category"],
        playbook_version=work.playbook.version,
        to=to,
        words=fill(work, words_of(work, step), origin.opener),
        guard=step.guard,
        record=tuple(field.id for field in step.record),
        outcomes=tuple(step.outcomes),
        optional=step.optional,
        ends_on=step.ends_on,
        ack_wait=ack_wait(work, step, to, origin.opener),
        arrive_by=arrive,
        finish_by=finish,
        ask_every=int(every.total_seconds()) if every and step.ends_on != "ack" else None,
        assigned_at=work.now,
        helps=origin.helps,
        carried_from=carried["id"] if carried else None,
        opened_by=origin.opener["id"] if origin.opener else None,
        calls=calls(work, step) or None,
        may_answer=step.may or None,
        assumed=tuple(work.assumed) or None,
        pace=None if (pace := pace_of(work, step)) == work.lane else pace,
        drill=work.is_drill,
        timers=timers or None,
    )


def pace_of(work: Work, step: Step) -> Lane:
    """The lane's own; an emergency's return visit, and what follows from one, is nobody's emergency any more."""
    return "routine" if step.outlives_case or work.state["round"] > 1 else work.lane


def send_notice(work: Work, notice: Notice, to: Addressee, opener: Task | None) -> TaskAssigned:
    """A notice that wants an acknowledgement is a task that ends on it, so it has a ladder."""
    n = next_number(work.state, notice.id)
    drill = work.is_drill and not notice.real
    return work.add(
        TaskAssigned,
        task_id=work.task_id(notice.id, n),
        step=notice.id,
        n=n,
        clause=notice.clause,
        playbook=work.report["category"],
        playbook_version=work.playbook.version,
        to=to,
        words=fill(work, words_of(work, notice) if drill else notice.words, opener, drill=drill),
        outcomes=("acknowledged",),
        optional=True,
        only_ack=True,
        ends_on="ack",
        ack_wait=int(work.world.wait(to.role, work.lane, 0).total_seconds()),
        assigned_at=work.now,
        helps=tuple(opener["helps"]) if opener else (),
        opened_by=opener["id"] if opener else None,
        drill=drill,
    )


def ack_wait(work: Work, step: Step, to: Addressee, opener: Task | None) -> int | None:
    """The step's own, else none for whoever just goes on, else the ladder's first (PLAYBOOKS 0.6, 4)."""
    due = limit(work, step, "ack", to)
    if due:
        return int((due - work.now).total_seconds())
    if opener and to.person and addressee(opener).person == to.person:
        return None
    return int(work.world.wait(to.role, pace_of(work, step), 0).total_seconds())


def limit(
    work: Work,
    step: Step,
    clock: Clock,
    to: Addressee,
    *,
    carried: Task | None = None,
    sent_at: datetime | None = None,
    started_at: datetime | None = None,
) -> datetime | None:
    """When the clock runs out, as `limit_row`."""
    due = limit_row(work, step, clock, to, carried=carried, sent_at=sent_at, started_at=started_at)
    return due.at if due else None


def limit_row(
    work: Work,
    step: Step,
    clock: Clock,
    to: Addressee,
    *,
    carried: Task | None = None,
    sent_at: datetime | None = None,
    started_at: datetime | None = None,
) -> Due | None:
    """When the clock runs out by all that the case knows now, and by which row; None where the step sets none."""
    rows = [row for row in step.limits if row.clock == clock]
    if not rows:
        return None
    return resolve_row(
        step,
        clock,
        sent_at=sent_at or work.now,
        report_at=report_at(work),
        lane=pace_of(work, step),
        # What opens at the closing counts from it, and is sent in the same decision.
        closed_at=work.state.get("closed_at") or work.now,
        started_at=started_at,
        step_ends={t["step"]: t["ended_at"] for t in _of_round(work) if "outcome" in t},
        fields=_fields(work) if any(row.field or row.by for row in rows) else None,
        urgency=work.report.get("urgency"),
        grade=work.state.get("grade"),
        on_duty=to.person is not None,
        carried=carried.get(f"{clock}_by") if carried else None,
        calendar=calendar(work),
    )


def report_at(work: Work) -> datetime:
    """Where the resident's clock began; a failed return visit is a new complaint, whose clock runs from then on."""
    found: datetime = work.state.get("round_from") or work.state["clock_from"]
    return found


def _of_round(work: Work) -> list[Task]:
    """What ended in an earlier round is no start of anything in this one."""
    return [task for task in tasks(work.state) if task["round"] == work.state["round"]]


def _fields(work: Work) -> dict[str, Any]:
    kept = {field: instant(value) or value for field, value in work.state["kept"].items()}
    return {**kept, **work.report}


def calendar(work: Work) -> AddWorking | None:
    """Working days where the estate counts them; a year not announced yet counts on the wall clock, and says so."""
    estate = work.world.estate
    if not estate.working_days:
        return None

    def add(at: datetime, duration: timedelta) -> datetime:
        try:
            return working_until(at, duration, estate.zone, china_working_day)
        except CalendarUnknown as unknown:
            work.assumed[f"no_working_days_{unknown.year}"] = None
            return at + duration

    return add
