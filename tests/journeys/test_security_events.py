"""S5: people are sent at filing, the numbers of the kind are called, the scene is kept, two reports are owed."""

from datetime import timedelta

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK, LEADER, SUPERVISOR = "customer_assistant", "shift_leader", "security_supervisor"


async def arrive(town: Installation, report: str, step: str, n: int = 1) -> None:
    task = await town.seen(report, "task.assigned", task_id=f"{report}.{step}.{n}")
    await town.reply(task["task_id"], "arrive", task["to"]["role"], task["to"]["person"])
    await town.ended(task["task_id"])


async def test_somebody_hurt_in_a_fight_has_120_too_and_the_gates_meet_it(town: Installation) -> None:
    report = await town.file("security", kind="fight", place="南门")
    await town.task(report, "lead_scene")
    await town.complete(report, "ask_scene", "badly_hurt", DESK, kind="fight")
    await town.acknowledge(report, "security_director", "director-1")
    with_120 = "called_with_120"
    assert await town.refused(report, "call_police", with_120, DESK, numbers_called=["110"]) == "not_called"
    await town.complete(report, "call_police", with_120, DESK, numbers_called=["110", "120"])
    other = await town.task(report, "meet", 2)
    await town.complete(report, "meet", "arrived", "gate_guard")
    assert await town.ended(other) == "passed_elsewhere"
    await town.complete(report, "lead_in", "at_home", "gate_guard")
    await town.complete(report, "ask_hospital", "left", "gate_guard")


async def test_what_the_kind_asks_for_is_called_or_it_is_not_done(town: Installation) -> None:
    report = await town.file("security", kind="murder", place="3栋1单元1201")
    await town.complete(report, "ask_scene", "asked", DESK, kind="murder")
    call = await town.seen(report, "task.assigned", step="call_police")
    assert call["calls"] == ["110", "120"]
    assert await town.refused(report, "call_police", "called", DESK, numbers_called=["110"]) == "not_called"
    both = ["110", "120"]
    assert await town.refused(report, "call_police", "called", DESK, numbers_called=both) == "say_outcome"
    await town.complete(report, "call_police", "called_with_120", DESK, numbers_called=both)


async def test_a_false_alarm_stands_everybody_down(town: Installation) -> None:
    report = await town.file("security", kind="theft", place="南门")
    sent = {e["to"]["person"] for e in await _sent(town, report)} - {"leader-1"}
    await town.complete(report, "lead_scene", "false_alarm", LEADER)
    await town.acknowledge(report, "stand_down", *sent)
    await town.seen(report, "notice.issued", name="security_false", to__person="desk-1")
    await town.complete(report, "feed_back_security", "false_alarm", LEADER)
    await town.complete(report, "record_security", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")
    assert not [e for e in await town.events(report, "task.assigned") if e["step"] == "written_report"]


async def _sent(town: Installation, report: str) -> list[dict[str, object]]:
    for step in ("ask_scene", "lead_scene", "supervisor_scene", "keep_video", "security_now"):
        await town.task(report, step)
    for step in ("go_scene", "gates_watch"):
        await town.task(report, step, 2)
    return await town.events(report, "task.assigned")


async def test_the_case_is_open_until_both_reports_are_in(town: Installation) -> None:
    report = await town.file("security", kind="theft", place="南门")
    accepted = (await town.seen(report, "report.filed"))["accepted_at"]
    await town.complete(report, "ask_scene", "asked", DESK, kind="theft")
    await town.complete(report, "call_police", "called", DESK, numbers_called=["110"])
    for step, n in (("go_scene", 1), ("go_scene", 2), ("supervisor_scene", 1)):
        await arrive(town, report, step, n)
    await town.complete(report, "keep_video", "saved", "control_room")
    await town.complete(report, "lead_scene", "on_scene", LEADER)
    await town.complete(report, "protect", "handed_over", LEADER)
    await town.complete(report, "feed_back_security", "fed_back", LEADER)
    assert await town.ended(f"{report}.gates_watch.1") == "stood_down"
    await town.complete(report, "record_security", "recorded", DESK)
    written = await town.seen(report, "task.assigned", step="written_report")
    assert written["to"]["person"] == "supervisor-1" and written["finish_by"] == accepted + timedelta(hours=12)
    await town.complete(report, "written_report", "written", SUPERVISOR)
    summary = await town.seen(report, "task.assigned", step="summary")
    assert summary["finish_by"] == accepted + timedelta(hours=24)
    await town.seen(report, "notice.issued", name="director_reports", to__person="director-1")
    assert not await town.events(report, "report.closed")
    await town.complete(report, "summary", "written", SUPERVISOR)
    await town.seen(report, "report.closed", why="done")
