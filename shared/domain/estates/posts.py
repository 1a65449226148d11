"""A post seen from its own page: who is on duty there, who may come, and to whom its tasks can go."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.contracts.vocabulary import LADDERS, Role
from shared.domain.estates.plan import Holder
from shared.domain.estates.roster import Estate, Post, holders

_ON_FOOT: frozenset[Role] = frozenset({"guard", "gate_guard"})
"""Who may take one another's tasks."""


def post_of(estate: Estate, post: str) -> Post | None:
    return next((known for known in estate.posts if known.id == post), None)


def on_duty_at(estate: Estate, post: Post, now: datetime) -> tuple[Holder, ...]:
    """Who holds the post's role there now; nobody in a gap."""
    return tuple(h for h in holders(estate, post.role, now, department=post.department) if h.post == post.id)


def people_of(estate: Estate, post: Post, now: datetime) -> tuple[str, ...]:
    """Who is on duty there first, then all whom the file ever puts there, and who stands in or swaps with them."""
    planned = [p for row in _rows(estate, post) for p in row]
    swapped = [p for swap in estate.swaps if set(swap.persons) & set(planned) for p in swap.persons]
    stand_ins = [a.stand_in for a in estate.absences if a.stand_in and a.person in planned]
    there = [holder.person for holder in on_duty_at(estate, post, now)]
    return tuple(dict.fromkeys([*there, *planned, *swapped, *stand_ins]))


def _rows(estate: Estate, post: Post) -> Iterator[tuple[str, ...]]:
    yield from (shift.persons for shift in estate.shifts if shift.post == post.id)
    for rotation in estate.rotations:
        yield from (team.persons for team in rotation.teams if team.post == post.id)


def hand_to(estate: Estate, role: Role, now: datetime, but: str | None = None) -> dict[str, Any]:
    """To whom a task of the role may be handed on: those on duty of like roles, the ladder, the departments.

    People are said by their posts; a name is shown to those of the same post only.
    """
    alike = _ON_FOOT if role in _ON_FOOT else frozenset({role})
    found = [h for r in sorted(alike) for h in holders(estate, r, now) if h.post and h.post != but]
    names = {post.id: post.zh for post in estate.posts}
    people = [
        {"person": h.person, "post": h.post, "zh": names.get(h.post or "", ""), "role": h.role} for h in found
    ]
    above = [r for r in LADDERS[role] if r != role]
    departments = [{"department": d.id, "zh": d.zh, "en": d.en or d.zh} for d in estate.departments]
    return {"people": people, "roles": above, "departments": departments}
