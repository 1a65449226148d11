"""S3.4: a major case is reported to the head at once, an ordinary one after it is done."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]

ASKED = {"considered": "asked_director", "considered_at": "2026-11-20T19:05:00+08:00"}


async def test_major_by_its_signs(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", signs=["unconscious"])
    told = await town.seen(report, "task.assigned", step="major_now")
    assert told["only_ack"] and told["to"]["role"] == "service_head"
    considering = await town.task(report, "head_considers")
    await town.reply(considering, "complete", "service_head", outcome="ask_director", record=ASKED)
    await town.complete(report, "director_instruction", "instructed", "management_director")
    await town.task(report, "follow_instruction")
    await town.complete(report, "head_considers", "noted", "service_head")


async def test_raised_by_the_leader_lowered_by_the_head_only(town: Installation) -> None:
    report = await town.file("medical", help=["nursing"], place="3栋1单元1201")
    await town.task(report, "nursing_wishes")
    await town.amend(report, "grade", "shift_leader", grade="major")
    await town.task(report, "major_now")
    refused = await town.amend(report, "grade", "guard", grade="ordinary")
    assert (await town.seen(report, "reply.refused"))["refused"]
    answer = await town.get(f"/v1/replies/{refused}")
    assert answer.status_code == 200 and "refused" in answer.text


async def test_lowered_by_the_head_and_what_was_sent_stays_sent(town: Installation) -> None:
    report = await town.file("medical", help=["nursing"], place="3栋1单元1201", signs=["unconscious"])
    await town.seen(report, "task.assigned", step="major_now")
    refused = await town.amend(report, "grade", "shift_leader", grade="ordinary")
    told = await town.seen(report, "reply.refused", reason="grade_not_lowered")
    assert str(told["refused"]) == refused
    await town.amend(report, "grade", "service_head", grade="ordinary")
    await town.seen(report, "report.changed", grade="ordinary")
    assert not [e for e in await town.events(report, "task.withdrawn") if ".major_now." in e["task_id"]]
