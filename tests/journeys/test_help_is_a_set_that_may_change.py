"""S3.0: two helps at once; a help that changes stands the earlier people down, who acknowledge it."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_two_at_once(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance", "nursing"], place="3栋1单元1201")
    for step in ("tell_leader", "call_120", "nursing_wishes"):
        await town.task(report, step)


async def test_who_is_no_longer_needed_is_stood_down_and_acknowledges_it(town: Installation) -> None:
    report = await town.file("medical", help=["transport"], place="3栋1单元1201")
    leader = await town.task(report, "place_two")
    await town.reply(leader, "acknowledge", "shift_leader", "leader-1")
    await town.amend(report, "help", "customer_assistant", help=["ambulance"])
    assert await town.ended(leader) == "withdrawn"
    down = await town.seen(report, "task.assigned", step="stand_down", to__role="shift_leader")
    await town.reply(down["task_id"], "acknowledge", "shift_leader", "leader-1")
    assert await town.ended(down["task_id"])
    await town.task(report, "tell_leader")


async def test_a_withdrawn_report_tells_everyone_who_was_told(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", signs=["chest_pain"])
    open_tasks = [await town.task(report, step) for step in ("tell_leader", "call_120", "major_now")]
    await town.amend(report, "withdraw", "customer_assistant", reason="误报,病人说没事")
    assert {await town.ended(t) for t in open_tasks} == {"withdrawn"}
    for role in ("shift_leader", "customer_assistant", "service_head"):
        await town.seen(report, "task.assigned", step="stand_down", to__role=role)
