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
            if answer.status_code == 200 and answer.json()["no"]:
                numbers[report] = str(answer.json()["no"])
        return len(numbers) == 2

    assert await until(numbered), "no numbers"
    assert numbers[drill].startswith("D") and not numbers[real].startswith("D")
    for drills in (True, False):
        figures = await town.get("/v1/statistics", estate="duli", category="medical", drills=drills)
        assert [line["reports"] for line in figures.json()["statistics"]] == [1]


async def test_what_is_real_is_not_stopped_as_a_drill(town: Installation) -> None:
    real = await town.file("medical", **HEART_ATTACK)
    await town.task(real, "call_120")
    await town.amend(real, "stop_drill", "customer_assistant")
    await town.seen(real, "reply.refused", reason="not_a_drill")
    assert not await town.events(real, "task.withdrawn")


@pytest.mark.parametrize(
    "category, kind, asked, outcome, calling",
    [
        ("disaster", "fire", "ask_fire", "flames", "call_119"),
        ("security", "theft", "ask_scene", "asked", "call_police"),
    ],
)
async def test_a_drill_reaches_neither_110_nor_119(
    town: Installation, category: str, kind: str, asked: str, outcome: str, calling: str
) -> None:
    drill = await town.file(category, kind=kind, drill=True, place="南门")
    await town.complete(drill, asked, outcome, "customer_assistant", kind=kind)
    call = await town.seen(drill, "task.assigned", step=calling)
    assert "勿联系" in call["words"]["zh"] and "Do NOT call" in call["words"]["en"]
    await town.complete(drill, calling, "called", call["to"]["role"])
    told = await town.events(drill, "task.assigned") + await town.events(drill, "notice.issued")
    assert all(e["drill"] and e["words"]["zh"].startswith("演习:") and not e.get("calls") for e in told)
