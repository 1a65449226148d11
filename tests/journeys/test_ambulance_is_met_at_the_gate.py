"""S3.2: 120 is called, the gates are told, one meets it and leads it in, the leader feeds back."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_from_the_call_to_the_register(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    await town.reply(await town.task(report, "tell_leader"), "acknowledge", "shift_leader", "leader-1")
    await town.complete(report, "tell_leader", "told", "shift_leader")
    south = await town.task(report, "meet", 1)
    north = await town.task(report, "meet", 2)
    await town.complete(report, "call_120", "coming", "customer_assistant", condition="胸痛")
    await town.reply(south, "acknowledge", "gate_guard", "gate-1")
    await town.complete(report, "meet", "arrived", "gate_guard", plate="unknown: 已问司机", gate="南门")
    assert await town.ended(north) == "passed_elsewhere"
    assert (await town.seen(report, "notice.issued", name="gate_arrived"))["words"]["en"].isascii()
    await town.complete(report, "lead_in", "at_home", "gate_guard")
    await town.complete(report, "ask_hospital", "left", "gate_guard", hospital="unknown: 已问随车医生")
    await town.complete(report, "feed_back_ambulance", "fed_back", "shift_leader")
    await town.complete(report, "record_case", "recorded", "customer_assistant")
    await town.seen(report, "report.closed", why="done")
    await town.task(report, "return_visit")


async def test_the_gates_are_told_after_30_s_even_if_the_leader_is_silent(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="1栋2单元302")
    gates = {(await town.seen(report, "task.assigned", task_id=f"{report}.meet.{n}"))["to"]["post"] for n in (1, 2)}
    assert gates == {"gate-south", "gate-north"}
    assert [e for e in await town.events(report, "reply.acknowledged")] == []
