"""Forty callers about one burst pipe: a person links them; one set of tasks, forty answers (SOP S2a)."""

import asyncio

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
CALLERS = 40


async def test_one_set_of_tasks_and_forty_answers(town: Installation) -> None:
    first = await town.file("repair", urgency="urgent", place="3栋1单元大堂", text="水管爆裂,大堂进水")
    await town.complete(first, "take_repair", "urgent", "customer_assistant", urgency="urgent", where="public")
    callers = await asyncio.gather(
        *(
            town.file("repair", same_event_as=first, place=f"3栋1单元{n:02d}01", text="水管爆了")
            for n in range(1, CALLERS + 1)
        )
    )
    answered = await asyncio.gather(*(_answer(town, caller) for caller in callers))
    assert answered == ["linked"] * CALLERS
    joined = await town.events(first, "report.joined")
    assert {e["by_report_id"] for e in joined} == set(callers)
    assert len({e["household"] for e in joined}) == CALLERS
    orders = [e for e in await town.events(first, "task.assigned") if e["step"] == "order"]
    assert len(orders) == 1


async def _answer(town: Installation, caller: str) -> str:
    await town.complete(caller, "answer_caller", "answered", "customer_assistant")
    steps = {e["step"] for e in await town.events(caller, "task.assigned")}
    assert steps == {"answer_caller"}
    return str((await town.seen(caller, "report.closed", 60))["why"])


async def test_a_report_linked_to_one_that_is_over_is_somebodys_at_once(town: Installation) -> None:
    over = await town.file("inquiry", form="oral", text="停车费?")
    await town.complete(over, "answer_now", "answered", "customer_assistant")
    await town.seen(over, "report.closed")
    await town.file("inquiry", form="oral", text="停车费?", same_event_as=over)
    rung = await town.seen(over, "task.assigned", step="stray_link")
    assert rung["only_ack"] and rung["to"]["role"] in ("customer_assistant", "service_head")


async def test_linked_afterwards_stands_its_own_people_down(town: Installation) -> None:
    first = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    second = await town.file("medical", help=["ambulance"], place="3栋1单元1202", patient_phone="13800138001")
    await town.task(second, "tell_leader")
    await town.amend(second, "link", "customer_assistant", to_report_id=first, household="1202")
    assert (await town.seen(first, "report.joined"))["household"] == "1202"
    down = await town.seen(second, "task.assigned", step="stand_down", to__person="leader-1")
    await town.reply(down["task_id"], "acknowledge", "shift_leader", "leader-1")
    await town.task(second, "answer_caller")
    assert not await town.events(first, "task.withdrawn")
