"""Who is at the door: a key speaks for its estates and its roles, and for nobody else."""

from starlette.requests import Request

from services.intake.problems import Refusal
from services.intake.wording import unknown, words
from shared.contracts.commands import By
from shared.contracts.event import Speaker
from shared.contracts.vocabulary import ROLES, Role
from shared.platform.caller import Caller
from shared.platform.callers import Callers
from shared.platform.errors import Rejected

MAY_ENTER_FOR_OTHERS: frozenset[Role] = frozenset(
    {
        "customer_assistant", "control_room", "shift_leader", "security_supervisor", "service_head",
        "management_director",
    }
)  # fmt: skip
"""Who hears an answer by phone or radio and enters it with the words heard (PLAYBOOKS 10)."""
TAKES_CALLS: tuple[Role, ...] = ("customer_assistant", "control_room", "service_head")
"""Day desk, night control room (SOP, Who takes part), and the head at the desk; they hand over to one another.

In this order, the role in which somebody with several of them takes a call.
"""


async def caller_of(request: Request, callers: Callers) -> Caller:
    """401 for a missing, malformed or unknown key, and for a session that is over; 403 without the page's token."""
    try:
        caller = await callers.find(request.headers, request.method)
    except Rejected as forged:
        raise Refusal(forged.status, forged.reason, forged.words) from forged
    if caller is not None:
        return caller
    raise Refusal(
        401,
        "no-key",
        words("请登录,或用 Authorization: Bearer <密钥>", "Sign in, or send Authorization: Bearer <key>"),
        headers={"www-authenticate": 'Bearer realm="baoshi"'},
    )


def estate_of(caller: Caller, wanted: str | None) -> str | None:
    """The estate asked for, if the key belongs there (else 404); without one, the only estate of the key."""
    if wanted is None:
        return next(iter(caller.estates)) if caller.estates is not None and len(caller.estates) == 1 else None
    if caller.estates is not None and wanted not in caller.estates:
        raise unknown("小区", "estate")
    return wanted


def may_speak(caller: Caller, by: By, heard_by: By | None = None) -> None:
    """403 unless the key has the speaker's role, or the role of a listener who may enter for others."""
    if heard_by is None and by.role in caller.roles:
        return
    if heard_by is not None and heard_by.role in caller.roles:
        if by.role in caller.roles or heard_by.role in MAY_ENTER_FOR_OTHERS:
            return
        raise Refusal(
            403,
            "not-your-role",
            words(f"{heard_by.role}不能代人登记", f"{heard_by.role} may not enter what others say"),
        )
    speaker = (heard_by or by).role
    raise Refusal(403, "not-your-role", words(f"该密钥不能代表{speaker}", f"This key may not speak for {speaker}"))


def own_role(caller: Caller) -> Role:
    """The role a key speaks for when none is said: the desk where it may, else its first in the vocabulary."""
    if "customer_assistant" in caller.roles:
        return "customer_assistant"
    return next(role for role in ROLES if role in caller.roles)


def speaker(by: By) -> Speaker:
    return Speaker(role=by.role, person=by.person, post=by.post)
