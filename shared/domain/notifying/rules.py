"""The rules of notify: whom a task or notice goes to, by which device, and when the next one is tried.

What a device answers is no matter of these rules: it goes to `replies`, and comes back as dispatch's fact.
"""

from datetime import datetime

from shared.contracts.deliveries import DeliveryRefused, DeliverySkipped
from shared.contracts.event import Event, Fact
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed
from shared.contracts.tasks import TaskAssigned, TaskChanged
from shared.domain.notifying.addressing import CanOf
from shared.domain.notifying.folding import fold
from shared.domain.notifying.sending import Saying, begin, go_on
from shared.domain.notifying.state import (
    SERVICE,
    Message,
    has_ended,
    has_reached,
    is_in_line,
    is_settled,
    message_of,
    next_look,
)
from shared.domain.rules import Cause, Deadline, Hold, State, World, next_version


class NotifyRules:
    """Never holds: a notice says all that is to be said, and an end read first is kept as a tombstone."""

    service = SERVICE
    takes_estates = True

    def __init__(self, can: CanOf) -> None:
        self._can = can

    def decide(self, state: State, event: Event, now: datetime, world: World) -> list[Fact] | Hold:
        """A message begins once; it goes on when its device refused it or its time has passed."""
        after = fold(state, event, now)
        saying = Saying(after, Cause(SERVICE, event, now, next_version(state)), world, self._can)
        if isinstance(event, TaskAssigned | TaskChanged | NoticeIssued):
            message = message_of(after, event.event_id)
            # A notice of our own is in the case since it was said, and begins when it is read.
            if message and not (message["tries"] or message["over"] or message.get("again_at")):
                _begin(saying, message, event)
        elif isinstance(event, DeliveryRefused):
            _on_refused(saying, message_of(after, event.message))
        elif isinstance(event, DeadlinePassed):
            _on_passed(saying, event)
        return saying.facts

    def evolve(self, state: State, event: Event, now: datetime) -> State:
        """See `folding`."""
        return fold(state, event, now)

    def deadlines(self, state: State) -> list[Deadline]:
        """One a message that still waits for a receipt, an answer or the end of the quiet hours."""
        return [look for m in state.get("messages", {}).values() if (look := next_look(state, m))]

    def refuse(self, state: State, event: Event, now: datetime, world: World) -> list[Fact]:
        """Nothing is held, so nothing is given up."""
        return []

    def closed_at(self, state: State) -> datetime | None:
        """When dispatch closed the case and nothing is waited for any more."""
        closed, reopened = state.get("closed"), state.get("reopened")
        if not closed or (reopened and reopened["order"] > closed["order"]) or self.deadlines(state):
            return None
        at: datetime = closed["at"]
        return at


def _begin(saying: Saying, message: Message, event: Event) -> None:
    if has_ended(saying.state, message):
        saying.say(DeliverySkipped, **saying.about(message), reason="ended")
        return
    begin(saying, message, (event.already or ()) if isinstance(event, NoticeIssued) else ())


def _on_refused(saying: Saying, message: Message | None) -> None:
    """At once, unless another device may still bring it or has brought it."""
    if message is None or is_settled(saying.state, message) or not message["tries"]:
        return
    now = saying.cause.now
    hopes = [t for t in message["tries"] if t["mark"] != "refused" and t["next_at"] > now]
    in_time = message["answer_by"] is None or message["answer_by"] > now
    if not hopes and not (has_reached(message) and in_time):
        go_on(saying, message)


def _on_passed(saying: Saying, passed: DeadlinePassed) -> None:
    kind, _, name = passed.name.partition(".")
    message = saying.state.get("messages", {}).get(name)
    if message is None or is_settled(saying.state, message) or is_in_line(message):
        return
    if kind == "next" and passed.armed_by != message["tries"][-1]["armed_by"]:
        return
    if kind == "quiet":
        begin(saying, message)
    else:
        go_on(saying, message)
