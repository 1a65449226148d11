"""S7: ordered within its limits, repaired and signed for, entered; price and consent come before the order."""

from datetime import timedelta

import pytest

from shared.platform.clock import Clock
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK, ENGINEER, HEAD_OF = "customer_assistant", "engineering", "department_head"


async def a_tap(town: Installation) -> str:
    return await town.file("repair", place="3栋1单元1201", reporter_phone="13800138000", text="厨房龙头滴水")


async def test_daily_to_the_signature_and_the_register(town: Installation) -> None:
    report = await a_tap(town)
    await town.complete(report, "take_repair", "daily", DESK, urgency="daily", where="in_home")
    order = await town.seen(report, "task.assigned", step="order")
    assert order["to"]["person"] == "engineer-1" and "B3-1-1201" in order["words"]["en"]
    await town.complete(report, "order", "arrived", ENGINEER)
    assert await town.refused(report, "repair", "done", ENGINEER, signature=...) == "missing"
    await town.complete(report, "repair", "done", ENGINEER, signature="signed", fee=80)
    await town.complete(report, "record_repair", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")
    assert (await town.get(f"/v1/reports/{report}")).json()["row"]["state"] == "closed"
    await town.complete(report, "return_visit_repair", "satisfied", DESK)


async def test_urgent_in_public_has_two_hours_and_the_heads_are_told(town: Installation) -> None:
    report = await a_tap(town)
    await town.complete(report, "take_repair", "urgent_public", DESK, urgency="urgent", where="public")
    order = await town.seen(report, "task.assigned", step="order")
    assert order["finish_by"] - order["assigned_at"] == timedelta(hours=2)
    await town.seen(report, "notice.issued", name="urgent_repair", to__person="head-1")


async def test_nothing_outside_the_price_list_without_a_price_and_consent(town: Installation) -> None:
    report = await a_tap(town)
    await town.complete(report, "take_repair", "unlisted", DESK, urgency="daily", on_price_list=False)
    await town.seen(report, "task.assigned", step="quote", to__department="engineering")
    assert await town.refused(report, "quote", "agreed", HEAD_OF, agreed_at=...) == "missing"
    assert not [e for e in await town.events(report, "task.assigned") if e["step"] == "order"]
    await town.complete(report, "quote", "agreed", HEAD_OF, price=350)
    await town.task(report, "order")


async def test_nobody_from_outside_comes_before_the_head_approves(town: Installation) -> None:
    report = await a_tap(town)
    await town.complete(report, "take_repair", "special", DESK, urgency="special")
    await town.complete(report, "quote", "contractor", HEAD_OF, contractor="某防水公司")
    asked = await town.seen(report, "task.assigned", step="approve_contractor")
    assert asked["to"]["person"] == "head-1"
    assert not [e for e in await town.events(report, "task.assigned") if e["step"] == "order"]
    await town.complete(report, "approve_contractor", "approved", "service_head")
    await town.task(report, "order")


async def test_a_resident_who_does_not_consent_is_an_end_too(town: Installation) -> None:
    report = await a_tap(town)
    await town.complete(report, "take_repair", "unlisted", DESK, urgency="daily", on_price_list=False)
    await town.complete(report, "quote", "declined", HEAD_OF)
    await town.complete(report, "record_repair", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")


async def test_an_appointment_that_is_corrected_moves_the_arrival(town: Installation) -> None:
    report = await a_tap(town)
    first = Clock.of(town.settings).now().replace(microsecond=0) + timedelta(days=1)
    said = {"urgency": "appointment", "appointment_at": first.isoformat()}
    await town.complete(report, "take_repair", "appointment", DESK, **said)
    order = await town.seen(report, "task.assigned", step="order")
    assert order["arrive_by"] == first - timedelta(minutes=5)
    second = first + timedelta(hours=3)
    await town.amend(report, "details", DESK, appointment_at=second.isoformat())
    moved = await town.seen(report, "task.changed", task_id=order["task_id"], what="limit")
    assert moved["arrive_by"] == second - timedelta(minutes=5)


async def test_the_second_hand_on_is_the_heads_to_decide_and_the_clock_goes_on(town: Installation) -> None:
    report = await a_tap(town)
    await town.complete(report, "take_repair", "daily", DESK, urgency="daily")
    order = await town.seen(report, "task.assigned", step="order")
    await town.reply(order["task_id"], "hand_on", ENGINEER, reason="属绿化", to_department="green")
    following = await town.seen(report, "task.assigned", step="order_next")
    assert following["to"]["department"] == "green" and following["finish_by"] == order["finish_by"]
    await town.reply(following["task_id"], "hand_on", HEAD_OF, reason="属保洁", to_department="cleaning")
    assert (await town.seen(report, "task.assigned", step="head_decides"))["to"]["person"] == "head-1"
    await town.complete(report, "head_decides", "decided", "service_head", new_owner="cleaning")
    third = await town.seen(report, "task.assigned", task_id=f"{report}.order_next.2")
    assert third["to"]["department"] == "cleaning" and third["finish_by"] == order["finish_by"]
    await town.complete(report, "order_next", "arrived", HEAD_OF, 2)
    await town.task(report, "repair")
