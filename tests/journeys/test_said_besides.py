"""PLAYBOOKS 10: what may be said to a task besides its end: on behalf, a note, 要支援, a side task."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def hold_lift(town: Installation) -> tuple[str, str]:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    return report, await town.task(report, "hold_lift")


async def test_entered_by_the_desk_for_a_guard_on_the_radio(town: Installation) -> None:
    report, task = await hold_lift(town)
    desk = {"role": "customer_assistant", "person": "desk-1"}
    await town.reply(task, "acknowledge", "guard", "guard-2", heard_by=desk, words="西岗明白")
    taken = await town.seen(report, "task.changed", task_id=task, what="acknowledged")
    assert taken["by"]["person"] == "guard-2"
    said = await town.seen(report, "reply.acknowledged", task_id=task)
    assert said["heard_by"]["person"] == "desk-1" and said["words"] == "西岗明白"


async def test_a_note_changes_nothing_and_is_kept(town: Installation) -> None:
    report, task = await hold_lift(town)
    await town.reply(task, "note", "guard", "guard-2", note="电梯检修,走货梯")
    noted = await town.seen(report, "task.changed", task_id=task, what="noted")
    assert noted["note"] == "电梯检修,走货梯"
    assert not [e for e in await town.events(report, "task.ended") if e["task_id"] == task]


async def test_help_needed_finds_more_people(town: Installation) -> None:
    report, task = await hold_lift(town)
    await town.reply(task, "need_help", "guard", "guard-2", note="病人需抬下楼")
    short = await town.seen(report, "task.assigned", step="short_of_people")
    assert short["to"]["person"] == "supervisor-1"
    await town.reply(task, "acknowledge", "guard", "guard-2")
    await town.seen(report, "task.changed", task_id=task, what="acknowledged")
    await town.complete(report, "short_of_people", "sent", "security_supervisor", posts_sent=["patrol-east"])
    joined = await town.seen(report, "task.assigned", task_id=f"{report}.hold_lift.2")
    assert joined["to"]["post"] == "patrol-east"


async def test_a_side_task_by_its_id_leaves_the_task_open(town: Installation) -> None:
    report, task = await hold_lift(town)
    await town.reply(task, "side_task", "guard", "guard-2", step="no_entry", note="无人应门")
    asked = await town.seen(report, "task.assigned", step="no_entry")
    assert asked["to"]["person"] == "leader-1"
    await town.complete(report, "no_entry", "entered", "shift_leader")
    assert not [e for e in await town.events(report, "task.ended") if e["task_id"] == task]


async def test_a_step_of_the_procedure_is_no_side_task(town: Installation) -> None:
    report, task = await hold_lift(town)
    said = await town.reply(task, "side_task", "guard", "guard-2", step="record_case")
    refused = await town.seen(report, "reply.refused", reason="unknown_side_step")
    assert str(refused["refused"]) == said
