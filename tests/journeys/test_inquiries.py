"""S4: written within two days, oral at once; whoever cannot answer asks the head, nobody pretends."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_written(town: Installation) -> None:
    report = await town.file("inquiry", channel="written", text="请问明年物业费标准?")
    await town.complete(report, "register_written", "registered", "customer_assistant")
    reply = await town.seen(report, "task.assigned", step="reply_written")
    assert reply["to"]["role"] == "service_head" and "S4.1" in reply["clause"]
    await town.complete(report, "reply_written", "replied", "service_head")
    await town.complete(report, "deliver_reply", "delivered", "customer_assistant")
    await town.seen(report, "report.closed", why="done")


async def test_oral_answered_at_once(town: Installation) -> None:
    report = await town.file("inquiry", text="游泳池几点开?")
    await town.complete(report, "answer_now", "answered", "customer_assistant")
    await town.seen(report, "report.closed", why="done")


async def test_oral_asked_upwards(town: Installation) -> None:
    report = await town.file("inquiry", text="能在阳台装雨棚吗?")
    task = await town.task(report, "answer_now")
    await town.reply(task, "complete", "customer_assistant", outcome="cannot", record={})
    await town.complete(report, "ask_head", "answered", "service_head")
    await town.complete(report, "reply_oral", "replied", "customer_assistant")
    await town.seen(report, "report.closed", why="done")
