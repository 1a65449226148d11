"""Who takes part: a task is a person's until handed over by name and acknowledged, a shift change included."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def held_by_guard_2(town: Installation) -> str:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    task = await town.task(report, "hold_lift")
    await town.reply(task, "acknowledge", "guard", "guard-2")
    await town.seen(report, "task.changed", task_id=task, what="acknowledged")
    return task


async def test_it_keeps_its_id_and_is_rung_for_until_acknowledged(town: Installation) -> None:
    task = await held_by_guard_2(town)
    report = task.rsplit(".", 2)[0]
    await town.reply(task, "hand_on", "guard", "guard-2", reason="交班", to_person="guard-3")
    handed = await town.seen(report, "task.changed", task_id=task, what="handed_over")
    assert handed["to"]["person"] == "guard-3" and handed["by"]["person"] == "guard-2"
    rung = await town.seen(report, "rung.reached", 60, task_id=task, clock="ack")
    assert rung["persons"]
    await town.reply(task, "acknowledge", "guard", "guard-3")
    await town.reply(task, "arrive", "guard", "guard-3")
    assert await town.ended(task) == "done"
    assert [e["task_id"] for e in await town.events(report, "task.assigned") if e["step"] == "hold_lift"] == [task]


async def test_to_nobody_of_the_roster_is_refused(town: Installation) -> None:
    task = await held_by_guard_2(town)
    said = await town.reply(task, "hand_on", "guard", "guard-2", reason="交班", to_person="nobody-9")
    refused = await town.seen(task.rsplit(".", 2)[0], "reply.refused", reason="unknown_person")
    assert str(refused["refused"]) == said


async def test_whoever_comes_on_shift_takes_over_with_what_was_told(town: Installation) -> None:
    task = await held_by_guard_2(town)
    report = task.rsplit(".", 2)[0]
    await town.reply(task, "side_task", "guard", "guard-2", step="take_over")
    asked = await town.seen(report, "task.assigned", step="take_over")
    relief = asked["to"]["person"]
    assert relief.startswith("guard-") and relief != "guard-2"
    await town.complete(report, "take_over", "done", "guard", taken_from="guard-2", taken_by=relief)
    handed = await town.seen(report, "task.changed", task_id=task, what="handed_over")
    assert handed["to"]["person"] == relief
