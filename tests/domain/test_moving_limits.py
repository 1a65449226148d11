"""S2c: which limits what is recorded may move, and which it may not."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.replies import DetailsCorrected, LimitExtended, TaskStarted
from shared.contracts.tasks import TaskChanged
from shared.domain.playbooks.limits import LONGEST_PROMISE
from tests.domain.evenings import HEAD, START, Evening, only, playbooks
from tests.domain.watched_evenings import Night, repair

HOUR = timedelta(hours=1)


def finish(evening: Evening, step: str) -> timedelta:
    """From the filing to the end of the step's open task."""
    task = next(t for t in reversed(evening.state["tasks"].values()) if t["step"] == step and t["open"])
    due: datetime = task["finish_by"]
    return due - START


def arrive(evening: Evening, step: str) -> datetime:
    found: datetime = evening.holder(step)["arrive_by"]
    return found


# ---- the resident's clock ------------------------------------------------------


def at_work(urgency: str) -> Evening:
    evening = Evening("repair", place="3栋1单元1201").file()
    evening.done("take_repair", urgency, urgency=urgency)
    evening.done("order", "arrived")
    return evening


def test_what_counts_from_the_report_never_moves_later() -> None:
    evening = at_work("urgent")
    before = finish(evening, "repair")
    assert before == 2 * HOUR
    facts = evening.amend(DetailsCorrected, urgency="daily")
    assert finish(evening, "repair") == before and not only(facts, TaskChanged)


def test_what_counts_from_the_report_moves_earlier() -> None:
    evening = at_work("daily")
    evening.amend(DetailsCorrected, urgency="urgent")
    assert finish(evening, "repair") == 2 * HOUR


def test_an_appointment_with_the_resident_moves_the_end_as_agreed() -> None:
    evening = at_work("daily")
    then = START + timedelta(days=3)
    evening.amend(DetailsCorrected, appointment_at=then)
    assert START + finish(evening, "repair") == then + 4 * HOUR


def test_the_level_of_an_event_counts_whatever_it_is_but_only_the_first_time() -> None:
    evening = Evening("disaster", kind="flood", place="地下车库").file()
    first = finish(evening, "report_authority")
    evening.done("report_authority", "graded", event_level="yellow")
    assert finish(evening, "report_authority") == first + timedelta(minutes=20)
    evening.done("report_authority", "graded", event_level="red")
    assert finish(evening, "report_authority") == first
    evening.done("report_authority", "graded", event_level="blue")
    assert finish(evening, "report_authority") == first


# ---- promises ------------------------------------------------------------------


def helped() -> Evening:
    evening = Evening("general", place="3栋1单元1201").file()
    evening.done("take_general", "department", department="engineering")
    return evening


def promise(evening: Evening, at: datetime) -> None:
    evening.done("help", "promised", time_promised=at.isoformat())


def test_a_promise_may_be_later_than_what_was_assumed_and_then_only_earlier() -> None:
    evening = helped()
    promise(evening, START + 72 * HOUR)
    assert finish(evening, "help") == 72 * HOUR
    promise(evening, START + 96 * HOUR)
    assert finish(evening, "help") == 72 * HOUR
    promise(evening, START + 48 * HOUR)
    assert finish(evening, "help") == 48 * HOUR


def test_only_a_head_puts_a_promise_off() -> None:
    evening = helped()
    promise(evening, START + 72 * HOUR)
    until = START + 96 * HOUR
    task = evening.task_id("help")
    evening.amend(LimitExtended, HEAD, task_id=task, clock="finish", until=until, reason="等配件")
    assert finish(evening, "help") == 96 * HOUR


@pytest.mark.parametrize(
    "far",
    [
        datetime(2099, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
def test_a_date_beyond_a_year_is_a_slip_of_the_pen(far: datetime) -> None:
    evening = helped()
    before = finish(evening, "help")
    promise(evening, far)
    assert finish(evening, "help") == before


def test_a_date_within_the_year_counts() -> None:
    evening = helped()
    promise(evening, START + LONGEST_PROMISE - HOUR)
    assert finish(evening, "help") == LONGEST_PROMISE - HOUR


@pytest.mark.parametrize("year", [1, 2099, 9999])
def test_no_date_that_a_limit_counts_from_makes_a_task_without_an_end_or_stops_the_case(year: int) -> None:
    evening = Evening("repair", place="3栋1单元1201").file()
    said = datetime(year, 12, 31, 23, 59, tzinfo=UTC).isoformat()
    evening.done("take_repair", "appointment", urgency="appointment", appointment_at=said)
    (order,) = evening.assigned("order")
    assert order.finish_by == order.assigned_at + timedelta(hours=24)
    assert order.arrive_by == order.assigned_at + timedelta(minutes=15)


# ---- starting ------------------------------------------------------------------


def test_who_has_set_out_still_hears_of_another_appointment() -> None:
    then = START + timedelta(hours=20)
    night = repair("appointment", urgency="appointment", appointment_at=then.isoformat())
    night.reply(TaskStarted, "order")
    night.amend(DetailsCorrected, appointment_at=then + 3 * HOUR)
    assert arrive(night, "order") == then + 3 * HOUR - timedelta(minutes=5)


def test_a_finish_that_counts_from_the_start_stays_where_the_start_put_it() -> None:
    steps = playbooks().by_category["medical"].steps
    assert any(row.after == "start" for row in steps["vehicle"].limits)
    evening = Evening("medical", help=("transport",), patient_place="3栋1单元1201").file()
    evening.reply(TaskStarted, "vehicle")
    first = finish(evening, "vehicle")
    evening.now += timedelta(minutes=1)
    evening.reply(TaskStarted, "vehicle")
    assert finish(evening, "vehicle") == first


# ---- an outage counts from the report ------------------------------------------


def outage(minutes: float) -> Night:
    night = repair()
    night.later(minutes=minutes)
    night.done("take_repair", "outage", urgency="urgent")
    return night


def when(night: Night, step: str) -> list[timedelta]:
    """In whole minutes from the filing on."""
    ages = [f.accepted_at - START for f in night.assigned(step)]
    return [age - age % timedelta(minutes=1) for age in ages]


@pytest.mark.parametrize(("minutes", "near"), [(2, 240), (90, 240), (300, 300)])
def test_an_outage_is_as_old_as_its_report(minutes: float, near: int) -> None:
    night = outage(minutes)
    night.later(hours=8)
    assert when(night, "outage_level") == [timedelta(minutes=near)]
    assert when(night, "report_orange") == [6 * HOUR]


def test_an_outage_that_is_registered_too_late_is_reported_at_once() -> None:
    night = outage(400)
    night.later(seconds=5)
    assert night.is_open("report_orange") and night.is_open("outage_level")
