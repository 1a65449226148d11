"""The check finds what is missing, what is there twice and what nobody called for; and what happened counts."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from cli.demoing.checking import Held, happened_finding, numbers_finding, planned_finding, reports_finding
from cli.demoing.door import Answered
from cli.demoing.evening import Evening, read_evening
from cli.demoing.people import People, report_id
from cli.demoing.registered import Registered
from cli.demoing.rehearsals import Said, Slack, as_it_happened, as_planned
from cli.demoing.running import Sent
from cli.demoing.speaking import event_of
from cli.starting import example_estates
from shared.contracts.deliveries import DeliveryFailed
from shared.contracts.escalations import RungReached
from shared.contracts.event import Event, Fact
from shared.contracts.ids import deadline_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import TaskAssigned
from shared.domain.playbooks.loading import load_playbooks

FILE = Path(__file__).resolve().parents[2] / "examples" / "evening.toml"
IN_TIME, HELD_UP = Held(0.01, 0.02, 0.03), Held(0.01, 0.9, 0.03)
SLACK = Slack(timedelta(), timedelta(seconds=60))


@cache
def _evening() -> Evening:
    """One report nobody answers until its ladder has climbed."""
    whole = read_evening(FILE.read_text(encoding="utf-8"))
    chosen = tuple(f for f in whole.report if f.id == "lanting-nobody-answers")
    return whole.model_copy(update={"report": chosen, "lasts": timedelta(minutes=5)})


@cache
def _facts() -> tuple[Fact, ...]:
    evening = _evening()
    end = evening.begins + evening.lasts
    return tuple(as_planned(evening, example_estates(), load_playbooks(), evening.begins, end))


def _said() -> list[Said]:
    evening, estates = _evening(), example_estates()
    (request,) = People(evening, estates, evening.begins).reports()
    return [Said(request.at, event_of(request, estates[0], request.at))]


def _without(kind: type[Event]) -> list[Fact]:
    gone = next(fact for fact in _facts() if isinstance(fact, kind))
    return [fact for fact in _facts() if fact is not gone]


def _twice(kind: type[Event]) -> list[Fact]:
    return [*_facts(), next(fact for fact in _facts() if isinstance(fact, kind))]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (list(_facts()), None),
        (_without(TaskAssigned), "wanted 1, 有 found 0"),
        (_without(NoticeIssued), "wanted 2, 有 found 1"),
        (_twice(TaskAssigned), "wanted 1, 有 found 2"),
        (_twice(NoticeIssued), "wanted 2, 有 found 3"),
        ([], "found 0"),
    ],
)
def test_every_difference_is_named(found: Sequence[Fact], said: str | None) -> None:
    planned = planned_finding(_facts(), found, {}, IN_TIME)
    happened = happened_finding([_facts()], found, {})
    for finding in (planned, happened):
        assert finding.holds is (said is None)
        assert (said is None) or said in finding.wrong[0]


def test_a_machine_that_was_held_up_excuses_the_plan_and_nothing_else() -> None:
    found = _without(NoticeIssued)
    assert planned_finding(_facts(), found, {}, HELD_UP).holds
    assert not happened_finding([_facts()], found, {}).holds


def test_the_plan_says_nothing_of_a_ladder_where_nobody_could_be_rung_and_what_happened_does() -> None:
    rung = next(fact for fact in _facts() if isinstance(fact, RungReached))
    about = {name: getattr(rung, name) for name in ("report_id", "estate_id", "occurred_at", "accepted_at")}
    ids = {"event_id": uuid4(), "because_of": uuid4(), "message": uuid4(), "case_version": 1, "index": 0}
    failed = DeliveryFailed(**about, **ids, task_id=rung.task_id, reason="nobody")
    found = [*_twice(RungReached), failed]
    assert not planned_finding(_facts(), _twice(RungReached), {}, IN_TIME).holds
    assert planned_finding(_facts(), found, {}, IN_TIME).holds
    assert not happened_finding([_facts()], found, {}).holds


def test_a_report_is_right_by_any_legal_order() -> None:
    assert happened_finding([_without(NoticeIssued), _facts()], _facts(), {}).holds


def test_what_happened_on_time_is_what_was_planned() -> None:
    evening = _evening()
    end = evening.begins + evening.lasts
    stamps = {
        deadline_id(fact.because_of, "x"): fact.accepted_at for fact in _facts() if fact.because_of is not None
    } | {fact.because_of: fact.accepted_at for fact in _facts() if fact.because_of is not None}
    happened = as_it_happened(_said(), stamps, example_estates(), load_playbooks(), SLACK, end)
    assert happened_finding([happened], _facts(), {}).wrong == ()


def test_a_deadline_that_never_rang_is_missed() -> None:
    evening = _evening()
    end = evening.begins + evening.lasts
    happened = as_it_happened(_said(), {}, example_estates(), load_playbooks(), SLACK, end)
    never = [fact for fact in _facts() if isinstance(fact, TaskAssigned)]
    finding = happened_finding([happened], never, {})
    assert any("rung" in line for line in finding.wrong)


def _filing(status: int = 202) -> Sent:
    evening = _evening()
    (request,) = People(evening, example_estates(), evening.begins).reports()
    body = {"report_id": request.report_id, "accepted_at": request.at.isoformat()}
    return Sent(request, Answered(request.at, status, body, 0.01))


@pytest.mark.parametrize(
    ("status", "filed", "rows", "holds"),
    [
        (202, 1, 1, True),
        (202, 0, 0, False),
        (202, 2, 1, False),
        (202, 1, 0, False),
        (422, 1, 1, False),
        (422, 0, 0, True),
    ],
)
def test_accepted_reports_are_there_once(status: int, filed: int, rows: int, holds: bool) -> None:
    name = report_id(_evening(), _evening().report[0])
    registered = Registered([_said()[0].event] * filed, [name] * rows, {name: 1}, {})
    assert reports_finding([_filing(status)], registered).holds is holds


@pytest.mark.parametrize(
    ("numbers", "holds"),
    [([1, 2, 3], True), ([3, 1, 2], True), ([1, 3], False), ([1, 1], False), ([2], False), ([], True)],
)
def test_numbers_have_no_gap(numbers: list[int], holds: bool) -> None:
    names = [f"routine.inquiry.lanting.{n:032x}" for n in range(len(numbers))]
    registered = Registered([], names, dict(zip(names, numbers, strict=True)), {})
    assert numbers_finding(registered, names).holds is holds


def test_drills_are_numbered_apart() -> None:
    names = [f"emergency.medical.lanting.{n:032x}" for n in range(3)]
    series = {names[0]: "", names[1]: "D", names[2]: ""}
    apart = Registered([], names, dict(zip(names, (1, 1, 2), strict=True)), series)
    assert numbers_finding(apart, names).holds
    assert not numbers_finding(apart._replace(series={}), names).holds
