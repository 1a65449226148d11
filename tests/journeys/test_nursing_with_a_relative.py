"""S3.3: the supervisor is asked, a carer goes, never alone with the patient."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def nursing(town: Installation) -> str:
    report = await town.file("medical", help=["nursing"], place="1栋1单元101", patient_phone="13700137000")
    await town.complete(report, "nursing_wishes", "asked", "customer_assistant")
    await town.complete(report, "ask_supervisor", "asked", "shift_leader")
    await town.complete(report, "supervisor_decides", "agreed", "security_supervisor")
    await town.complete(report, "choose_people", "chosen", "shift_leader", carers=["patrol-north"])
    return report


async def test_the_carer_who_was_chosen_goes(town: Installation) -> None:
    report = await nursing(town)
    going = await town.seen(report, "task.assigned", step="go_nursing")
    assert going["to"]["post"] == "patrol-north" and "not_alone" in going["guard"]
    await town.complete(report, "go_nursing", "started", "guard", relative_present="女儿")
    await town.complete(report, "nurse", "done", "guard")
    await town.complete(report, "feed_back_nursing", "fed_back", "shift_leader")
    await town.complete(report, "record_case", "recorded", "customer_assistant")
    await town.seen(report, "report.closed", why="done")


async def test_nursing_does_not_start_without_a_relative(town: Installation) -> None:
    report = await nursing(town)
    task = await town.task(report, "go_nursing")
    body = {"type": "complete", "by": {"role": "guard"}, "outcome": "started", "record": {"purpose_stated": True}}
    answer = await town.post(f"/v1/tasks/{task}/replies", body)
    assert answer.status_code == 422 and "relative_present" in answer.text


async def test_a_relative_who_leaves_midway_leaves_no_carer_without_orders(town: Installation) -> None:
    report = await nursing(town)
    await town.complete(report, "go_nursing", "started", "guard", relative_present="儿子")
    nurse = await town.task(report, "nurse")
    await town.reply(nurse, "complete", "guard", outcome="relative_left", record={})
    await town.task(report, "relative_left")
    assert not [e for e in await town.events(report, "task.ended") if e["task_id"] == nurse]
    told = [await town.task(report, "nursing_relative_gone", n) for n in (1, 2)]
    roles = {t["to"]["role"] for t in await town.events(report, "task.assigned") if t["task_id"] in told}
    assert roles == {"shift_leader", "security_supervisor"}


async def test_refused_by_the_supervisor_somebody_is_still_found(town: Installation) -> None:
    report = await town.file("medical", help=["nursing"], place="1栋1单元101")
    await town.complete(report, "nursing_wishes", "asked", "customer_assistant")
    await town.complete(report, "ask_supervisor", "asked", "shift_leader")
    await town.complete(report, "supervisor_decides", "refused", "security_supervisor")
    await town.task(report, "other_care")
