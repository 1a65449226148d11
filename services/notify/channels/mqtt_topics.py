"""Topics and payloads of radios and handhelds by MQTT 5. Pure; docs/handhelds.md says the same in words.

Whoever may write on a topic is settled by the broker, so a topic's estate and post count, and what a payload claims
of them does not.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, WrapValidator
from pydantic import ValidatorFunctionWrapHandler as Check

from shared.contracts.vocabulary import Lane

ROOT = "baoshi/v1"
Leaf = Literal["messages", "receipts", "answers", "status"]
FROM_DEVICE: tuple[Leaf, ...] = ("answers", "receipts", "status")
NOBODY_SUBSCRIBES = 0x10
FAILURE = 0x80
"""Reason codes of a PUBACK from here on mean that the broker did not take it (MQTT 5, 2.4)."""
MOST_BYTES = 64 * 1024
NOTIFY_USER = "notify"
_POST = re.compile(r"[A-Za-z0-9_.~-]{1,64}")
_LONGEST_S = 2**32 - 1
_LONGEST_DETAIL = 64


class Place(NamedTuple):
    """Whose topic it is, and which."""

    post: str
    leaf: Leaf


def is_post(address: str) -> bool:
    """Whether it can stand as one level of a topic and in a user's name."""
    return _POST.fullmatch(address) is not None


def topic(estate: str, post: str, leaf: Leaf) -> str:
    return f"{ROOT}/{estate}/{post}/{leaf}"


def from_devices(estate: str) -> list[str]:
    """What notify subscribes to."""
    return [topic(estate, "+", leaf) for leaf in FROM_DEVICE]


def place_of(name: str, estate: str) -> Place | None:
    """None for a topic that no device of this estate writes on."""
    for leaf in FROM_DEVICE:
        before, after = f"{ROOT}/{estate}/", f"/{leaf}"
        post = name.removeprefix(before).removesuffix(after)
        if name == f"{before}{post}{after}" and is_post(post):
            return Place(post, leaf)
    return None


def device_user(estate: str, post: str) -> str:
    """The name by which a device signs in, and its client id; an estate's code has no dot."""
    return f"{estate}.{post}"


def expiry_s(seconds_left: float) -> int:
    """Message Expiry Interval: whole seconds, rounded up, so that nothing expires before its time."""
    return min(max(math.ceil(seconds_left), 1), _LONGEST_S)


def _or_none(value: Any, check: Check) -> Any:
    """A detail that makes no sense is left out: what was said counts without it."""
    try:
        return check(value)
    except ValueError:
        return None


_Detail = Annotated[Annotated[str, Field(max_length=_LONGEST_DETAIL)] | None, WrapValidator(_or_none)]


class Payload(BaseModel):
    """JSON in UTF-8; what a newer side adds is ignored, another `v` is another scheme."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    v: Literal[1] = 1

    def as_json(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()


class Message(Payload):
    """To a device. `text` is the radio text; the rest is for terminals that can show more than a line."""

    ref: str
    text: str
    code: str | None = None
    lane: Lane = "routine"
    drill: bool = False
    task_id: str | None = None
    step: str | None = None
    outcomes: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    guard: tuple[str, ...] = ()
    clause: tuple[str, ...] = ()
    sent_at: datetime | None = None


class ReceiptSaid(Payload):
    """`refused`: a gateway could not bring it to its radio; the next channel is tried at once."""

    ref: str = Field(min_length=1, max_length=64)
    what: Literal["shown", "refused"]
    reason: _Detail = None
    at: Annotated[AwareDatetime | None, WrapValidator(_or_none)] = None


class AnswerSaid(Payload):
    """`id` is the device's own, and the same when it says the answer again."""

    id: str = Field(min_length=1, max_length=64)
    ref: _Detail = None
    code: _Detail = None
    key: _Detail = None
    words: Annotated[str | None, WrapValidator(_or_none)] = None
    outcome: _Detail = None
    said_at: Annotated[AwareDatetime | None, WrapValidator(_or_none)] = None


class StatusSaid(Payload):
    """`lost` is said by the broker, as the device's last will."""

    state: Literal["here", "lost"]
    at: Annotated[AwareDatetime | None, WrapValidator(_or_none)] = None


SAID: dict[Leaf, type[Payload]] = {"answers": AnswerSaid, "receipts": ReceiptSaid, "status": StatusSaid}
Kind = TypeVar("Kind", bound=Payload)


def parsed(kind: type[Kind], payload: bytes) -> Kind | None:
    """None for nonsense."""
    try:
        return kind.model_validate_json(payload)
    except ValidationError:
        return None


def acl_of(estate: str, post: str) -> Sequence[tuple[Literal["read", "write"], str]]:
    """What a device may: read its own messages and say its own answers, and nothing else."""
    return [("read", topic(estate, post, "messages")), *(("write", topic(estate, post, le)) for le in FROM_DEVICE)]


def acl_of_notify() -> Sequence[tuple[Literal["read", "write"], str]]:
    return [("write", topic("+", "+", "messages")), *(("read", topic("+", "+", le)) for le in FROM_DEVICE)]
