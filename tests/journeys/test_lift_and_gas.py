"""S7: people in a lift, in the emergency lane from the filing: talked to, freed, fed back; gas goes at once too."""

import pytest

from shared.contracts.ids import parse_report_id
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK, ENGINEER = "customer_assistant", "engineering"


async def test_freed(town: Installation) -> None:
    report = await town.file("repair", kind="lift_entrapment", place="3栋1单元电梯")
    assert parse_report_id(report).lane == "emergency"
    assert (await town.seen(report, "report.opened"))["grade"] == "major"
    rescue = await town.seen(report, "task.assigned", step="lift_rescue")
    assert rescue["to"]["person"] == "engineer-1" and "no_pry" in rescue["guard"]
    await town.acknowledge(report, "lift_now", "head-1", "supervisor-1")
    contact = await town.on_the_way(report, "calm", "calmed", "control_room")
    firm = await town.on_the_way(report, "lift_firm", "called", DESK, numbers_called=["lift_firm"])
    guard = await town.seen(report, "task.assigned", step="lift_guard")
    await town.reply(guard["task_id"], "arrive", "guard", guard["to"]["person"])
    await town.complete(report, "lift_rescue", "freed", ENGINEER)
    assert [await town.ended(task) for task in (contact, firm)] == ["freed", "not_needed"]
    await town.complete(report, "feed_back_lift", "fed_back", ENGINEER)
    await town.complete(report, "record_repair", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")


async def test_gas_waits_for_no_registration(town: Installation) -> None:
    report = await town.file("repair", kind="gas", place="3栋1单元1201")
    order = await town.seen(report, "task.assigned", step="order_danger")
    assert order["to"]["person"] == "engineer-1" and order["words"]["en"].startswith("GAS B3-1-1201")
    firm = await town.seen(report, "task.assigned", step="gas_firm")
    assert firm["calls"] == ["gas_company"]
    await town.acknowledge(report, "danger_repair", "head-1", "leader-1")
    both = ["gas_company", "119"]
    assert await town.refused(report, "gas_firm", "called", DESK, numbers_called=["119"]) == "not_called"
    await town.complete(report, "gas_firm", "called_with_119", DESK, numbers_called=both)
    await town.acknowledge(report, "fire_engine_comes", "leader-1", "gate-1", "gate-2")
    await town.complete(report, "order_danger", "arrived", ENGINEER)
    await town.complete(report, "take_repair", "urgent", DESK, urgency="urgent")
    await town.complete(report, "repair", "done", ENGINEER)
    await town.complete(report, "record_repair", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")
    assert not [e for e in await town.events(report, "task.assigned") if e["step"] == "order"]
