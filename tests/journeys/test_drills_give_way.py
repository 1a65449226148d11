"""Drills: marked in every message, calling nobody, numbered apart, and giving way to a real emergency."""

import pytest

from tests.support.installation import Installation, until

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
HEART_ATTACK = {"help": ["ambulance"], "place": "3栋1单元1201", "patient_phone": "13800138000"}


async def test_a_real_heart_attack_stops_the_drill(town: Installation) -> None:
    drill = await town.file("medical", drill=True, **HEART_ATTACK)
    call = await town.seen(drill, "task.assigned", step="call_120")
    assert call["drill"] and call["words"]["zh"].startswith("演习:勿联系120") and not call.get("calls")
    await town.task(drill, "tell_leader")
    real = await town.file("medical", **HEART_ATTACK)
    await town.amend(drill, "stop_drill", "customer_assistant", for_report_id=real)
    first = await town.task(drill, "drill_stopped")
    await town.seen(drill, "report.changed", ending="drill_stopped")
    told = [e for e in await town.events(drill, "task.assigned") if e["step"] == "drill_stopped"]
    assert first and {"desk-1", "leader-1"} <= {e["to"]["person"] for e in told}
    for task in told:
        await town.reply(task["task_id"], "acknowledge", task["to"]["role"], task["to"]["person"])
    await town.seen(drill, "report.closed", 60, why="drill_stopped")
    dialled = await town.seen(real, "task.assigned", step="call_120")
    assert dialled["calls"] == ["120"] and not dialled["drill"]
    said = await town.events(drill, "task.assigned") + await town.events(drill, "notice.issued")
    assert all(e["drill"] and e["words"]["zh"].startswith("演习:") for e in said)


async def test_drills_have_numbers_and_figures_of_their_own(town: Installation) -> None:
    drill = await town.file("medical", drill=True, estate="duli", **HEART_ATTACK)
    real = await town.file("medical", estate="duli", **HEART_ATTACK)
    numbers: dict[str, str] = {}

    async def numbered() -> bool:
        for report in (drill, real):
            answer = await town.get(f"/v1/reports/{report}")
            if answer.status_code == 200 and answer.json().get("number"):
                numbers[report] = str(answer.json()["number"])
        return len(numbers) == 2

    assert await until(numbered), "no numbers"
    assert "D" in numbers[drill] and "D" not in numbers[real]


async def test_what_is_real_is_not_stopped_as_a_drill(town: Installation) -> None:
    real = await town.file("medical", **HEART_ATTACK)
    await town.task(real, "call_120")
    await town.amend(real, "stop_drill", "customer_assistant")
    await town.seen(real, "reply.refused", reason="not_a_drill")
    assert not await town.events(real, "task.withdrawn")
