"""S4.1: where necessary the director replies in writing, on the clock that was running already."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_the_same_two_days(town: Installation) -> None:
    report = await town.file("inquiry", channel="written", text="请问维修基金如何使用?")
    await town.complete(report, "register_written", "registered", "customer_assistant")
    head = await town.seen(report, "task.assigned", step="reply_written")
    await town.reply(head["task_id"], "complete", "service_head", outcome="director_needed", record={})
    assert await town.ended(head["task_id"]) == "director_needed"
    director = await town.seen(report, "task.assigned", step="director_reply")
    assert director["to"]["person"] == "director-1" and "S4.1" in director["clause"]
    assert director["finish_by"] == head["finish_by"]
    await town.complete(report, "director_reply", "replied", "management_director", reply="按规定由业主大会决定")
    await town.complete(report, "deliver_reply", "delivered", "customer_assistant")
    await town.seen(report, "report.closed", why="done")
