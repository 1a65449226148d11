"""Whoever signed in speaks as himself; who says what somebody else said enters it as heard."""

from datetime import datetime
from typing import TypeVar

from services.intake.authentication import MAY_ENTER_FOR_OTHERS, may_speak
from services.intake.problems import Refusal
from services.intake.wording import words
from shared.contracts.commands import By, HandOn, Says
from shared.domain.estates.posts import people_of, post_of
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller

T = TypeVar("T", bound=Says)


def said_by(request: T, caller: Caller, estate: Estate, now: datetime) -> T:
    """The same request with the person filled in who signed in; 403 for another's role or in another's name.

    A program speaks for whom it says, and a post's page for its post (`from_posts`).
    """
    may_speak(caller.within(estate.estate), request.by, request.heard_by)
    own = caller.person_in(estate.estate)
    if own is None or caller.post is not None:
        return request
    if request.heard_by is not None:
        return _heard(request, request.heard_by, own)
    if _takes_over(request, own, estate, now):
        # Who had it is named, and who entered it: the task is taken with a signature, not given by anybody else.
        entered = By(role=request.by.role, person=own, post=request.by.post)
        return request.model_copy(update={"heard_by": entered, "words": getattr(request, "reason", "")})
    return request.model_copy(update={"by": _as(request.by, own)})


def _heard(request: T, heard_by: By, own: str) -> T:
    """Nobody hears in another's name, and only the desk and whoever leads enters what others said."""
    found = {"heard_by": _as(heard_by, own)}
    if heard_by.role not in MAY_ENTER_FOR_OTHERS:
        found["by"] = _as(request.by, own)
    return request.model_copy(update=found)


def _as(by: By, own: str) -> By:
    if by.person not in (None, own):
        raise Refusal(403, "not-yourself", _NOT_YOURSELF)
    return by.model_copy(update={"person": own})


def _takes_over(request: Says, own: str, estate: Estate, now: datetime) -> bool:
    """At the change of shift whoever comes takes what another one of the same post still holds."""
    if not isinstance(request, HandOn) or request.to_person != own or request.by.person == own:
        return False
    post = post_of(estate, request.by.post or "")
    if post is None or post.role != request.by.role:
        return False
    return request.by.person is None or request.by.person in people_of(estate, post, now)


_NOT_YOURSELF = words(
    "只能以本人名义答复:请由其本人登录,或请客服台按听到的原话代为登记",
    "You speak for yourself only: let that person sign in, or have the desk enter the words that it heard",
)
