"""What people answer to a task (SOP S2c, PLAYBOOKS 10)."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.contracts.replies import (
    HelpNeeded,
    Reply,
    SideTaskAsked,
    TaskAcknowledged,
    TaskArrived,
    TaskCompleted,
    TaskDeclined,
    TaskHandedOn,
    TaskNoted,
    TaskStarted,
)
from shared.contracts.tasks import TaskChanged
from shared.domain.answering import counts, voice
from shared.domain.dispatching.addressing import Origin, in_order, to_holder
from shared.domain.dispatching.declining import on_declined, on_handed_on, on_stood_down, side
from shared.domain.dispatching.endings import STANDING_DOWN
from shared.domain.dispatching.following import end, follow, take_in
from shared.domain.dispatching.handing import can_send
from shared.domain.dispatching.limiting import set_anew
from shared.domain.dispatching.opening import open_step
from shared.domain.dispatching.outside import uncalled
from shared.domain.dispatching.recording import (
    fields_of,
    misnamed_department,
    missing,
    named_in,
    not_choices,
    other_grade,
    row_of,
)
from shared.domain.dispatching.refusals import refuse
from shared.domain.dispatching.sending import limit, send
from shared.domain.dispatching.state import Task, addressee, everybody, is_closed, task_of
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Step

Answer = Callable[[Work, Any, Task], None]


def on_reply(work: Work, reply: Reply) -> None:
    """The engine never comes here with a task that is not known."""
    task = task_of(work.state, reply.task_id)
    assert task is not None
    ANSWERS[type(reply)](work, reply, task)


def may_answer(task: Task, reply: Reply) -> bool:
    """The task's role, whoever holds it, and the roles asked since; entered for them by whomever (`heard_by`)."""
    by = reply.by
    held = by.person is not None and by.person == task.get("person")
    return held or by.role == task["role"] or by.role in task.get("may", ())


def _is_theirs(work: Work, reply: Reply, task: Task) -> bool:
    """Refuses what is not the speaker's to say, or comes after the end."""
    if not may_answer(task, reply):
        refuse(work, "not_yours")
    elif not task["open"]:
        refuse(work, "already_ended")
    else:
        return True
    return False


def _if_theirs(answer: Answer) -> Answer:
    def checked(work: Work, reply: Any, task: Task) -> None:
        if _is_theirs(work, reply, task):
            answer(work, reply, task)

    return checked


# ---- 明白 出发 到达 ----------------------------------------------------------


def _on_acknowledged(work: Work, reply: TaskAcknowledged, task: Task) -> None:
    """Never refused by state: escalation has stopped the clock on the reply itself."""
    if not _is_counted(work, reply, task):
        return
    if not task["open"]:
        work.add(TaskChanged, task_id=task["id"], what="acknowledged", by=reply.by, late=True)
        return
    if not task["acked"]:
        work.add(TaskChanged, task_id=task["id"], what="acknowledged", by=reply.by)
    if task["ends_on"] == "ack":
        _end_by_itself(work, reply, task)


def _is_counted(work: Work, reply: Reply, task: Task) -> bool:
    """Refuses whoever was never asked, as escalation passes over them."""
    asked = counts(voice(reply), [addressee(who) for who in everybody(task)])
    if not asked:
        refuse(work, "not_yours")
    return asked


def _end_by_itself(work: Work, reply: Reply, task: Task) -> None:
    """By the first outcome, with the times it asks for."""
    step = work.step_of(task)
    outcome = step.first_outcome if step else "acknowledged"
    times = [field.id for field in step.record if field.type == "time"] if step else []
    end(work, work.fresh(task), outcome, dict.fromkeys(times, reply.occurred_at.isoformat()), reply.by)


def _on_started(work: Work, reply: TaskStarted, task: Task) -> None:
    """Starting acknowledges too, and may be where a clock begins."""
    step = work.step_of(task)
    finish = _limit_from_start(work, step, task) if step and not task.get("fixed") else None
    work.add(TaskChanged, task_id=task["id"], what="started", by=reply.by, finish_by=finish)


def _limit_from_start(work: Work, step: Step, task: Task) -> Any:
    """Only where a row counts from the start, and only the first start of a task that began here."""
    if not any(row.clock == "finish" and row.after == "start" for row in step.limits):
        return None
    return limit(work, step, "finish", addressee(task), sent_at=task["at"], started_at=work.now)


def _on_arrived(work: Work, reply: TaskArrived, task: Task) -> None:
    """Never refused by state; it acknowledges too."""
    if not _is_counted(work, reply, task):
        return
    late = not task["open"]
    work.add(TaskChanged, task_id=task["id"], what="arrived", by=reply.by, late=late)
    if not late and task["ends_on"] in ("arrive", "ack"):
        _end_by_itself(work, reply, task)


# ---- 完成 --------------------------------------------------------------------


def _on_completed(work: Work, reply: TaskCompleted, task: Task) -> None:
    """With one of the step's outcomes and what it demands; what is missing is named."""
    step = work.step_of(task)
    if step is None:
        _end_by_itself(work, reply, task)
        return
    row = row_of(work, step, reply.outcome)
    if row is None or reply.outcome == "hand_on":
        # Handing on is said by handing on: it names who takes it.
        refuse(work, "no_onward" if row else "unknown_outcome", reply.outcome)
        return
    fields = fields_of(work, step, reply.outcome)
    if lacking := missing(fields, reply.record, reply.words):
        refuse(work, "missing", ", ".join(lacking))
    elif wrong := not_choices(fields, reply.record):
        refuse(work, "no_choice", ", ".join(wrong))
    elif grade := other_grade(work, step, row):
        refuse(work, "other_grade", grade)
    elif reason := _misnamed(work, reply, task, step):
        refuse(work, *reason)
    elif lacks := uncalled(work, step, reply.outcome, reply.record):
        refuse(work, *lacks)
    elif row.ends or step.side:
        end(work, task, reply.outcome, reply.record, reply.by)
    else:
        _goes_on(work, reply, task, step)


def _misnamed(work: Work, reply: TaskCompleted, task: Task, step: Step) -> tuple[str, str] | None:
    """Whoever names the addressee of what follows must name somebody, or a department, whom that reaches."""
    row = step.outcomes.get(reply.outcome)
    if row is None or is_closed(work.state):
        return None
    if wrong := misnamed_department(work, step, row, reply.record):
        return wrong
    named = named_in(work, step, reply.record)
    if not step.side or not named.people or not row.record:
        return None
    if named.by_name:
        known = {person.id for person in work.world.estate.people}
        return None if set(named.people) <= known else ("unknown_person", "")
    return None if can_send(work, task, named.people) else ("nobody_to_send", "")


def _goes_on(work: Work, reply: TaskCompleted, task: Task, step: Step) -> None:
    """An outcome that opens side tasks only leaves its step open until they end (PLAYBOOKS 0.1)."""
    row, record = step.outcomes[reply.outcome], dict(reply.record) or None
    first = frozenset(reply.record) - frozenset(work.state["kept"])
    work.add(TaskChanged, task_id=task["id"], what="noted", by=reply.by, note=reply.outcome, record=record)
    take_in(work, step, row, reply.record, reply.by, task)
    set_anew(work, frozenset(reply.record), first)
    follow(work, step, work.fresh(task), reply.outcome, row, reply.record)


# ---- 要支援, notes, side tasks ---------------------------------------------------


def _on_noted(work: Work, reply: TaskNoted, task: Task) -> None:
    if may_answer(task, reply) or reply.heard_by:
        late = not task["open"]
        work.add(TaskChanged, task_id=task["id"], what="noted", by=reply.by, note=reply.note, late=late)
    else:
        refuse(work, "not_yours")


def _on_help_needed(work: Work, reply: HelpNeeded, task: Task) -> None:
    """Heard as long as the case is open, even from someone whose own task is over."""
    if not may_answer(task, reply):
        refuse(work, "not_yours")
    elif is_closed(work.state):
        refuse(work, "closed")
    else:
        late = not task["open"]
        note = reply.note or "help needed"
        work.add(TaskChanged, task_id=task["id"], what="noted", by=reply.by, note=note, late=late)
        side(work, "short_of_people", work.fresh(task))


def _on_side_task(work: Work, reply: SideTaskAsked, task: Task) -> None:
    """Opened by hand from an open step, without ending it."""
    step = work.playbook.steps.get(reply.step)
    if step and step.id == "stand_down" and not is_closed(work.state):
        on_stood_down(work, reply, task)
    elif _is_theirs(work, reply, task):
        _open_side(work, reply, task, step)


def _open_side(work: Work, reply: SideTaskAsked, task: Task, step: Step | None) -> None:
    if is_closed(work.state):
        refuse(work, "closed")
    elif step is None or not step.side or step.id in STANDING_DOWN:
        refuse(work, "unknown_side_step", reply.step)
    elif step.role == "holder":
        to = _relief(work, task) if step.id == "take_over" else addressee(task)
        send(work, step, to, Origin(opener=task))
    else:
        open_step(work, step.id, Origin(opener=task, helps=tuple(task["helps"])))


def _relief(work: Work, task: Task) -> Any:
    """Whoever comes on shift, if somebody has; else the holder."""
    others = [h for h in in_order(work, task["role"], task.get("department")) if h.person != task.get("person")]
    return to_holder(others[0]) if others else addressee(task)


ANSWERS: Mapping[type[Reply], Answer] = {
    TaskAcknowledged: _on_acknowledged,
    TaskStarted: _if_theirs(_on_started),
    TaskArrived: _on_arrived,
    TaskCompleted: _if_theirs(_on_completed),
    TaskDeclined: _if_theirs(on_declined),
    TaskHandedOn: _if_theirs(on_handed_on),
    TaskNoted: _on_noted,
    HelpNeeded: _on_help_needed,
    SideTaskAsked: _on_side_task,
}
