"""A task goes to somebody else: to a person it keeps its id, to a role or department it is a new task with the
old one's finish clock. The resident's clock is never stopped or reset (SOP S2c)."""

from shared.contracts.event import Addressee, Speaker
from shared.contracts.tasks import ReportChanged, TaskChanged, TaskEnded
from shared.contracts.vocabulary import Role
from shared.domain.dispatching.addressing import Origin, first_holder, named_people
from shared.domain.dispatching.recording import Named
from shared.domain.dispatching.sending import send
from shared.domain.dispatching.state import Task, ancestors, key, next_number
from shared.domain.dispatching.timers import of_task
from shared.domain.dispatching.work import Work

ON_FOOT: frozenset[Role] = frozenset({"guard", "gate_guard"})
"""Whose tasks the posts that a supervisor sends can take over or join."""


def to_person(work: Work, task: Task, person: str, by: Speaker | None, note: str | None) -> None:
    """Handed over by name; it has to be acknowledged again."""
    found = named_people(work, task["role"], [person])
    to = found[0] if found else Addressee(role=task["role"], person=person)
    to = to.model_copy(update={"department": task.get("department") or to.department})
    work.add(TaskChanged, task_id=task["id"], what="handed_over", to=to, by=by, note=note)


def to_role(work: Work, task: Task, role: Role, department: str | None, by: Speaker | None, reason: str) -> None:
    """A new task of the same step, next number, finish clock carried over."""
    step = work.step_of(task)
    assert step is not None
    owned(work, role)
    work.add(TaskEnded, task_id=task["id"], outcome="hand_on", record={"hand_on_why": reason}, by=by)
    old = work.fresh(task)
    origin = Origin(opener=old, helps=tuple(old["helps"]), department=department, carried=old)
    to = first_holder(work, role, department)
    send(work, step, to, origin, tuple(of_task(work, step, f"{step.id}-{next_number(work.state, step.id)}")))


def owned(work: Work, role: Role) -> None:
    """Counted, and the report has a new owner."""
    hand_ons = work.state["hand_ons"] + 1
    work.add(ReportChanged, hand_ons=hand_ons, owner=role if role != work.state["owner"] else None)


def hand_to_named(work: Work, side: Task, named: Named) -> None:
    """A side task that names a new owner hands them the task it was opened from, if that is still open."""
    line = [t for t in ancestors(work.state, work.state["tasks"].get(side.get("opened_by") or ""))]
    task = next((t for t in line if t["open"] and key(t) != key(side) and work.step_of(t)), None)
    if not task:
        return
    if named.people and named.by_name:
        to_person(work, task, named.people[0], None, side["step"])
    elif named.people and task["role"] in ON_FOOT:
        _to_posts(work, task, named.people)
    elif named.role and named.role != task["role"]:
        to_role(work, task, named.role, None, None, side["step"])  # type: ignore[arg-type]
    elif named.department and named.department != task.get("department"):
        to_role(work, task, "department_head", named.department, None, side["step"])


def _to_posts(work: Work, task: Task, names: tuple[str, ...]) -> None:
    """Whoever was sent takes the task that nobody held, or joins who holds it."""
    step = work.step_of(task)
    people = [a for a in named_people(work, task["role"], names) if a.person != task.get("person")]
    for place, to in enumerate(people):
        if place == 0 and not task["acked"]:
            work.add(TaskChanged, task_id=task["id"], what="handed_over", to=to)
        elif step:
            send(work, step, to, Origin(opener=task, helps=tuple(task["helps"])))
