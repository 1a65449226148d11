"""S3.5, S8: a return visit that fails reopens the case in its next round, and the head is told."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_round_two(town: Installation) -> None:
    report = await town.file("medical", place="1栋101", patient_place="1栋101", patient_phone="13800138000")
    await town.complete(report, "ask_help", "none_wanted", "customer_assistant", help=[])
    await town.complete(report, "record_case", "recorded", "customer_assistant")
    await town.seen(report, "report.closed", why="done")
    await town.complete(report, "return_visit", "failed", "customer_assistant", visit_mark="C")
    reopened = await town.seen(report, "report.reopened")
    assert reopened["round"] == 2
    notice = await town.seen(report, "notice.issued", name="reopened")
    assert notice["to"]["person"] == "head-1"
    deciding = await town.seen(report, "task.assigned", step="head_decides")
    assert deciding["to"]["person"] == "head-1"
    record = {"decision": "重新上门", "new_owner": "customer_assistant", "decided_at": "2026-11-20T19:00:00+08:00"}
    await town.reply(deciding["task_id"], "complete", "service_head", outcome="decided", record=record)
    assert await town.ended(deciding["task_id"]) == "decided"
    await town.complete(report, "record_case", "recorded", "customer_assistant", 2)
    await town.task(report, "return_visit", 2)
