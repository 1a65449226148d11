"""Whom to ask next: a pure choice from who holds each rung now and who was asked already (SOP, Ladders)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from shared.contracts.event import Addressee
from shared.contracts.vocabulary import LADDERS, Clock, Role
from shared.domain.escalating.state import Task, addressee, answers, asked_since, holder, sent, started_by
from shared.domain.estates.roster import Estate, holders

Rung = tuple[Addressee, ...]


class Skipped(NamedTuple):
    rung: int
    role: Role
    why: Literal["nobody", "already_asked"]


class Choice(NamedTuple):
    """`asked` is empty when nobody in the whole ladder holds a role: then the role itself is rung."""

    rung: int
    asked: Rung
    again: bool
    skipped: tuple[Skipped, ...]


class Rungs(NamedTuple):
    """A task's ladder at an instant; a rung is looked up in the roster only when it is reached for."""

    estate: Estate
    to: Addressee
    first: Rung
    now: datetime

    @property
    def roles(self) -> Sequence[Role]:
        return LADDERS[self.to.role]

    @property
    def base(self) -> int:
        """The rung of whoever has the task: what a higher one took himself is not passed down."""
        role = self.first[0].role if self.first else self.to.role
        return self.roles.index(role) if role in self.roles else 0

    def held(self, rung: int) -> Rung:
        """The lowest is the task's own holder, whatever the roster says."""
        if rung == 0:
            return self.first
        role = self.roles[rung]
        return held(self.estate, role, self.now, _department(role, self.to))


def choose(rungs: Rungs, at: int, asked: Collection[str]) -> Choice:
    """The first rung above `at` with somebody who was not asked yet; else the highest that can be asked again."""
    skipped: list[Skipped] = []
    for rung in range(at + 1 if at < 0 else max(at, rungs.base) + 1, len(rungs.roles)):
        there = rungs.held(rung)
        fresh = tuple(a for a in there if a.person not in asked)
        if fresh:
            return Choice(rung, fresh, False, tuple(skipped))
        skipped.append(Skipped(rung, rungs.roles[rung], "already_asked" if there else "nobody"))
    rung, again = _repeated(rungs)
    return Choice(rung, again, True, tuple(skipped))


def _repeated(rungs: Rungs) -> tuple[int, Rung]:
    """The highest rung with somebody who holds no lower one: nobody is escalated to himself."""
    found, below = (0, rungs.first), {a.person for a in rungs.first}
    for rung in range(rungs.base + 1, len(rungs.roles)):
        there = rungs.held(rung)
        others = tuple(a for a in there if a.person not in below)
        if others:
            found = (rung, others)
        below |= {a.person for a in there}
    return found


def held(estate: Estate, role: Role, now: datetime, department: str | None = None) -> Rung:
    """Each person once, though he may stand at two posts."""
    found: dict[str, Addressee] = {}
    for h in holders(estate, role, now, department=department):
        found.setdefault(h.person, Addressee(role=role, post=h.post, person=h.person, department=h.department))
    return tuple(found.values())


def first_rung(task: Task, estate: Estate, now: datetime) -> Rung:
    """Whoever acknowledged or was named, a shift change included; else who holds the post, or the role, now."""
    to = addressee(sent(task))
    if answers(task) or (to.person and sent(task)["why"] == "handed_over"):
        return (holder(task),)
    on_duty = held(estate, to.role, now, to.department)
    same = [a for a in on_duty if a.person == to.person] or [a for a in on_duty if to.post and a.post == to.post]
    return tuple(same) or on_duty


def already_asked(task: Task, clock: Clock, first: Rung) -> set[str]:
    """`ack` counts every sending since the last hand-over by name; the other clocks start at the holder."""
    rows, since = task.get("asked", []), asked_since(task)
    if clock != "ack":
        start = started_by(task, clock)
        return {a["person"] for a in rows if a["clock"] == clock and start and a["start"] == start["event"]}
    sent_to = [s["to"]["person"] or "" for s in task["tos"] if s["order"] >= since]
    now_there = [] if addressee(sent(task)).person else [a.person or "" for a in first]
    climbed = [a["person"] for a in rows if a["clock"] == clock and a["order"] >= since]
    return {*sent_to, *now_there, *climbed} - {""}


def _department(role: Role, to: Addressee) -> str | None:
    if role != "department_head":
        return None
    return to.department or ("engineering" if to.role == "engineering" else None)
