"""S3.0: address and phone first, then which help; none chosen yet is a state with its clock running."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_first_the_address_then_the_help(town: Installation) -> None:
    report = await town.file("medical")
    assert (await town.seen(report, "task.assigned", step="ask_address"))["to"]["role"] == "customer_assistant"
    await town.complete(
        report,
        "ask_address",
        "known",
        "customer_assistant",
        patient_place="3栋1单元1201",
        patient_phone="13800138000",
    )
    await town.complete(report, "ask_help", "ambulance", "customer_assistant", help=["ambulance"])
    await town.task(report, "tell_leader")
    assert (await town.seen(report, "task.assigned", step="call_120"))["helps"] == ["ambulance"]


async def test_nothing_chosen_is_asked_again_and_goes_to_the_head(town: Installation) -> None:
    report = await town.file(
        "medical", place="3栋1单元1201", patient_place="3栋1单元1201", patient_phone="13800138000"
    )
    task = await town.task(report, "ask_help")
    await town.reply(task, "acknowledge", "customer_assistant", "desk-1")
    await town.seen(report, "limit.passed", task_id=task, clock="finish")
    await town.seen(report, "rung.reached", task_id=task, clock="finish", role="service_head")


async def test_an_emergency_without_an_address_is_accepted_and_the_place_follows(town: Installation) -> None:
    report = await town.file("medical", help=["ambulance"])
    first = await town.seen(report, "task.assigned", step="tell_leader")
    assert "地点待报" in first["words"]["zh"]
    await town.amend(report, "place", "customer_assistant", place="3栋1单元1201")
    corrected = await town.seen(report, "task.assigned", step="correct_place", to__role="shift_leader")
    assert "B3-1-1201" in corrected["words"]["en"]


async def test_none_wanted_ends_with_a_record(town: Installation) -> None:
    report = await town.file("medical", patient_place="1栋101", patient_phone="13800138000", place="1栋101")
    await town.complete(report, "ask_help", "none_wanted", "customer_assistant", help=[])
    await town.complete(report, "record_case", "recorded", "customer_assistant")
    await town.seen(report, "report.closed", why="done")
