"""S2a–S2c: done now, by a department at a promised time, by another body that WE contact; danger goes at once."""

from datetime import timedelta

import pytest

from shared.contracts.ids import parse_report_id
from shared.platform.clock import Clock
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK = "customer_assistant"


async def test_a_department_sets_its_time_and_keeps_to_it(town: Installation) -> None:
    report = await town.file("general", place="3栋1单元1201", text="请帮忙搬轮椅上楼")
    await town.complete(report, "take_general", "department", DESK, department="green")
    task = await town.seen(report, "task.assigned", step="help")
    assert task["to"]["department"] == "green"
    promised = Clock.of(town.settings).now().replace(microsecond=0) + timedelta(hours=5)
    said = {"time_promised": promised.isoformat(), "done_what": ..., "done_at": ...}
    await town.on_the_way(report, "help", "promised", "department_head", **said)
    limit = await town.seen(report, "task.changed", task_id=task["task_id"], what="limit")
    assert limit["finish_by"] == promised
    await town.seen(report, "notice.issued", name="time_promised", to__person="desk-1")
    await town.complete(report, "help", "done", "department_head")
    await town.complete(report, "reply_general", "told", DESK)
    await town.seen(report, "report.closed", why="done")
    await town.task(report, "visit_general")


async def test_not_ours_is_over_when_we_have_reached_whose_it_is(town: Installation) -> None:
    report = await town.file("general", text="路灯不亮,在小区外")
    await town.complete(report, "take_general", "not_ours", DESK)
    assert await town.refused(report, "onward_general", "contacted", DESK, body_phone=...) == "missing"
    await town.complete(report, "onward_general", "contacted", DESK, body="市政", body_phone="12345")
    await town.complete(report, "reply_general", "told", DESK)
    await town.seen(report, "report.closed", why="done")


async def test_danger_is_guarded_before_anything_is_registered(town: Installation) -> None:
    report = await town.file("general", kind="danger", place="南门", text="井盖没了")
    assert parse_report_id(report).lane == "emergency"
    guard = await town.seen(report, "task.assigned", step="go_danger")
    await town.reply(guard["task_id"], "arrive", "guard", guard["to"]["person"])
    assert await town.ended(guard["task_id"]) == "arrived"
    await town.acknowledge(report, "danger_now", "head-1", "supervisor-1")
    await town.complete(report, "lead_danger", "safe", "shift_leader")
    await town.complete(report, "take_general", "done_now", DESK)
    await town.complete(report, "reply_general", "told", DESK)
    await town.seen(report, "report.closed", why="done")
