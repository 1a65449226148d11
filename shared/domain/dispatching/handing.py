"""A task goes to somebody else: to a person it keeps its id, to a role or department it is a new task with the
old one's finish clock. The resident's clock is never stopped or reset (SOP S2c)."""

from collections.abc import Iterable, Iterator, Sequence

from shared.contracts.event import Addressee, Speaker
from shared.contracts.tasks import ReportChanged, TaskChanged, TaskEnded
from shared.contracts.vocabulary import Role
from shared.domain.dispatching.addressing import Origin, first_holder, named_people
from shared.domain.dispatching.opening import is_ready, open_step
from shared.domain.dispatching.recording import Named
from shared.domain.dispatching.sending import send
from shared.domain.dispatching.state import Task, ancestors, next_number
from shared.domain.dispatching.timers import of_task
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Step

ON_FOOT: frozenset[Role] = frozenset({"guard", "gate_guard"})
"""Whose tasks the posts that a supervisor sends can take over or join."""


SECURITY: frozenset[Role] = ON_FOOT | {"shift_leader", "control_room"}
"""Whose tasks are the supervisor's to find somebody for."""


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
    owned(work, task, role)
    work.add(TaskEnded, task_id=task["id"], outcome="hand_on", record={"hand_on_why": reason}, by=by)
    old = work.fresh(task)
    origin = Origin(opener=old, helps=tuple(old["helps"]), department=department, carried=old)
    to = first_holder(work, role, department)
    send(work, step, to, origin, tuple(of_task(work, step, f"{step.id}-{next_number(work.state, step.id)}")))


def owned(work: Work, task: Task, role: Role) -> None:
    """Counted; the report has a new owner only where a task of its owner's role went to another."""
    owner = work.state["owner"]
    moved = task["role"] == owner and role != owner
    work.add(ReportChanged, hand_ons=work.state["hand_ons"] + 1, owner=role if moved else None)


def hand_to_named(work: Work, side: Task, named: Named) -> None:
    """A side task that names a new owner hands them the task it was opened from, if that is still open."""
    if named.people and not named.by_name:
        _send_posts(work, side, named.people)
        return
    task = next((t for t in _line(work, side) if t["open"] and work.step_of(t)), None)
    if not task:
        return
    if named.people:
        to_person(work, task, named.people[0], None, side["step"])
    elif named.role and named.role != task["role"]:
        to_role(work, task, named.role, None, None, side["step"])  # type: ignore[arg-type]
    elif named.department and named.department != task.get("department"):
        to_role(work, task, "department_head", named.department, None, side["step"])


def _line(work: Work, side: Task) -> list[Task]:
    """The task that the side task was opened from, then the one before that."""
    return list(ancestors(work.state, work.state["tasks"].get(side.get("opened_by") or "")))


# ---- posts that a supervisor sends ---------------------------------------------


def can_send(work: Work, side: Task, names: Sequence[str]) -> bool:
    """Whether there is something to send them to, and anybody the estate knows among them."""
    found = _for_posts(work, side)
    return found is not None and bool(named_people(work, found[0]["role"], names))


def _send_posts(work: Work, side: Task, names: tuple[str, ...]) -> None:
    """To an open task of the line; else to its nearest step on foot, even where that was never sent."""
    task, step = _for_posts(work, side) or (None, None)
    if not task or not step:
        return
    helps = tuple(task["helps"])
    if task["open"] and step.id == task["step"]:
        _to_posts(work, task, step, names)
    elif work.opened(step.id):
        _send_each(work, step, named_people(work, _role(step), names), Origin(opener=task, helps=helps))
    else:
        open_step(work, step.id, Origin(opener=task, helps=helps, named=names))


def _for_posts(work: Work, side: Task) -> tuple[Task, Step] | None:
    """The task to join or to take; else a step on foot and the task that leads to it."""
    line = [(t, s) for t in _line(work, side) if (s := work.step_of(t)) and s.role != "holder"]
    open_ones = [(t, s) for t, s in line if t["open"] and _is_free(t)]
    wanted = [(t, on) for t, s in line if not _is_off(t) for on in _on_foot(work, s)]
    return next(iter([*open_ones, *wanted]), None)


def _is_free(task: Task) -> bool:
    return task["role"] in ON_FOOT or (task["role"] in SECURITY and not task.get("person"))


def _is_off(task: Task) -> bool:
    return bool(task.get("stale") or task.get("withdrawn"))


def _on_foot(work: Work, step: Step) -> Iterator[Step]:
    """The step itself, else what it leads to, if that can be sent now; every gate is not for one post to be."""
    targets = [step.id, *(name for row in step.outcomes.values() for name in row.opens)]
    for name in targets:
        found = work.playbook.steps.get(name)
        if not found or found.side or found.role not in ON_FOOT:
            continue
        if work.opened(found.id) or (found.count != "each" and is_ready(work, found)):
            yield found


def _role(step: Step) -> Role:
    assert step.role != "holder"
    return step.role


def _to_posts(work: Work, task: Task, step: Step, names: tuple[str, ...]) -> None:
    """Whoever was sent takes the task that nobody held, or joins who holds it."""
    people = [a for a in named_people(work, task["role"], names) if a.person != task.get("person")]
    if people and not task["acked"]:
        work.add(TaskChanged, task_id=task["id"], what="handed_over", to=people.pop(0))
    _send_each(work, step, people, Origin(opener=task, helps=tuple(task["helps"])))


def _send_each(work: Work, step: Step, people: Iterable[Addressee], origin: Origin) -> None:
    for to in people:
        send(work, step, to, origin, tuple(of_task(work, step, f"{step.id}-{next_number(work.state, step.id)}")))
