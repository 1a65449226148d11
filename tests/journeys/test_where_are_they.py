"""S2a: the resident rings again. It is answered and logged, with no new report and no clock touched."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_asked_again_makes_no_new_case_and_no_new_clock(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    call = await town.seen(report, "task.assigned", step="call_120")
    before = {e["task_id"]: e.get("finish_by") for e in await town.events(report, "task.assigned")}
    await town.reply(call["task_id"], "side_task", "customer_assistant", "desk-1", step="where_are_they")
    said = {"asked_what": "人到哪了", "said_what": "已到南门", "worse": False}
    await town.complete(report, "where_are_they", "answered", "customer_assistant", **said)
    ended = await town.seen(report, "task.ended", outcome="answered")
    assert ended["record"]["said_what"] == "已到南门"
    after = {e["task_id"]: e.get("finish_by") for e in await town.events(report, "task.assigned")}
    assert {task: after[task] for task in before} == before
    assert not [e for e in await town.events(report, "task.changed") if e.get("finish_by")]
    assert len(await town.events(report, "report.filed")) == 1


async def test_worse_leads_to_the_linked_emergency(town: Installation) -> None:
    report = await town.file("inquiry", form="oral", text="门口积水什么时候清?")
    task = await town.task(report, "answer_now")
    await town.reply(task, "side_task", "customer_assistant", "desk-1", step="where_are_they")
    asked = await town.task(report, "where_are_they")
    await town.reply(asked, "complete", "customer_assistant", "desk-1", outcome="worse", record={})
    await town.task(report, "raise_to_emergency")
