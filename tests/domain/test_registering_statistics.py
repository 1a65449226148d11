"""The figures, against a table computed by hand."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.escalations import GradePromoted, LimitPassed
from shared.contracts.event import Addressee
from shared.contracts.replies import ReportJoined
from shared.contracts.tasks import ReportChanged, ReportReopened
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.statistics import Breakdown, month_start, statistics
from shared.domain.registering.tally import spread
from shared.domain.registering.visits import quotas_of
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


def test_drills_have_figures_of_their_own() -> None:
    real, drill, stopped = a_guard_goes((1, 2, 5, 30)), Life("medical", drill=True), Life("disaster", drill=True)
    for life in (drill, stopped):
        life.opened()
        life.task("go", 9, role="guard")
    stopped.closed(9, "drill_stopped")
    counted = rows([real, drill, stopped])
    (line,) = statistics(counted, MORNING)
    assert (line["reports"], line["seconds"]["task"]["max"]) == (1, 60.0)
    drills = statistics(counted, MORNING, Breakdown(drills=True))
    shown = [(d["category"], d["reports"], d["drill_stopped"], d["seconds"]["task"]["max"]) for d in drills]
    assert shown == [("disaster", 1, 1, 540.0), ("medical", 1, 0, 540.0)]


def test_what_was_written_up_is_a_report_without_times() -> None:
    paper = Life("medical", written_up=True)
    paper.opened()
    paper.closed(1, "written_up")
    (line,) = statistics(rows([paper]), MORNING)
    assert (line["reports"], line["written_up"], line["overdue_share"]) == (1, 1, None)
    assert line["seconds"]["ended"] == nothing()
    late = still_open()
    (line,) = statistics(rows([paper, late]), MORNING)
    assert (line["reports"], line["overdue_share"]) == (2, 1.0)


def linked(n: int, outcome: str | None, main: str, **fields: Any) -> Life:
    """One of forty callers; answered after n minutes by this outcome, or not yet."""
    life = Life("repair", text=str(n), **fields)
    life.opened()
    life.fact(ReportChanged, 0, linked_to=main, ending="linked")
    task = life.task("answer_caller", 0)
    if outcome:
        life.ended(task, n, outcome)
        life.closed(n, "linked")
    return life


def test_one_event_is_one_report_and_its_callers_are_counted_apart() -> None:
    main = Life("repair", text="main")
    main.opened()
    main.task("go", 2, role="engineering")
    callers = [linked(n, "answered", main.report_id) for n in range(1, 39)]
    callers += [linked(50, "impossible", main.report_id), linked(51, None, main.report_id)]
    (line,) = statistics(rows([main, *callers]), MORNING)
    assert (line["reports"], line["seconds"]["task"]) == (1, {"count": 1, "p50": 120.0, "p90": 120.0, "max": 120.0})
    told = line["callers"]
    assert (told["count"], told["answered"], told["waiting"]) == (40, 38, 1)
    assert told["seconds"]["count"] == 38 and told["seconds"]["max"] == 38 * 60


def only_named(main: str) -> Life:
    """What the register has of a mistyped id: that somebody was linked to it."""
    life = Life("repair", text="never")
    life.report_id = main
    life.events = []
    life.said(ReportJoined, 0, by_report_id="other", by=by("customer_assistant"))
    return life


def test_a_caller_whose_main_report_is_none_is_a_report() -> None:
    """It never was, or is a drill: nobody else stands in these figures for what happened to him."""
    never = "routine.repair.lanting." + "f" * 32
    drill = Life("repair", drill=True)
    drill.opened()
    (real,) = statistics(rows([linked(1, None, never), only_named(never)]), MORNING)
    assert (real["reports"], real["open"], real["callers"]["count"]) == (1, 1, 0)
    lives = rows([drill, linked(1, None, drill.report_id), linked(2, None, drill.report_id, drill=True)])
    (real,) = statistics(lives, MORNING)
    (drills,) = statistics(lives, MORNING, Breakdown(drills=True))
    assert (real["reports"], real["callers"]["count"]) == (1, 0)
    assert (drills["reports"], drills["callers"]["count"]) == (1, 1)


def test_what_was_written_up_is_of_the_month_in_which_it_happened() -> None:
    """Entered on new year's morning, of the last evening of the year."""
    entered = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)
    paper = Life("repair", at=entered, written_up=True)
    paper.events = [paper.filed.model_copy(update={"occurred_at": datetime(2026, 12, 31, 12, tzinfo=UTC)})]
    (line,) = statistics(rows([paper]), entered, Breakdown(group_by=("month",)))
    assert line["month"] == "2026-12"
    december = Breakdown(from_month="2026-12", to_month="2026-12")
    assert len(statistics(rows([paper]), entered, december)) == 1


def test_a_visit_that_was_not_made_is_a_matter_of_its_quota_not_overdue() -> None:
    life = Life("repair")
    life.opened()
    visit = life.task("return_visit_repair", 2, record=("visit_mark",), ack_wait=60, finish_by=life.at(10))
    life.closed(2)
    life.fact(LimitPassed, 10, task_id=visit, clock="finish", due_at=life.at(10))
    for asked in (Breakdown(), Breakdown(group_by=("department",))):
        (line,) = statistics(rows([life]), life.at(60), asked, None, QUOTAS)
        assert (line["overdue"], line["overdue_now"], line["return_visits"]["cases"]) == (0, 0, 1)
    life.ended(visit, 20, "satisfied")
    (line,) = statistics(rows([life]), life.at(60))
    assert line["overdue"] == 0


def test_a_case_with_two_visits_is_one_case() -> None:
    life = visited(0, "failed", "C")
    life.fact(ReportReopened, 9, round=2, why="return_visit_repair")
    second = life.task("visit_major", 12, record=("visit_mark",))
    life.closed(12)
    life.ended(second, 20, "satisfied", record={"visit_mark": "A"})
    (line,) = statistics(rows([life]), MORNING, None, None, QUOTAS)
    visits = line["return_visits"]
    assert (visits["cases"], visits["visited"], len(visits["quotas"])) == (1, 1, 2)
    assert visits["outcomes"] == {"failed": 1, "satisfied": 1}


def test_what_went_on_in_a_linked_report_is_counted_there_but_its_hand_ons_happened() -> None:
    first = handed_on()
    first.fact(ReportChanged, 9, ending="followed", followed_by="second")
    first.closed(9, "followed")
    second = Life("security", follows=first.report_id, clock_from=first.start, at=first.at(9))
    second.opened(clock_from=first.start)
    second.task("go", 1, role="guard")
    general, security = statistics(rows([first, second]), MORNING)
    assert (general["reports"], general["carried_on"], general["hand_ons"]) == (0, 1, 2)
    assert (security["reports"], security["seconds"]["task"]["max"]) == (1, 600.0)


def test_a_month_is_the_estates_own() -> None:
    """16:30 UTC on the 31st of October is November in Shanghai."""
    late = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    lives = [Life(at=late, text="here"), Life(at=late, text="there", estate="bihai")]
    zones = {"lanting": ZoneInfo("Asia/Shanghai"), "bihai": ZoneInfo("UTC")}
    by_month = Breakdown(group_by=("estate", "month"))
    lines = statistics(rows(lives), MORNING, by_month, zones)
    assert [(line["estate"], line["month"]) for line in lines] == [("bihai", "2026-10"), ("lanting", "2026-11")]
    november = by_month._replace(from_month="2026-11", to_month="2026-11")
    assert [line["estate"] for line in statistics(rows(lives), MORNING, november, zones)] == ["lanting"]


def test_months_begin_and_end_at_midnight_there() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert month_start("2026-12", zone).astimezone(UTC) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert month_start("2026-12", zone, months_on=1).astimezone(UTC) == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_a_department_has_the_times_of_its_own_tasks() -> None:
    life = handed_on()
    life.ended(life.task("help_third", 10, role="engineering", finish_by=life.at(20)), 30)
    lines = statistics(rows([life]), MORNING, Breakdown(group_by=("department",)))
    shown = [(x["department"], x["reports"], x["open"], x["overdue"], x["hand_ons"]) for x in lines]
    assert shown == [("cleaning", 1, 0, 0, 1), ("engineering", 1, 0, 1, 0), ("greening", 1, 0, 0, 1)]
    assert [line["seconds"]["task"]["max"] for line in lines] == [300.0, 600.0, 60.0]
    only = statistics(rows([life]), MORNING, Breakdown(department="engineering"))
    assert [(line["category"], line["seconds"]["ended"]["max"]) for line in only] == [("general", 1800.0)]
    assert statistics(rows([life]), MORNING, Breakdown(department="guard")) == []


def visited(n: int, outcome: str | None, mark: str | None = None, version: int = 1) -> Life:
    life = Life("repair", text=f"visit {n}")
    life.opened(playbook_version=version)
    life.ended(life.task("record_repair", 1), 2)
    task = life.task("return_visit_repair", 2, optional=True, record=("visit_date", "visit_mark"))
    life.closed(2)
    if outcome:
        life.ended(task, 9, outcome, record={"visit_mark": mark} if mark else {})
    return life


QUOTAS = {("repair", 1): {"return_visit_repair": 60}, ("repair", 2): {"return_visit_repair": 100}}
VISITED: list[tuple[str, list[Life], tuple[int, int, int | None, bool | None]]] = [
    ("met", [visited(0, "satisfied", "A"), visited(1, "satisfied", "B"), visited(2, None)], (3, 2, 2, True)),
    ("still to come", [visited(0, "satisfied", "A"), visited(1, None)], (2, 1, 2, None)),
    (
        "given up is not visited",
        [visited(0, "satisfied", "A"), visited(1, "impossible")],
        (2, 1, 2, False),
    ),
    ("no quota in that version", [visited(0, "satisfied", "A", version=3)], (1, 1, None, None)),
    ("by the version the case began with", [visited(0, "satisfied", "A", version=2)], (1, 1, 1, True)),
]


@pytest.mark.parametrize(("name", "lives", "expected"), VISITED, ids=[name for name, *_ in VISITED])
def test_return_visits_against_their_quota(
    name: str, lives: list[Life], expected: tuple[int, int, int | None, bool | None]
) -> None:
    (line,) = statistics(rows(lives), MORNING, None, None, QUOTAS)
    (quota,) = line["return_visits"]["quotas"]
    assert (quota["cases"], quota["visited"], quota["needed"], quota["met"]) == expected
    assert line["return_visits"]["met"] is expected[3]


def test_a_failed_visit_counts_though_its_case_is_open_again() -> None:
    life = visited(0, "failed", "C")
    life.fact(ReportReopened, 9, round=2, why="return_visit_repair")
    (line,) = statistics(rows([life]), MORNING, None, None, QUOTAS)
    visits = line["return_visits"]
    assert (line["reopened"], line["open"]) == (1, 1)
    assert (visits["cases"], visits["visited"], visits["outcomes"]) == (1, 1, {"failed": 1})
    assert visits["marks"] == {"A": 0, "B": 0, "C": 1}


def test_what_was_withdrawn_needs_no_visit() -> None:
    life = Life("repair")
    life.opened()
    life.task("return_visit_repair", 2, optional=True, record=("visit_mark",))
    life.closed(2, "withdrawn")
    (line,) = statistics(rows([life]), MORNING, None, None, QUOTAS)
    assert (line["withdrawn"], line["return_visits"]["cases"]) == (1, 0)


def test_promoted_cases_are_counted() -> None:
    life = Life("complaint")
    life.opened()
    life.fact(GradePromoted, 9, grade="major", why="households")
    (line,) = statistics(rows([life]), MORNING)
    assert line["promoted"] == 1


def test_quotas_are_those_of_the_playbooks() -> None:
    books = load_playbooks()
    found = quotas_of(books)
    complaint = books.by_category["complaint"]
    assert found["complaint", complaint.version]["visit_major"] == 100
    assert {step for (category, _), steps in found.items() if category == "inquiry" for step in steps} == set()
