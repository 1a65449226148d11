"""S8: registered, found valid or not, graded, owned by grade, answered in a day, handled by a date, visited."""

from datetime import timedelta

import pytest

from shared.platform.clock import Clock
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK, HEAD = "customer_assistant", "service_head"


async def a_complaint(town: Installation, **fields: str) -> str:
    fields = {"place": "3栋1单元1201", "text": "夜里施工吵闹", **fields}
    report = await town.file("complaint", **fields)
    await town.complete(report, "register_complaint", "registered", DESK)
    return report


async def an_invalid_one(town: Installation) -> str:
    """Closed, and to be visited all the same."""
    report = await a_complaint(town)
    assert await town.refused(report, "grade_complaint", "invalid", HEAD, valid=False, valid_why=...) == "missing"
    await town.complete(report, "grade_complaint", "invalid", HEAD, valid=False, valid_why="邻小区所为")
    await town.complete(report, "first_answer", "answered", DESK)
    await town.complete(report, "record_complaint", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")
    return report


async def test_a_minor_one_from_its_grade_to_the_visit(town: Installation) -> None:
    report = await a_complaint(town)
    await town.complete(report, "grade_complaint", "minor", HEAD, valid=True)
    await town.seen(report, "report.changed", grade="minor")
    await town.seen(report, "report.changed", owner=HEAD)
    answer = await town.seen(report, "task.assigned", step="first_answer")
    accepted = (await town.seen(report, "report.filed"))["accepted_at"]
    assert answer["finish_by"] == accepted + timedelta(days=1)
    await town.complete(report, "first_answer", "answered", DESK)
    promised = Clock.of(town.settings).now().replace(microsecond=0) + timedelta(days=2)
    plan = {"department": "green", "date_promised": promised.isoformat()}
    await town.complete(report, "own_minor", "planned", HEAD, **plan)
    handle = await town.seen(report, "task.assigned", step="handle")
    assert (handle["to"]["department"], handle["finish_by"]) == ("green", promised)
    await town.complete(report, "handle", "done", "department_head")
    await town.complete(report, "answer_result", "accepted", DESK)
    assert await town.refused(report, "record_complaint", "recorded_major", DESK) == "other_grade"
    await town.complete(report, "record_complaint", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")
    await town.complete(report, "visit_ordinary", "satisfied", DESK)
    assert not await town.events(report, "report.reopened")


async def test_an_invalid_one_is_answered_with_the_reason_and_nobody_handles_it(town: Installation) -> None:
    report = await an_invalid_one(town)
    steps = {e["step"] for e in await town.events(report, "task.assigned")}
    assert not steps & {"own_minor", "own_important", "own_major", "handle"}


async def test_a_failed_visit_is_the_same_complaint_again(town: Installation) -> None:
    report = await an_invalid_one(town)
    number = (await town.get(f"/v1/reports/{report}")).json()["no"]
    await town.complete(report, "visit_ordinary", "failed", DESK, visit_mark="C")
    assert (await town.seen(report, "report.reopened"))["round"] == 2
    await town.complete(report, "register_complaint", "registered", DESK, 2)
    await town.complete(report, "grade_complaint", "important", HEAD, 2, valid=True)
    owner = await town.seen(report, "task.assigned", step="own_important")
    assert owner["to"]["person"] == "director-1"
    assert (await town.get(f"/v1/reports/{report}")).json()["no"] == number


async def test_three_households_make_it_the_directors(town: Installation) -> None:
    report = await a_complaint(town)
    await town.complete(report, "grade_complaint", "minor", HEAD, valid=True)
    former = await town.task(report, "own_minor")
    for room in ("1202", "1203"):
        other = await town.file("complaint", place=f"3栋1单元{room}", text="一样吵", same_event_as=report)
        await town.complete(other, "answer_caller", "answered", DESK)
    promoted = await town.seen(report, "grade.promoted")
    assert (promoted["grade"], promoted["why"]) == ("major", "households")
    await town.seen(report, "task.withdrawn", task_id=former, why="relieved")
    assert (await town.seen(report, "task.assigned", step="own_major"))["to"]["person"] == "director-1"
    await town.acknowledge(report, "promoted", "director-1", "head-1")


async def test_what_is_valid_and_a_month_old_is_the_directors(town: Installation) -> None:
    first = await town.file("complaint", text="吵闹,已一个月")
    await town.seen(first, "report.opened")
    month_ago = Clock.of(town.settings).now() - timedelta(days=31)
    report = await a_complaint(town, follows=first, clock_from=month_ago.isoformat())
    await town.acknowledge(first, "stand_down", "desk-1")
    await town.seen(first, "report.closed", why="followed")
    assert not await town.events(report, "grade.promoted")
    await town.complete(report, "grade_complaint", "minor", HEAD, valid=True)
    assert (await town.seen(report, "grade.promoted"))["why"] == "open_a_month"
    assert (await town.seen(report, "task.assigned", step="own_major"))["to"]["person"] == "director-1"
