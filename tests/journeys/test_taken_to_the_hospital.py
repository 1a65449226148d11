"""S3.1: two guards stand by, a vehicle comes, they go along, help settle, ask for more, come back."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def to_the_hospital(town: Installation) -> str:
    report = await town.file("medical", help=["transport"], place="3栋2单元801", patient_phone="13900139000")
    await town.complete(report, "place_two", "sent", "shift_leader", posts_sent=["patrol-west", "patrol-north"])
    for n in (1, 2):
        await town.reply(await town.task(report, "stand_by", n), "arrive", "guard", f"guard-{n + 1}")
    assert [await town.ended(f"{report}.stand_by.{n}") for n in (1, 2)] == ["arrived", "arrived"]
    assert await town.events(report, "report.closed") == []
    assert not any(t["step"] == "take_to_hospital" for t in await town.events(report, "task.assigned"))
    await town.complete(report, "vehicle", "at_building", "customer_assistant")
    for n in (1, 2):
        await town.complete(report, "take_to_hospital", "at_hospital", "guard", n, resident_comes=False)
        await town.complete(report, "settle", "settled", "guard", n)
    return report


async def test_there_and_back(town: Installation) -> None:
    report = await to_the_hospital(town)
    await town.complete(report, "ask_more_help", "no", "guard", more_help=False)
    for n in (1, 2):
        await town.complete(report, "return_to_office", "back", "guard", n)
    await town.complete(report, "feed_back_transport", "fed_back", "guard")
    await town.complete(report, "record_case", "recorded", "customer_assistant")
    await town.seen(report, "report.closed", why="done")
    assert (await town.seen(report, "notice.issued", name="ordinary_after"))["urgency"] == "morning"


async def test_more_help_is_arranged_by_the_director(town: Installation) -> None:
    report = await to_the_hospital(town)
    await town.complete(report, "ask_more_help", "yes", "guard", more_help_what="陪护到家属来")
    task = await town.seen(report, "task.assigned", step="director_more_help")
    assert task["to"]["role"] == "management_director" and "S3.1.5" in task["clause"]
    assert not any(t["step"] == "return_to_office" for t in await town.events(report, "task.assigned"))
    await town.complete(report, "director_more_help", "arranged", "management_director")
    await town.complete(report, "carry_out", "done", "guard")
    await town.task(report, "return_to_office")


async def test_the_guards_nearest_to_the_building_are_sent_and_a_refusal_tries_the_next(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201")
    held = await town.seen(report, "task.assigned", step="hold_lift")
    assert held["to"]["post"] == "patrol-west"
    await town.reply(held["task_id"], "decline", "guard", "guard-2", reason="正在扶梯口救人", onward="请北巡逻岗去")
    changed = await town.seen(report, "task.changed", task_id=held["task_id"], what="declined")
    assert changed["to"]["post"] == "patrol-north"
