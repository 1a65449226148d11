"""Whose word counts for a task: asked of dispatch and of escalation, which must not differ (SOP S2c).

An acknowledgement or an arrival is never refused for the state that a case is in, so nothing here depends on one:
only on whom the task went to, and on who speaks.
"""

from collections.abc import Iterable
from typing import NamedTuple

from shared.contracts.event import Addressee, Speaker
from shared.contracts.replies import Said
from shared.contracts.vocabulary import LADDERS, Role

WRITES_DOWN: frozenset[Role] = frozenset({"customer_assistant", "control_room"})
"""Who hears the radio and the phone, and enters what was said there."""


class Voice(NamedTuple):
    """Who said it, and whether somebody else entered it."""

    by: Speaker
    heard: bool = False


def voice(said: Said) -> Voice:
    return Voice(said.by, said.heard_by is not None)


def counts(said: Voice, addressed: Iterable[Addressee]) -> bool:
    """By anyone on the ladder of whom it was sent to, by the person or post it was sent to, or as it was heard."""
    if said.heard and said.by.role in WRITES_DOWN:
        return True
    return any(_was_asked(said.by, to) for to in addressed)


def _was_asked(by: Speaker, to: Addressee) -> bool:
    by_name = by.person is not None and by.person == to.person
    return by_name or (by.post is not None and by.post == to.post) or by.role in LADDERS[to.role]
