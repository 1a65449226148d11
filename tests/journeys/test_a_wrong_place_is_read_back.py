"""S3.0: everybody on the way reads the corrected place back; it rings up the ladder until they do."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_each_holder_is_corrected_and_reads_back(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="1栋1单元0301", patient_phone="13800138000")
    for step in ("tell_leader", "hold_lift", "call_120"):
        await town.task(report, step)
    await town.amend(report, "place", "customer_assistant", place="3栋1单元1201")
    first = await town.seen(report, "task.assigned", step="correct_place")
    assert "B3-1-1201" in first["words"]["en"] and first["words"]["en"].startswith("CORRECTION")
    await town.task(report, "correct_place", 2)
    corrected = [e for e in await town.events(report, "task.assigned") if e["step"] == "correct_place"]
    told = {e["to"]["person"] for e in corrected}
    assert {"leader-1", "guard-1"} <= told or {"leader-1", "guard-2"} <= told
    assert "desk-1" not in told
    for task in corrected:
        to = task["to"]
        record = {"read_back_by": to["person"]}
        await town.reply(task["task_id"], "complete", to["role"], to["person"], outcome="done", record=record)
        assert await town.ended(task["task_id"]) == "done"


async def test_what_is_not_read_back_goes_up_the_ladder(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="1栋1单元0301", patient_phone="13800138000")
    leader = await town.task(report, "tell_leader")
    await town.reply(leader, "acknowledge", "shift_leader", "leader-1")
    await town.amend(report, "place", "customer_assistant", place="3栋1单元1201")
    asked = await town.seen(report, "task.assigned", step="correct_place", to__person="leader-1")
    rung = await town.seen(report, "rung.reached", 60, task_id=asked["task_id"], clock="ack")
    assert rung["role"] == "security_supervisor"
