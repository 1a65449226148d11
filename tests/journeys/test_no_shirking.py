"""S2c: no refusal without a named onward contact; clocks go on; after a second hand-on the head decides."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_a_refusal_without_an_onward_contact_is_refused_at_the_door(town: Installation) -> None:
    report = await town.file("inquiry", form="oral", text="物业费怎么交?")
    task = await town.task(report, "answer_now")
    body = {"type": "decline", "by": {"role": "customer_assistant"}, "reason": "不归我们管"}
    answer = await town.post(f"/v1/tasks/{task}/replies", body)
    assert answer.status_code == 422 and "onward" in answer.text
    english = await town.post(f"/v1/tasks/{task}/replies", body, language="en")
    assert english.status_code == 422 and english.json()["title"].isascii()


async def test_not_ours_means_that_we_contact_who_it_is(town: Installation) -> None:
    report = await town.file("inquiry", form="oral", text="燃气改造找谁?")
    await town.reply(
        await town.task(report, "answer_now"), "complete", "customer_assistant", outcome="not_ours", record={}
    )
    onward = await town.seen(report, "task.assigned", step="onward_contact")
    assert "S2c" in onward["clause"]
    await town.complete(report, "onward_contact", "contacted", "customer_assistant")


async def test_the_clock_is_carried_over_a_hand_on_and_the_second_goes_to_the_head(town: Installation) -> None:
    report = await town.file("inquiry", form="written", channel="written", text="来信一封")
    await town.complete(report, "register_written", "registered", "customer_assistant")
    first = await town.seen(report, "task.assigned", step="reply_written")
    await town.reply(
        first["task_id"], "hand_on", "service_head", reason="属主任职权", to_role="management_director"
    )
    second = await town.seen(report, "task.assigned", carried_from=first["task_id"])
    assert second["finish_by"] == first["finish_by"]
    await town.reply(second["task_id"], "hand_on", "management_director", reason="请主管定", to_role="service_head")
    await town.task(report, "head_decides")
