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
from shared.domain.dispatching.addressing import Origin, in_order, next_after, to_holder
from shared.domain.dispatching.endings import relieve
from shared.domain.dispatching.following import end, follow, take_in
from shared.domain.dispatching.handing import owned, to_person, to_role
from shared.domain.dispatching.opening import open_step
from shared.domain.dispatching.recording import fields_of, missing, not_choices, row_of
from shared.domain.dispatching.refusals import refuse
from shared.domain.dispatching.sending import limit, send
from shared.domain.dispatching.state import Task, addressee, is_closed, open_tasks, task_of
from shared.domain.dispatching.work import Work
from shared.domain.playbook import Step

Answer = Callable[[Work, Any, Task], None]
SECURITY = frozenset({"guard", "gate_guard", "shift_leader", "control_room"})


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


# ---- 明白 出发 到达 ----------------------------------------------------------


def _on_acknowledged(work: Work, reply: TaskAcknowledged, task: Task) -> None:
    """Never refused: escalation has stopped the clock on the reply itself."""
    if not task["open"]:
        work.add(TaskChanged, task_id=task["id"], what="acknowledged", by=reply.by, late=True)
        return
    if not task["acked"]:
        work.add(TaskChanged, task_id=task["id"], what="acknowledged", by=reply.by)
    if task["ends_on"] == "ack":
        _end_by_itself(work, reply, task)


def _end_by_itself(work: Work, reply: Reply, task: Task) -> None:
    """By the first outcome, with the times it asks for."""
    step = work.step_of(task)
    outcome = step.first_outcome if step else "acknowledged"
    times = [field.id for field in step.record if field.type == "time"] if step else []
    end(work, work.fresh(task), outcome, dict.fromkeys(times, reply.occurred_at.isoformat()), reply.by)


def _on_started(work: Work, reply: TaskStarted, task: Task) -> None:
    """Starting acknowledges too, and may be where a clock begins."""
    if not _is_theirs(work, reply, task):
        return
    step = work.step_of(task)
    finish = _limit_from_start(work, step, task) if step else None
    work.add(TaskChanged, task_id=task["id"], what="started", by=reply.by, finish_by=finish)


def _limit_from_start(work: Work, step: Step, task: Task) -> Any:
    """Only where a row counts from the start; an inner limit that was extended or carried is left alone."""
    if not any(row.clock == "finish" and row.after == "start" for row in step.limits):
        return None
    return limit(work, step, "finish", addressee(task), sent_at=task["at"], started_at=work.now)


def _on_arrived(work: Work, reply: TaskArrived, task: Task) -> None:
    """Never refused by state; it acknowledges too."""
    late = not task["open"]
    work.add(TaskChanged, task_id=task["id"], what="arrived", by=reply.by, late=late)
    if not late and task["ends_on"] in ("arrive", "ack"):
        _end_by_itself(work, reply, task)


# ---- 完成 --------------------------------------------------------------------


def _on_completed(work: Work, reply: TaskCompleted, task: Task) -> None:
    """With one of the step's outcomes and what it demands; what is missing is named."""
    if not _is_theirs(work, reply, task):
        return
    step = work.step_of(task)
    if step is None:
        _end_by_itself(work, reply, task)
        return
    row = row_of(work, step, reply.outcome)
    if row is None:
        refuse(work, "unknown_outcome", reply.outcome)
        return
    fields = fields_of(work, step, reply.outcome)
    if lacking := missing(fields, reply.record, reply.words):
        refuse(work, "missing", ", ".join(lacking))
    elif wrong := not_choices(fields, reply.record):
        refuse(work, "no_choice", ", ".join(wrong))
    elif row.ends or step.side:
        end(work, task, reply.outcome, reply.record, reply.by)
    else:
        _goes_on(work, reply, task, step)


def _goes_on(work: Work, reply: TaskCompleted, task: Task, step: Step) -> None:
    """An outcome that opens side tasks only leaves its step open until they end (PLAYBOOKS 0.1)."""
    work.add(TaskChanged, task_id=task["id"], what="noted", by=reply.by, note=reply.outcome)
    row = step.outcomes[reply.outcome]
    take_in(work, step, reply.record, reply.by, task)
    follow(work, step, work.fresh(task), reply.outcome, row, reply.record)


# ---- 不能, 转办 (SOP S2c) -------------------------------------------------------


def _on_declined(work: Work, reply: TaskDeclined, task: Task) -> None:
    """The next nearest who was not asked yet; with none left it stays with its role, and somebody decides."""
    if not _is_theirs(work, reply, task):
        return
    if not reply.reason.strip() or not reply.onward.strip():
        refuse(work, "no_onward")
        return
    note = f"{reply.reason} → {reply.onward}"[:4000]
    to = next_after(work, task)
    nobody = addressee({"role": task["role"], "department": task.get("department")})
    work.add(TaskChanged, task_id=task["id"], what="declined", to=to or nobody, by=reply.by, note=note)
    if to is None:
        _nobody_left(work, work.fresh(task))


def _nobody_left(work: Work, task: Task) -> None:
    role = task["role"]
    if role in SECURITY:
        _side(work, "short_of_people", task)
    elif role == "service_head":
        _side(work, "director_instruction", task)
    elif role != "management_director":
        _side(work, "head_decides", task)


def _side(work: Work, step: str, task: Task) -> None:
    """A side task of the same kind still open for this task is joined, not doubled."""
    asked = f"{task['step']}-{task['n']}"
    if not any(t["step"] == step and t.get("opened_by") == asked for t in open_tasks(work.state)):
        open_step(work, step, Origin(opener=task, helps=tuple(task["helps"])))


def _on_handed_on(work: Work, reply: TaskHandedOn, task: Task) -> None:
    if not _is_theirs(work, reply, task):
        return
    if not reply.reason.strip() or not (reply.to_person or reply.to_role or reply.to_department):
        refuse(work, "no_onward")
    elif reply.to_person:
        if any(p.id == reply.to_person for p in work.world.estate.people):
            to_person(work, task, reply.to_person, reply.by, reply.reason)
        else:
            refuse(work, "unknown_person")
    else:
        _hand_on(work, reply, task)


def _hand_on(work: Work, reply: TaskHandedOn, task: Task) -> None:
    """The second time the service head decides, and until then the task stays where it is."""
    step = work.step_of(task)
    role = reply.to_role or ("department_head" if reply.to_department else task["role"])
    if work.state["hand_ons"] >= 1 or step is None:
        owned(work, work.state["owner"])
        work.add(TaskChanged, task_id=task["id"], what="noted", by=reply.by, note=reply.reason)
        _side(work, "head_decides", task)
    elif "hand_on" in step.outcomes:
        owned(work, role)
        why = {"hand_on_why": reply.reason}
        end(work, task, "hand_on", why, reply.by, to_department=reply.to_department)
    else:
        to_role(work, task, role, reply.to_department, reply.by, reply.reason)


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
        _side(work, "short_of_people", work.fresh(task))


def _on_side_task(work: Work, reply: SideTaskAsked, task: Task) -> None:
    """Opened by hand from an open step, without ending it."""
    if not _is_theirs(work, reply, task):
        return
    step = work.playbook.steps.get(reply.step)
    if is_closed(work.state):
        refuse(work, "closed")
    elif step is None or not step.side:
        refuse(work, "unknown_side_step", reply.step)
    elif step.id == "stand_down":
        relieve(work, task)
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
    TaskStarted: _on_started,
    TaskArrived: _on_arrived,
    TaskCompleted: _on_completed,
    TaskDeclined: _on_declined,
    TaskHandedOn: _on_handed_on,
    TaskNoted: _on_noted,
    HelpNeeded: _on_help_needed,
    SideTaskAsked: _on_side_task,
}
