"""S3.3.3: where necessary the head of security comes by to inspect; the nursing goes on meanwhile."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_the_supervisor_comes_by(town: Installation) -> None:
    report = await town.file("medical", help=["nursing"], place="1栋1单元101", patient_phone="13700137000")
    await town.complete(report, "nursing_wishes", "asked", "customer_assistant")
    await town.complete(report, "ask_supervisor", "asked", "shift_leader")
    await town.complete(report, "supervisor_decides", "agreed", "security_supervisor")
    await town.complete(report, "choose_people", "chosen", "shift_leader", carers=["patrol-north"])
    await town.complete(report, "go_nursing", "started", "guard", relative_present="女儿")
    nurse = await town.task(report, "nurse")
    await town.reply(nurse, "side_task", "guard", step="inspect")
    inspecting = await town.seen(report, "task.assigned", step="inspect")
    assert inspecting["to"]["person"] == "supervisor-1" and inspecting["clause"] == ["S3.3.3"]
    await town.reply(inspecting["task_id"], "arrive", "security_supervisor", "supervisor-1")
    await town.complete(report, "inspect", "done", "security_supervisor", finding="亲属在场")
    assert not [e for e in await town.events(report, "task.ended") if e["task_id"] == nurse]
    await town.complete(report, "nurse", "done", "guard")
