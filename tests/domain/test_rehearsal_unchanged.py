"""A record played through unchanged rules and files gives what is recorded, whatever was said that night."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.rehearsal.comparing import Bounds, rehearse
from shared.domain.rules import World
from tests.domain.evenings import HEAD, HOME, playbooks
from tests.domain.nights.night import Night, Turn
from tests.domain.nights.saying import anything
from tests.domain.recording import Recorder, made, played, record, recorded
from tests.domain.test_random_evenings import anyhow, turns

EXACT = timedelta()


class RecordedNight(Night):
    plays = Recorder


@pytest.mark.timeout(300)
@anyhow
@given(first=turns, script=st.lists(turns, min_size=5, max_size=30))
def test_any_night_replays_to_the_same(first: Turn, script: list[Turn]) -> None:
    night = RecordedNight(first)
    for turn in script:
        if turn[0] % 10:
            anything(night, turn)
    assert isinstance(night.play, Recorder)
    world = World(night.estate, playbooks())
    for report in night.reports:
        one = made(night.play.log, report.report_id, night.now)
        found = rehearse(one, world, world, Bounds(night.now, most(one), EXACT))
        assert not found.unfit
        assert {pair.status for pair in found.pairs} <= {"same"}
        assert found.faithful


def most(one: object) -> int:
    return 1_000_000


def test_an_evening_with_answers_and_a_ladder_is_the_same_and_has_something_to_tell() -> None:
    evening = recorded(**HOME).file()
    evening.later(seconds=25)
    evening.ack("ask_help", HEAD)
    evening.done("ask_help", "known", HEAD, help=["ambulance"])
    evening.later(minutes=4)
    found = played(evening)
    assert not found.differs and found.faithful
    assert {pair.then.cause for pair in found.pairs if pair.then} >= {"task", "rung", "informed"}
    assert len(record(evening).rang) > 3
