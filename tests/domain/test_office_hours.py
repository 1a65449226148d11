"""The top of a routine ladder is asked again within office hours; an emergency around the clock (SOP, Ladders)."""

from datetime import UTC, datetime, time

import pytest

from shared.contracts.escalations import RungReached
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.estates.office import in_office_hours
from shared.domain.estates.roster import OfficeHours
from shared.domain.rehearsing import Rehearsal
from tests.domain.evenings import HOME, Evening
from tests.support.estate import an_estate


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        ("2026-03-06T00:59:00", "2026-03-06T01:00:00"),
        ("2026-03-06T01:00:00", "2026-03-06T01:00:00"),
        ("2026-03-06T09:29:59", "2026-03-06T09:29:59"),
        ("2026-03-06T09:30:00", "2026-03-07T01:00:00"),
        ("2026-03-06T20:00:00", "2026-03-07T01:00:00"),
    ],
)
def test_the_next_moment_at_which_the_office_is_open(asked: str, then: str) -> None:
    at = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    assert in_office_hours(an_estate(), at) == datetime.fromisoformat(then).replace(tzinfo=UTC)


def test_an_office_that_never_closes() -> None:
    estate = an_estate().model_copy(update={"office": OfficeHours(start=time(), end=time())})
    at = datetime(2026, 3, 6, 20, tzinfo=UTC)
    assert in_office_hours(estate, at) == at


def _rungs(evening: Evening) -> list[RungReached]:
    evening.play = Rehearsal([DispatchRules(), EscalationRules()], [evening.estate], evening.books)
    evening.file()
    evening.later(hours=5)
    return [f for f in evening.play.facts if isinstance(f, RungReached) and f.clock == "finish"]


def test_at_night_the_director_is_asked_once_and_again_in_the_morning() -> None:
    """From 03:00 on: every rung is asked at once; only the repetition waits for 09:00."""
    rungs = _rungs(Evening("inquiry", form="oral"))
    assert [r.role for r in rungs] == ["customer_assistant", "service_head", "management_director", *_top(rungs)]
    assert len(_top(rungs)) == 1
    assert rungs[-1].again_at == datetime(2026, 3, 7, 1, 0, tzinfo=UTC)


def _top(rungs: list[RungReached]) -> list[str]:
    return [r.role for r in rungs if r.turn > 1]


def test_an_emergency_does_not_wait_for_the_morning() -> None:
    rungs = _rungs(Evening("medical", help=("ambulance",), **HOME))
    assert len([r for r in rungs if r.role == "management_director"]) > 20
