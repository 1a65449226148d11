"""The register's window for posts: the open tasks of one post, for its own page and for staff of its estate."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.register.asking import Asked, Asking, Known, Now
from services.register.problems import answered, not_found
from services.register.queries import Queries
from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.posts import hand_to, on_duty_at, people_of, post_of
from shared.domain.estates.roster import Estate, Post, holders
from shared.domain.playbooks.format import Playbooks
from shared.domain.registering.post_tasks import Hands, asked_of, in_order, shown
from shared.platform.caller import Caller


def task_routes() -> APIRouter:
    routes = APIRouter()
    routes.get("/v1/estates/{code}/posts/{post}/tasks")(read_post_tasks)
    routes.get("/v1/estates/{code}/my-tasks")(read_own_tasks)
    return routes


async def read_post_tasks(
    code: str, post: str, request: Request, caller: Asking, directory: Known, queries: Asked, now: Now
) -> Response:
    """What the post is asked to do; of all posts a post's own page sees its own only."""
    estate = await directory.estate(code) if caller.may_enter(code) else None
    known = post_of(estate, post) if estate else None
    if estate is None or known is None or (caller.post is not None and caller.post != post):
        raise not_found()
    hands = hands_of(estate, known, now)
    tasks = await _tasks(queries, request.app.state.playbooks, code, hands)
    return answered({**_about(estate, known, now), "tasks": tasks})


async def read_own_tasks(
    code: str, request: Request, caller: Asking, directory: Known, queries: Asked, now: Now
) -> Response:
    """What a person who signed in is asked to do, whatever his post: a shift leader has none."""
    estate = await directory.estate(code) if caller.may_enter(code) else None
    person = caller.person_in(code)
    if estate is None or person is None:
        raise not_found()
    hands = Hands(None, frozenset({person}), _held(estate, person, now))
    tasks = await _tasks(queries, request.app.state.playbooks, code, hands)
    role = _speaks_as(caller, code, hands.roles)
    about: dict[str, Any] = {
        "post": None,
        "role": role,
        "on_duty": [],
        "people": [],
        "hand_to": hand_to(estate, role, now),
    }
    return answered({**_of_estate(estate, now), **about, "tasks": tasks})


def hands_of(estate: Estate, post: Post, now: datetime) -> Hands:
    """The post and whoever is on duty there."""
    there = frozenset(holder.person for holder in on_duty_at(estate, post, now))
    return Hands(post.id, there, frozenset({post.role}), post.department)


async def _tasks(queries: Queries, playbooks: Playbooks, code: str, hands: Hands) -> list[dict[str, Any]]:
    rows = [row for row in await queries.open_rows(code) if asked_of(row, hands)]
    assigned = await queries.assigned([row["_id"] for row in rows])
    return in_order(task for row in rows for task in shown(row, assigned, hands, playbooks))


def _about(estate: Estate, post: Post, now: datetime) -> dict[str, Any]:
    """Names of the post's own people only, for its page asks which of them is there."""
    names = {person.id: person.name for person in estate.people}
    there = [holder.person for holder in on_duty_at(estate, post, now)]
    people = [{"person": p, "name": names.get(p, p)} for p in people_of(estate, post, now)]
    about = {"post": post.id, "post_zh": post.zh, "role": post.role, "on_duty": there, "people": people}
    return {**_of_estate(estate, now), **about, "hand_to": hand_to(estate, post.role, now, but=post.id)}


def _of_estate(estate: Estate, now: datetime) -> dict[str, Any]:
    return {"estate": estate.estate, "zh": estate.zh, "en": estate.en, "time_zone": estate.time_zone, "now": now}


def _held(estate: Estate, person: str, now: datetime) -> frozenset[Role]:
    """What he holds on duty now."""
    from_roster = {h.role for role in ROLES for h in holders(estate, role, now) if h.person == person}
    return frozenset(from_roster)


def _speaks_as(caller: Caller, code: str, held: frozenset[Role]) -> Role:
    """Of the roles he may speak for the one he is on duty in, else his first in the vocabulary's order."""
    may = caller.roles_in(code)
    found = [role for role in ROLES if role in may & held] or [role for role in ROLES if role in may]
    if not found:
        raise not_found()
    return found[0]
