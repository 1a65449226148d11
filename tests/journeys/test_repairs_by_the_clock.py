"""S7: what only the clock brings: people still in the lift after half an hour, a repairer who never came."""

import asyncio

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK, ENGINEER, DIRECTOR = "customer_assistant", "engineering", "management_director"
HALF_AN_HOUR = 180.0
"""Real seconds of patience: half an hour of the town's clock is over in a minute and a half."""


async def test_what_nobody_reports_by_himself(town: Installation) -> None:
    await asyncio.gather(_not_freed(town), _nobody_came(town))


async def _not_freed(town: Installation) -> None:
    """The director is told, decides about 119, and has the authority's 20 minutes; then they are freed."""
    report = await town.file("repair", kind="lift_entrapment", place="1栋1单元电梯")
    rescue = await town.task(report, "lift_rescue")
    await town.reply(rescue, "arrive", ENGINEER, "engineer-1")
    await town.seen(report, "task.assigned", HALF_AN_HOUR, step="lift_not_freed")
    await town.acknowledge(report, "lift_not_freed", "director-1")
    asked = await town.seen(report, "task.assigned", HALF_AN_HOUR, step="lift_escalate")
    assert asked["to"]["person"] == "director-1" and "119" in asked["words"]["en"]
    await town.seen(report, "limit.passed", HALF_AN_HOUR, task_id=rescue, clock="finish")
    await town.complete(report, "lift_escalate", "with_119", DIRECTOR, decision="请119破拆")
    assert (await town.seen(report, "task.assigned", step="lift_119"))["calls"] == ["119"]
    await town.complete(report, "lift_119", "called", DESK)
    await town.acknowledge(report, "fire_engine_comes", "gate-1", "gate-2")
    reported = {"numbers_called": ["company", "authority"]}
    await town.complete(report, "report_orange", "reported", DIRECTOR, **reported)
    assert not [e for e in await town.events(report, "task.assigned") if e["step"] == "feed_back_lift"]
    await town.complete(report, "lift_rescue", "freed", ENGINEER)
    await town.seen(report, "notice.issued", name="lift_freed", to__person="director-1")
    await town.task(report, "feed_back_lift")


async def _nobody_came(town: Installation) -> None:
    """After 15 minutes the resident is rung; nobody came, so the department's head chases."""
    report = await town.file("repair", place="3栋1单元1201", text="马桶漏水")
    await town.complete(report, "take_repair", "urgent", DESK, urgency="urgent")
    ring = await town.seen(report, "task.assigned", HALF_AN_HOUR, step="call_back_15")
    assert ring["to"]["person"] == "desk-1" and ring["optional"]
    await town.complete(report, "call_back_15", "not_come", DESK, came="no")
    chase = await town.seen(report, "task.assigned", step="chase")
    assert chase["to"] == {"role": "department_head", "department": "engineering"}
