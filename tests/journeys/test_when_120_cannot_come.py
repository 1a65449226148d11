"""S3.2, S2c: 120 refuses and the head decides; or it comes and takes nobody along. Both are valid ends."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def ends_with_feedback(town: Installation, report: str) -> None:
    await town.complete(report, "feed_back_ambulance", "fed_back", "shift_leader")
    await town.complete(report, "record_case", "recorded", "customer_assistant")
    await town.seen(report, "report.closed", why="done")


async def test_refused_then_the_head_decides_and_everybody_is_stood_down(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    lift = await town.task(report, "hold_lift")
    call = await town.task(report, "call_120")
    await town.reply(call, "complete", "customer_assistant", outcome="refused_or_none", record={})
    assert await town.ended(call) == "refused_or_none"
    asked = await town.seen(report, "task.assigned", step="no_ambulance")
    assert asked["to"]["person"] == "head-1" and asked["clause"] == ["S2c"]
    await town.complete(report, "no_ambulance", "decided", "service_head", decision="请班长派车送医院")
    assert await town.ended(lift) == "withdrawn"
    down = await town.seen(report, "task.assigned", step="stand_down", to__role="guard")
    for told in (e for e in await town.events(report, "task.assigned") if e["step"] == "stand_down"):
        await town.reply(told["task_id"], "acknowledge", told["to"]["role"], told["to"]["person"])
    assert await town.ended(down["task_id"]) == "done"
    await ends_with_feedback(town, report)


async def test_it_came_and_conveyed_nobody(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    await town.complete(report, "tell_leader", "told", "shift_leader")
    await town.complete(report, "call_120", "coming", "customer_assistant")
    await town.complete(report, "meet", "arrived", "gate_guard")
    await town.complete(report, "lead_in", "at_home", "gate_guard")
    hospital = await town.task(report, "ask_hospital")
    await town.reply(hospital, "complete", "gate_guard", outcome="not_conveyed", record={})
    assert await town.ended(hospital) == "not_conveyed"
    await ends_with_feedback(town, report)
