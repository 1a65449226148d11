"""S1: a report in the wrong class, or that got worse, is followed by a linked one with the first clock."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_the_linked_report_keeps_the_clock_and_the_first_is_closed(town: Installation) -> None:
    first = await town.file("inquiry", text="我家老人不太舒服,怎么办?")
    filed = await town.seen(first, "report.filed")
    linked = await town.file(
        "medical",
        follows=first,
        clock_from=filed["accepted_at"].isoformat(),
        help=["ambulance"],
        place="3栋1单元1201",
    )
    opened = await town.seen(linked, "report.opened")
    assert opened["clock_from"] == filed["accepted_at"]
    down = await town.task(first, "stand_down")
    await town.reply(down, "acknowledge", "customer_assistant", "desk-1")
    await town.seen(first, "report.closed", 60, why="followed", followed_by=linked)


async def test_one_event_called_in_twice_keeps_one_task_to_answer_its_caller(town: Installation) -> None:
    first = await town.file("medical", help=["ambulance"], place="3栋1单元1201")
    second = await town.file("medical", same_event_as=first, place="3栋1单元1202")
    task = await town.task(second, "answer_caller")
    steps = {t["step"] for t in await town.events(second, "task.assigned")}
    assert steps == {"answer_caller"}
    await town.complete(second, "answer_caller", "answered", "customer_assistant")
    assert task
    await town.seen(second, "report.closed", why="linked")
