"""The figures, against a table computed by hand."""

from typing import Any

import pytest

from shared.contracts.escalations import LimitPassed
from shared.contracts.event import Addressee
from shared.contracts.tasks import ReportChanged
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.statistics import spread, statistics
from tests.support.lives import MORNING, Life, by


@pytest.mark.parametrize(
    ("values", "p50", "p90", "longest"),
    [
        ([], None, None, None),
        ([4.0], 4.0, 4.0, 4.0),
        ([2.0, 1.0], 1.0, 2.0, 2.0),
        ([float(n) for n in range(1, 11)], 5.0, 9.0, 10.0),
        ([float(n) for n in range(1, 12)], 6.0, 10.0, 11.0),
    ],
)
def test_spread_is_by_nearest_rank(
    values: list[float], p50: float | None, p90: float | None, longest: float | None
) -> None:
    assert spread(values) == {"count": len(values), "p50": p50, "p90": p90, "max": longest}


def rows(lives: list[Life]) -> list[dict[str, Any]]:
    return [fold(life.report_id, map(as_document, life.events)) for life in lives]


def a_guard_goes(minutes: tuple[float, float, float, float]) -> Life:
    """Task, 明白, 到达 and end at these minutes; to arrive is asked within 10."""
    assigned, acknowledged, arrived, ended = minutes
    life = Life("medical", text=str(minutes))
    life.opened()
    task = life.task("go", assigned, role="guard", ack_wait=60, arrive_by=life.at(10))
    life.changed(task, "acknowledged", acknowledged, by=by("guard", "guard-1"))
    life.changed(task, "arrived", arrived, by=by("guard", "guard-1"))
    life.ended(task, ended)
    life.closed(ended)
    return life


def still_open() -> Life:
    """Nobody has answered; its limit passed long ago."""
    life = Life("medical", text="open")
    life.opened()
    task = life.task("go", 1, role="guard", ack_wait=60)
    life.fact(LimitPassed, 2, task_id=task, clock="ack", due_at=life.at(2))
    return life


def handed_on() -> Life:
    life = Life("general")
    life.opened()
    first = life.task("help", 1, to=Addressee(role="department_head", department="greening"))
    life.ended(first, 5, "hand_on")
    second = life.task("help_second", 5, to=Addressee(role="department_head", department="cleaning"))
    life.ended(second, 8, "hand_on")
    life.fact(ReportChanged, 8, hand_ons=2)
    return life


def nothing() -> dict[str, Any]:
    return {"count": 0, "p50": None, "p90": None, "max": None}


def test_the_figures_of_an_evening() -> None:
    done = [a_guard_goes((1, 2, 5, 30)), a_guard_goes((2, 4, 12, 60)), a_guard_goes((3, 3, 4, 10))]
    lines = statistics(rows([*done, still_open(), handed_on(), Life("medical", estate="bihai")]), MORNING)
    assert [(line["estate"], line["category"], line["reports"]) for line in lines] == [
        ("bihai", "medical", 1),
        ("lanting", "general", 1),
        ("lanting", "medical", 4),
    ]
    medical, general = lines[2], lines[1]
    assert medical["seconds"] == {
        "task": {"count": 4, "p50": 60.0, "p90": 180.0, "max": 180.0},
        "acknowledged": {"count": 3, "p50": 180.0, "p90": 240.0, "max": 240.0},
        "arrived": {"count": 3, "p50": 300.0, "p90": 720.0, "max": 720.0},
        "ended": {"count": 3, "p50": 1800.0, "p90": 3600.0, "max": 3600.0},
    }
    assert (medical["open"], medical["overdue"], medical["overdue_now"]) == (1, 2, 0)
    assert (general["hand_ons"], general["hand_ons_by_department"]) == (2, {"cleaning": 1, "greening": 1})
    assert lines[0]["seconds"] == dict.fromkeys(("task", "acknowledged", "arrived", "ended"), nothing())


def test_what_is_overdue_now_depends_on_now_alone() -> None:
    life = still_open()
    (early,), (late,) = (statistics(rows([life]), life.at(minute)) for minute in (1.9, 2))
    assert (early["overdue_now"], late["overdue_now"]) == (0, 1)


@pytest.mark.parametrize("mark", ["drill", "written_up"])
def test_drills_and_paper_do_not_count(mark: str) -> None:
    assert statistics(rows([Life(**{mark: True})]), MORNING) == []
