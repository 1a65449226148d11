"""Whatever is said, by whomever, in whatever order, over all classes: what Baoshi promises holds after every word.

`BAOSHI_EVENINGS=2000` plays so many instead of the usual ones, drawn anew each time.
"""

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.contracts.event import Event
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.rehearsing import Rehearsal
from tests.domain.evenings import playbooks
from tests.domain.nights.keeping import plain_and_repeatable
from tests.domain.nights.night import Night, Turn
from tests.domain.nights.saying import anything, at_once
from tests.domain.nights.watching import Watch

EVENINGS = int(os.environ.get("BAOSHI_EVENINGS", "120"))
number = st.integers(0, 10_000)
turns = st.tuples(number, number, number, number)
# Without shrinking, which takes minutes here: what fails is told by its script, which is cut by hand.
anyhow = settings(
    max_examples=EVENINGS,
    deadline=None,
    derandomize="BAOSHI_EVENINGS" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@pytest.mark.timeout(120 + EVENINGS)
@anyhow
@given(first=turns, script=st.lists(turns, min_size=20, max_size=50))
def test_what_must_hold_holds_in_any_night(first: Turn, script: list[Turn]) -> None:
    night = Night(first)
    watch = Watch(night)
    watch.turn()
    for turn in script:
        anything(night, turn)
        watch.turn()
    plain_and_repeatable(night)


@anyhow
@given(
    first=turns, script=st.lists(turns, min_size=1, max_size=8), place=number, again=st.lists(number, max_size=6)
)
def test_the_same_is_decided_when_answers_are_read_before_their_report(
    first: Turn, script: list[Turn], place: int, again: list[int]
) -> None:
    """Reports and replies stand in two topics, read in no common order, and any record may come twice."""
    night = Night(first, rules=(DispatchRules(),))
    for turn in script:
        at_once(night, turn)
    report, *replies = night.said
    place %= len(replies) + 1
    order = [*replies[:place], report, *replies[place:]]
    assert decided(night, order) == decided(night, night.said)
    for one in again:
        come = one % len(order)
        order.insert(come + 1 + one % (len(order) - come), order[come])
    assert decided(night, order) == decided(night, night.said)


def decided(night: Night, order: list[Event]) -> list[tuple[str, str]]:
    """What dispatch makes of it, read in this order within a few seconds, before any clock rings."""
    play = Rehearsal([DispatchRules()], [night.estate], playbooks())
    for n, event in enumerate(order):
        play.feed(event, night.now + timedelta(milliseconds=n))
    return sorted((str(fact.event_id), fact.type) for fact in play.facts)
