"""Who gets a task: nearest post first, each gate, the same people who are at it already, whoever was named.

Who holds a role is a function of the estate's file and the instant; a slot nobody holds keeps its role, and
escalation finds the rung empty.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.contracts.event import Addressee
from shared.contracts.vocabulary import Help, Role
from shared.domain.dispatching.state import (
    Task,
    addressee,
    ancestors,
    held_by,
    of_step,
    open_tasks,
    same_hands,
)
from shared.domain.dispatching.work import Work
from shared.domain.estates.plan import Holder
from shared.domain.estates.roster import holders, posts_of
from shared.domain.playbooks.format import NoticeTo, Step

ONE_AT_A_TIME: frozenset[Role] = frozenset({"guard"})
"""Who is out on one task of the case is asked for another only when nobody else is left; the desk, on the other
hand, keeps its case."""


class Origin(NamedTuple):
    """What opens a step: the task, the helps it serves, whom a record named, and a clock to be carried over.

    `people`: the tasks of all who are on the scene and stay, even where the step asks for fewer.
    """

    opener: Task | None = None
    helps: tuple[Help, ...] = ()
    named: tuple[str, ...] = ()
    department: str | None = None
    people: tuple[Task, ...] = ()
    carried: Task | None = None


def who(work: Work, step: Step, role: Role, origin: Origin) -> list[Addressee]:
    """One addressee for each task of the step."""
    department = department_of(step, role, origin)
    named = [] if step.side else named_people(work, role, origin.named)
    if step.count == "each":
        return named or each_post(work, role)
    count = max(step.count, len(named), len(origin.people))
    found = named + [a for a in same_people(work, role, origin, together=count > 1) if a not in named]
    found += [to_holder(h) for h in in_order(work, role, department) if all(h.person != a.person for a in found)]
    nobody = Addressee(role=role, department=department)
    return found[:count] + [nobody] * (count - len(found))


def department_of(step: Step, role: Role, origin: Origin) -> str | None:
    return (origin.department or step.department) if role == "department_head" else None


def to_holder(holder: Holder) -> Addressee:
    return Addressee(role=holder.role, post=holder.post, person=holder.person, department=holder.department)


def in_order(work: Work, role: Role, department: str | None = None) -> list[Holder]:
    """Nearest first; of those, guards who are free before those who are not, and the desk that knows the case."""
    found = holders(work.world.estate, role, work.now, near=work.report.get("building"), department=department)
    free_first = role in ONE_AT_A_TIME
    return sorted(found, key=lambda h: held_by(work.state, h.person, h.post) is free_first)


def first_holder(work: Work, role: Role, department: str | None = None) -> Addressee:
    found = in_order(work, role, department)
    return to_holder(found[0]) if found else Addressee(role=role, department=department)


def each_post(work: Work, role: Role) -> list[Addressee]:
    """Every gate that somebody holds; with none held, the role once (SOP S3.2.3, F)."""
    found = {h.post or h.person: to_holder(h) for h in reversed(in_order(work, role))}
    order = [p.id for p in posts_of(work.world.estate, role)]
    known = sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [found[name] for name in known] or [Addressee(role=role)]


def same_people(work: Work, role: Role, origin: Origin, *, together: bool) -> list[Addressee]:
    """Whoever is at it goes on: the opener's holder, those beside them, those before (PLAYBOOKS 0.6, 12).

    `together`: in the order of their numbers, so that the first guard stays the first.
    """
    found: list[Addressee] = []
    for task in (*origin.people, *_line(work, role, origin.opener, together)):
        if task["role"] == role and task.get("person") and not any(a.person == task["person"] for a in found):
            found.append(addressee(task))
    return found


def _line(work: Work, role: Role, opener: Task | None, together: bool) -> Iterable[Task]:
    for task in ancestors(work.state, opener):
        direct = opener is not None and task["id"] == opener["id"]
        beside = of_step(work.state, task["step"])
        for one in beside if together and task in beside else (task, *beside):
            if not _has_given_up(one) and (direct or _still_here(work, role, one)):
                yield one


def _has_given_up(task: Task) -> bool:
    return task.get("outcome") in ("impossible", "cancelled", "hand_on") or bool(task.get("only_ack"))


def _still_here(work: Work, role: Role, task: Task) -> bool:
    """Someone earlier in the line goes on only while on duty."""
    return any(h.person == task.get("person") for h in holders(work.world.estate, role, work.now))


def named_people(work: Work, role: Role, names: Sequence[str]) -> list[Addressee]:
    """Posts or persons that a record named; a name the estate's file does not know is passed over,
    and one man at two posts is one."""
    found: dict[str | None, Addressee] = {}
    for to in (_named(work, role, name) for name in names):
        if to:
            found.setdefault(to.person or to.post, to)
    return list(found.values())


def _named(work: Work, role: Role, name: str) -> Addressee | None:
    estate = work.world.estate
    post = next((p for p in estate.posts if name in (p.id, p.zh)), None)
    person = next((p for p in estate.people if name in (p.id, p.name)), None)
    if post:
        # A guard's post may be sent to do a leader's task.
        both = (h for of in (role, post.role) for h in holders(estate, of, work.now) if h.post == post.id)
        there = next(both, None)
        return to_holder(there).model_copy(update={"role": role}) if there else Addressee(role=role, post=post.id)
    if person:
        there = next((h for h in holders(estate, role, work.now) if h.person == person.id), None)
        return to_holder(there) if there else Addressee(role=role, person=person.id)
    return None


def next_after(work: Work, task: Task) -> Addressee | None:
    """After a refusal: the next nearest, not asked yet and without a task of this step; None: nobody is left."""
    taken = {t.get("person") for t in open_tasks(work.state) if t["step"] == task["step"]}
    asked = {*task.get("asked", ()), task.get("person"), task.get("post")} - {None}
    for holder in in_order(work, task["role"], task.get("department")):
        if holder.person not in taken and not asked & {holder.person, holder.post}:
            return to_holder(holder)
    return None


def each_of_hands(tasks: Iterable[Task]) -> list[Task]:
    """One task for each person or post, since one word to each is enough."""
    found: list[Task] = []
    for task in tasks:
        if not any(same_hands(task, other) for other in found):
            found.append(task)
    return found


def notice_to(work: Work, to: NoticeTo, spoke: Task | None) -> list[Addressee]:
    """One holder of the role; with `others`, every post of it but the one that spoke."""
    if not to.others:
        return [first_holder(work, to.role, to.department)]
    but = (spoke.get("post"), spoke.get("person")) if spoke else (None, None)
    return [
        a
        for a in each_post(work, to.role)
        if a.person and a.person != but[1] and (a.post is None or a.post != but[0])
    ]
