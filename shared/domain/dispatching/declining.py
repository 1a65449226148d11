"""不能, 转办: no shirking (SOP S2c). Whoever cannot says who takes it; clocks are never stopped or reset."""

from shared.contracts.event import Speaker
from shared.contracts.replies import SideTaskAsked, TaskDeclined, TaskHandedOn
from shared.contracts.tasks import TaskChanged
from shared.contracts.vocabulary import LADDERS, Role
from shared.domain.dispatching.addressing import Origin, next_after
from shared.domain.dispatching.endings import relieve, speaks_for, stand_down
from shared.domain.dispatching.following import end
from shared.domain.dispatching.handing import SECURITY, owned, to_person, to_role
from shared.domain.dispatching.opening import is_real, open_step
from shared.domain.dispatching.recording import department_of, departments
from shared.domain.dispatching.refusals import refuse
from shared.domain.dispatching.state import Task, addressee, is_closed, key, open_tasks
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Outcome

_DESK = LADDERS["customer_assistant"]


def on_declined(work: Work, reply: TaskDeclined, task: Task) -> None:
    """The next nearest who was not asked yet; with none left it stays with its role, and somebody decides."""
    if not reply.reason.strip() or not reply.onward.strip():
        refuse(work, "no_onward")
        return
    if not _is_in_their_hands(reply, task):
        refuse(work, "not_yours")
        return
    _to_the_next(work, task, reply.by, f"{reply.reason} → {reply.onward}"[:4000])


def _is_in_their_hands(reply: TaskDeclined | TaskHandedOn, task: Task) -> bool:
    """What somebody acknowledged is theirs to give away, or the desk's, or of someone above, or said for them.

    Who comes on duty and takes a task over enters that himself: then it has to be of his post, or of whom he names.
    """
    by, heard_by = reply.by, reply.heard_by
    said_for_them = heard_by is not None and heard_by.role != by.role
    if not task["acked"] or said_for_them or by.role in _DESK or by.role in LADDERS[task["role"]][1:]:
        return True
    if by.person and task.get("person"):
        return bool(by.person == task["person"])
    return by.post is None or by.post == task.get("post")


def _to_the_next(work: Work, task: Task, by: Speaker, note: str) -> None:
    to = next_after(work, task)
    nobody = addressee({"role": task["role"], "department": task.get("department")})
    work.add(TaskChanged, task_id=task["id"], what="declined", to=to or nobody, by=by, note=note)
    if to is None:
        _nobody_left(work, work.fresh(task))


def on_stood_down(work: Work, reply: SideTaskAsked, task: Task) -> None:
    """Said by the desk or from above, never by whoever holds it: dropping a task would be shirking (SOP S2c).

    What holds up the closing is still to be done, so somebody else gets it.
    """
    if not task["open"]:
        refuse(work, "already_ended")
    elif not _may_stand_down(reply.by, task):
        refuse(work, "no_onward")
    elif task["optional"] or not is_real(work, task):
        relieve(work, task)
    else:
        stand_down(work, [task])
        _to_the_next(work, task, reply.by, reply.note or reply.step)


def _may_stand_down(by: Speaker, task: Task) -> bool:
    above = by.role in LADDERS[task["role"]][1:]
    return (above or by.role in _DESK) and not speaks_for(by, task)


def _nobody_left(work: Work, task: Task) -> None:
    role = task["role"]
    if role in SECURITY:
        side(work, "short_of_people", task)
    elif role == "service_head":
        side(work, "director_instruction", task)
    elif role != "management_director":
        side(work, "head_decides", task)


def side(work: Work, step: str, task: Task) -> None:
    """One of the same kind still open for this task is joined; a closed case opens none, and the ladder goes on."""
    if is_closed(work.state):
        return
    if not any(t["step"] == step and t.get("opened_by") == key(task) for t in open_tasks(work.state)):
        open_step(work, step, Origin(opener=task, helps=tuple(task["helps"])))


def on_handed_on(work: Work, reply: TaskHandedOn, task: Task) -> None:
    if not reply.reason.strip() or not (reply.to_person or reply.to_role or reply.to_department):
        refuse(work, "no_onward")
    elif not _is_in_their_hands(reply, task):
        refuse(work, "not_yours")
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
    department = department_of(work, reply.to_department) if reply.to_department else None
    row = step.outcomes.get("hand_on") if step else None
    again = work.state["hand_ons"] >= 1 and not is_closed(work.state)
    if step is None or again or (row and not row.ends):
        owned(work, task, work.state["owner"])
        work.add(TaskChanged, task_id=task["id"], what="noted", by=reply.by, note=reply.reason)
        side(work, "head_decides", task)
    elif reason := _without_department(work, role, reply.to_department, department):
        refuse(work, reason, departments(work))
    elif row and role == _role_of(work, row, role):
        owned(work, task, role)
        why = {"hand_on_why": reply.reason}
        end(work, task, "hand_on", why, reply.by, to_department=department)
    else:
        to_role(work, task, role, department, reply.by, reply.reason)


def _without_department(work: Work, role: Role, said: str | None, found: str | None) -> str | None:
    """Departments' heads are told apart by the department, so it must be one of the estate's."""
    if said:
        return None if found else "unknown_department"
    return "name_department" if role == "department_head" and work.world.estate.departments else None


def _role_of(work: Work, row: Outcome, role: Role) -> str:
    """Whom the step's own row hands it to."""
    found = (work.playbook.steps.get(name) for name in row.opens)
    return next((step.role for step in found if step), role)
