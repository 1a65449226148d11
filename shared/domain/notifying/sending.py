"""What is said when something is to go out: an attempt by the next device, or that there is none left."""

from datetime import timedelta
from typing import Any, TypeVar

from shared.contracts.deliveries import DeliveryAccepted, DeliveryAttempted, DeliveryFailed, DeliverySkipped
from shared.contracts.event import Addressee, Fact, Words
from shared.contracts.notices import NoticeIssued
from shared.domain.estates.devices import URGENCIES
from shared.domain.notifying.addressing import CanOf, Owners, Way, owners, quiet_until, ways
from shared.domain.notifying.state import STANDS_DOWN, Message, addressee, has_reached, is_by_name
from shared.domain.rules import Cause, State, World

F = TypeVar("F", bound=Fact)
TEST, SILENT = "device_test", "device_silent"
_STILL_VALID = timedelta(hours=24)


class Saying:
    """One decision's facts, numbered as they are said."""

    def __init__(self, state: State, cause: Cause, world: World, can: CanOf) -> None:
        self.state, self.cause, self.world, self.can = state, cause, world, can
        self.facts: list[Fact] = []

    def say(self, kind: type[F], **fields: Any) -> F:
        name = str(kind.model_fields["type"].default)
        fact = kind(**self.cause.common(name, len(self.facts)), **fields)
        self.facts.append(fact)
        return fact

    def about(self, message: Message) -> dict[str, Any]:
        return {"message": message["id"], "task_id": message["task"]}


def begin(saying: Saying, message: Message, already: tuple[str, ...] = ()) -> None:
    """By the first device; in an emergency those beside it too; who is called back, by all that were used."""
    now, estate = saying.cause.now, saying.world.estate
    if not estate.devices:
        # Said once and no more: nobody is rung at an estate that has not connected anything.
        saying.say(DeliverySkipped, **saying.about(message), reason="no_devices")
        return
    if message["until"] and message["until"] <= now:
        saying.say(DeliverySkipped, **saying.about(message), reason="expired")
        return
    quiet = quiet_until(estate, now) if message["urgency"] == "morning" else None
    if quiet and message["until"] and message["until"] <= quiet:
        saying.say(DeliverySkipped, **saying.about(message), reason="expired")
        return
    if quiet:
        saying.say(DeliverySkipped, **saying.about(message), reason="quiet_hours", again_at=quiet)
        return
    found = _ways(saying, message)
    had = [way for way in found if way.device.id in already]
    chosen = had or _first(saying, message, found)
    for way in chosen:
        _attempt(saying, message, way, last=len(chosen) == len(found), accepted=bool(had))
    if not found:
        fail(saying, message, "no_device" if any(_whose(saying, message)) else "nobody")


def go_on(saying: Saying, message: Message) -> None:
    """The next device that was not tried; without one the holder was reached before, or nobody was."""
    if message["until"] and message["until"] <= saying.cause.now:
        saying.say(DeliverySkipped, **saying.about(message), reason="expired")
        return
    tried = {t["device"] for t in message["tries"]}
    left = [way for way in _ways(saying, message) if way.device.id not in tried]
    if left:
        _attempt(saying, message, left[0], last=len(left) == 1)
    elif not has_reached(message):
        fail(saying, message, "not_reached")


def fail(saying: Saying, message: Message, reason: str) -> None:
    """Nothing reached the holder; a device that failed its test is told to the service head."""
    saying.say(DeliveryFailed, **saying.about(message), reason=reason)
    if message["name"] == TEST:
        _say_silent(saying, message["device"] or "")


def _say_silent(saying: Saying, device: str) -> None:
    now = saying.cause.now
    saying.say(NoticeIssued, **silent_notice(device, saying.cause.now), valid_until=now + _STILL_VALID)


def silent_notice(device: str, now: Any) -> dict[str, Any]:
    """What the service head is told of a device that does not answer, whoever found out (issue: silent device)."""
    return {
        "name": SILENT,
        "clause": ("S2a",),
        "to": Addressee(role="service_head"),
        "words": Words(zh=f"设备无应答:{device},请派人查看", en=f"DEVICE SILENT: {device}. Have it checked."),
        "urgency": "routine",
    }


def _ways(saying: Saying, message: Message) -> list[Way]:
    estate, whose = saying.world.estate, _whose(saying, message)
    if not message["device"]:
        return ways(estate, whose, message["urgency"], saying.cause.now, saying.can)
    # A test goes to its device whatever that is kept for.
    every = (way for urgency in URGENCIES for way in ways(estate, whose, urgency, saying.cause.now, saying.can))
    return list({w.device.id: w for w in every if w.device.id == message["device"]}.values())


def _whose(saying: Saying, message: Message) -> Owners:
    estate = saying.world.estate
    if not message["device"]:
        return owners(estate, addressee(message), saying.cause.now, by_name=is_by_name(saying.state, message))
    its = [d for d in estate.devices if d.id == message["device"]]
    return Owners(frozenset(d.person for d in its if d.person), frozenset(d.post for d in its if d.post))


def _first(saying: Saying, message: Message, found: list[Way]) -> list[Way]:
    used = set(saying.state.get("used", ())) if message["name"] in STANDS_DOWN else set()
    beside = message["urgency"] == "emergency"
    return [way for n, way in enumerate(found) if n == 0 or way.device.id in used or (beside and way.device.beside)]


def _attempt(saying: Saying, message: Message, way: Way, *, last: bool, accepted: bool = False) -> None:
    urgent = message["urgency"] == "emergency"
    wait = timedelta(seconds=way.can.wait_s[0 if urgent else 1])
    by = {"device": way.device.id, "channel": way.channel.id, **saying.about(message)}
    # Break-glass waited itself for all that there was to be had of it.
    best = "accepted" if accepted else way.can.receipt
    when = {"best": best, "next_at": saying.cause.now + wait, "last": last or None}
    attempted = saying.say(DeliveryAttempted, **by, **when)
    if accepted:
        receipt = saying.say(DeliveryAccepted, **by)
        saying.facts[-1] = receipt.model_copy(update={"because_of": attempted.event_id})
