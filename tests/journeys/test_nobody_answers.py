"""Ladders: each rung in its time, empty rungs skipped at once, the top rung repeated until answered."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_up_the_ladder_to_the_director_and_again(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201")
    task = await town.task(report, "tell_leader")
    for role in ("security_supervisor", "management_director"):
        await town.seen(report, "rung.reached", 60, task_id=task, clock="ack", role=role)
    again = await town.seen(
        report, "rung.reached", 60, task_id=task, clock="ack", role="management_director", turn=2
    )
    assert again["persons"] == ["director-1"]
    await town.reply(task, "acknowledge", "management_director", "director-1")
    await town.seen(report, "task.changed", task_id=task, what="acknowledged")


async def test_a_leader_who_is_absent_is_skipped_at_once(town: Installation) -> None:
    report = await town.file("medical", estate="wuren", help=["ambulance"], place="3栋1单元1201")
    task = await town.task(report, "tell_leader")
    reached = await town.seen(report, "rung.reached", task_id=task, clock="ack", role="security_supervisor")
    assert reached["rung"] > 0
    notice = await town.seen(report, "notice.issued", name="rung", task_id=task)
    assert notice["to"]["person"] == "supervisor-1"


async def test_an_acknowledgement_stops_the_ladder(town: Installation) -> None:
    report = await town.file("medical", help=["nursing"], place="3栋1单元1201", patient_phone="13800138000")
    task = await town.task(report, "nursing_wishes")
    await town.reply(task, "acknowledge", "customer_assistant", "desk-1")
    other = await town.file("medical", help=["ambulance"], place="1栋101")
    silent = await town.task(other, "tell_leader")
    await town.seen(other, "rung.reached", 60, task_id=silent, clock="ack", role="management_director")
    assert [
        e for e in await town.events(report, "rung.reached") if e["clock"] == "ack" and e["task_id"] == task
    ] == []
