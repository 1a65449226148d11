"""What comes from a post's own page is said by that post, and by somebody who has to do with it."""

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from services.intake.authentication import MAY_ENTER_FOR_OTHERS
from services.intake.problems import Refusal
from services.intake.wording import words
from shared.contracts.commands import By, ReportRequest, Says
from shared.contracts.vocabulary import lane_of
from shared.domain.estates.posts import on_duty_at, people_of, post_of
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller

T = TypeVar("T", bound=BaseModel)


def bound_to_post(request: T, caller: Caller, estate: Estate, now: datetime) -> T:
    """The same request with the post filled in where the caller is a post's page (403 for another post's).

    Without a person it is whoever was on duty there when it was said, if that was one alone: an answer made
    offline before the change of shift is the earlier man's. Only a post that enters for others anyway says what
    another one said.
    """
    if caller.post is None:
        return request
    name = "heard_by" if isinstance(request, Says) and request.heard_by else "by"
    said: By | None = getattr(request, name)
    if name == "heard_by" and said and said.role not in MAY_ENTER_FOR_OTHERS:
        raise _refusal("not-your-post", "此页面只代表本岗", "This page speaks for its own post only")
    then = getattr(request, "occurred_at", None) or now
    return request.model_copy(update={name: _from_here(said, caller, estate, then)})


def _from_here(said: By | None, caller: Caller, estate: Estate, then: datetime) -> By:
    post = post_of(estate, caller.post or "")
    if post is None or (said and said.post not in (None, post.id)):
        raise _refusal("not-your-post", "此页面只代表本岗", "This page speaks for its own post only")
    if said and said.person and said.person not in people_of(estate, post, then):
        raise _refusal("not-your-person", "此人不在本岗班次表上", "This person is not on this post's roster")
    there = {holder.person for holder in on_duty_at(estate, post, then)}
    alone = next(iter(there)) if len(there) == 1 else None
    role = said.role if said else post.role
    return By(role=role, post=post.id, person=(said and said.person) or alone)


def file_as_post(request: ReportRequest, caller: Caller, estate: Estate, now: datetime) -> ReportRequest:
    """A report from a post's page; an emergency is never refused for who said it (SOP S3.0)."""
    try:
        return bound_to_post(request, caller, estate, now)
    except Refusal:
        if lane_of(request.category, request.kind) == "routine":
            raise
        post = post_of(estate, caller.post or "")
        return request.model_copy(update={"by": By(role=post.role, post=post.id) if post else None})


def _refusal(reason: str, zh: str, en: str) -> Refusal:
    return Refusal(403, reason, words(zh, en))
