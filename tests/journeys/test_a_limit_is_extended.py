"""S2c: a head extends an inner limit with a reason; nobody moves the resident's clock."""

from datetime import timedelta

import pytest

from shared.platform.clock import Clock
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def extend(town: Installation, task: str, by: str) -> str:
    until = Clock.of(town.settings).now() + timedelta(hours=3)
    report = task.rsplit(".", 2)[0]
    fields = {"task_id": task, "clock": "finish", "until": until.isoformat(), "reason": "须查档案"}
    return await town.amend(report, "extend", by, **fields)


async def test_an_inner_limit_by_a_head_only(town: Installation) -> None:
    report = await town.file("inquiry", form="oral", text="十年前的装修图纸还在吗?")
    task = await town.task(report, "answer_now")
    said = await extend(town, task, "customer_assistant")
    refused = await town.seen(report, "reply.refused", reason="not_head")
    assert str(refused["refused"]) == said
    was = await town.seen(report, "task.assigned", task_id=task)
    await extend(town, task, "service_head")
    changed = await town.seen(report, "task.changed", task_id=task, what="limit")
    assert changed["finish_by"] > was["finish_by"] and changed["note"] == "须查档案"


async def test_the_residents_clock_is_refused_even_to_the_director(town: Installation) -> None:
    report = await town.file("inquiry", channel="written", text="请书面答复停车费依据")
    await town.complete(report, "register_written", "registered", "customer_assistant")
    task = await town.task(report, "reply_written")
    said = await extend(town, task, "management_director")
    refused = await town.seen(report, "reply.refused", reason="resident_clock")
    assert str(refused["refused"]) == said
