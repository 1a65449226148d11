"""S2c, S3.1.1: no vehicle is never the end of it; the resident chooses a taxi or 120."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def without_a_vehicle(town: Installation) -> str:
    report = await town.file("medical", help=["transport"], place="3栋2单元801", patient_phone="13900139000")
    vehicle = await town.task(report, "vehicle")
    await town.reply(vehicle, "complete", "customer_assistant", outcome="no_vehicle", record={})
    offered = await town.seen(report, "task.assigned", step="other_transport")
    assert offered["to"]["role"] == "customer_assistant" and "no_shirk" in offered["guard"]
    return report


async def test_a_taxi_takes_them_once_the_guards_are_there(town: Installation) -> None:
    report = await without_a_vehicle(town)
    await town.complete(report, "place_two", "sent", "shift_leader", posts_sent=["patrol-west", "patrol-north"])
    await town.complete(report, "other_transport", "taxi", "customer_assistant", residents_choice="出租车")
    for n in (1, 2):
        await town.reply(await town.task(report, "stand_by", n), "arrive", "guard", f"guard-{n + 1}")
    for n in (1, 2):
        await town.complete(report, "take_to_hospital", "at_hospital", "guard", n)


async def test_120_instead(town: Installation) -> None:
    report = await without_a_vehicle(town)
    await town.complete(report, "other_transport", "ambulance", "customer_assistant", residents_choice="打120")
    await town.task(report, "call_120")
    await town.seen(report, "report.changed", help=["ambulance"])
    assert await town.ended(f"{report}.place_two.1") == "withdrawn"
    await town.seen(report, "task.assigned", step="stand_down", to__role="shift_leader")
