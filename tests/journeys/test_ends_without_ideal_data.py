"""Nothing hangs for ever for want of a plate: cancelled, impossible, not conveyed, unknown."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]

PLACE = {"place": "3栋1单元1201", "patient_phone": "13800138000"}


async def test_a_plate_is_unknown_if_the_reply_says_who_was_asked(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], **PLACE)
    await town.complete(report, "tell_leader", "told", "shift_leader")
    task = await town.task(report, "meet")
    record = {"ambulance_arrived_at": "2026-11-20T19:10:00+08:00", "gate": "南门"}
    bare = await town.reply(
        task, "complete", "gate_guard", "gate-1", outcome="arrived", record={**record, "plate": "不详"}
    )
    refused = await town.seen(report, "reply.refused", reason="missing")
    assert str(refused["refused"]) == bare
    await town.complete(report, "meet", "arrived", "gate_guard", **record, plate="不详,问过南门岗和班长")
    await town.complete(report, "lead_in", "at_home", "gate_guard")
    await town.complete(report, "ask_hospital", "not_conveyed", "gate_guard", hospital="不详,急救员说不送")
    await town.complete(report, "feed_back_ambulance", "fed_back", "shift_leader")


async def test_a_vehicle_that_is_impossible_leads_to_an_onward_contact(town: Installation) -> None:
    report = await town.file("medical", help=["transport"], **PLACE)
    task = await town.task(report, "vehicle")
    said = {"impossible_why": "车辆全在外", "impossible_onward": "强生出租"}
    await town.reply(task, "complete", "customer_assistant", "desk-1", outcome="impossible", record=said)
    assert await town.ended(task) == "impossible"
    await town.task(report, "onward_contact")


async def test_a_task_is_cancelled_in_whose_words(town: Installation) -> None:
    report = await town.file("medical", help=["transport"], **PLACE)
    task = await town.task(report, "vehicle")
    refused = await town.reply(task, "complete", "customer_assistant", "desk-1", outcome="cancelled", record={})
    assert str((await town.seen(report, "reply.refused", reason="missing"))["refused"]) == refused
    said = {"cancelled_by": "家属", "cancelled_at": "2026-11-20T19:12:00+08:00", "cancel_words": "儿子开车来了"}
    await town.reply(task, "complete", "customer_assistant", "desk-1", outcome="cancelled", record=said)
    assert await town.ended(task) == "cancelled"


async def test_nobody_opens_and_somebody_decides(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], **PLACE)
    task = await town.task(report, "hold_lift")
    await town.reply(task, "side_task", "guard", "guard-2", step="no_entry", note="敲门无人应")
    door = await town.task(report, "no_entry")
    await town.reply(door, "complete", "shift_leader", "leader-1", outcome="not_entered", record={})
    decided = await town.seen(report, "task.assigned", step="head_decides")
    assert decided["to"]["person"] == "head-1"
