"""Kafka or spool: order within a lane, emergencies first, and never a silent maybe."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.history import read_event
from shared.contracts.vocabulary import LANES, Lane
from shared.platform.records import WAITED_MS
from tests.support.intake import NOW, IntakeAtHand, intake_at_hand

MEDICAL = {"category": "medical"}
INQUIRY = {"category": "inquiry", "text": "游泳池几点开"}


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


async def filed(intake: IntakeAtHand, body: dict[str, Any]) -> dict[str, Any]:
    answer = await intake.post("/v1/reports", body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def drained(intake: IntakeAtHand) -> None:
    task = asyncio.create_task(intake.drain.run())
    while any(line.spool.unsent for line in intake.lines.values()):
        await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_kafka_first_the_spool_when_it_does_not_answer(intake: IntakeAtHand) -> None:
    assert (await filed(intake, MEDICAL))["durable"] == "kafka"
    intake.kafka_answers(False)
    assert (await filed(intake, MEDICAL))["durable"] == "spool"
    assert len(intake.sent) == 1


async def test_nothing_overtakes_what_waits_in_its_lane(intake: IntakeAtHand) -> None:
    intake.kafka_answers(False)
    first = await filed(intake, MEDICAL)
    intake.kafka_answers(True)
    reply = await intake.post(
        f"/v1/tasks/{first['report_id']}.ask_address.1/replies",
        {"type": "acknowledge", "by": {"role": "customer_assistant"}},
    )
    assert reply.json()["durable"] == "spool"
    assert (await filed(intake, INQUIRY))["durable"] == "kafka"
    await drained(intake)
    assert [e.type for e in intake.publishers["emergency"].events] == ["report.filed", "reply.acknowledged"]
    assert (await filed(intake, MEDICAL))["durable"] == "kafka"


async def test_emergencies_are_drained_before_routine(intake: IntakeAtHand) -> None:
    order: list[Lane] = []
    intake.kafka_answers(False)
    for body in (INQUIRY, MEDICAL) * 4:
        await filed(intake, body)
    for lane in LANES:
        _note_order(intake, lane, order)
    intake.kafka_answers(True)
    await drained(intake)
    assert order == ["emergency"] * 4 + ["routine"] * 4


def _note_order(intake: IntakeAtHand, lane: Lane, order: list[Lane]) -> None:
    publisher, real = intake.publishers[lane], intake.publishers[lane].publish

    async def publish(records: Any, timeout: float | None = None) -> None:
        await real(records, timeout)
        order.extend([lane] * len(records))

    publisher.publish = publish  # type: ignore[method-assign]


async def test_a_record_says_how_long_it_waited_and_keeps_its_acceptance(intake: IntakeAtHand) -> None:
    intake.kafka_answers(False)
    await filed(intake, MEDICAL)
    intake.clock.shows = NOW + timedelta(seconds=90)
    intake.kafka_answers(True)
    await drained(intake)
    (record,) = intake.publishers["emergency"].sent
    assert dict(record.headers)[WAITED_MS] == b"90000"
    assert read_event(record.value).accepted_at == NOW  # type: ignore[union-attr]


async def test_a_restart_drains_what_was_left_before_anything_new(tmp_path: Path) -> None:
    async with intake_at_hand(tmp_path) as before:
        before.kafka_answers(False)
        left = await filed(before, MEDICAL)
    async with intake_at_hand(tmp_path) as after:
        new = await filed(after, MEDICAL)
        assert new["durable"] == "spool"
        await drained(after)
        assert [str(e.event_id) for e in after.sent] == [left["event_id"], new["event_id"]]


async def test_before_kafka_is_known_to_be_safe_everything_waits_in_the_spool(intake: IntakeAtHand) -> None:
    intake.keeping.safe = False
    assert (await filed(intake, MEDICAL))["durable"] == "spool"
    assert intake.sent == []


@pytest.mark.parametrize(("language", "phone"), [("zh", "请立即打电话"), ("en", "Phone")])
async def test_a_full_spool_says_to_phone(tmp_path: Path, language: str, phone: str) -> None:
    async with intake_at_hand(tmp_path, intake_phone="0755-88886666") as intake:
        intake.kafka_answers(False)
        intake.lines["emergency"].spool._segments._most = 10
        answer = await intake.post("/v1/reports", MEDICAL, accept_language=language)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["content-type"] == "application/problem+json"
        assert phone in answer.json()["detail"]
        assert "0755-88886666" in answer.json()["detail"]


async def test_with_a_full_spool_but_kafka_back_an_emergency_is_still_taken(intake: IntakeAtHand) -> None:
    intake.kafka_answers(False)
    await filed(intake, MEDICAL)
    intake.lines["emergency"].spool._segments._most = 10
    intake.kafka_answers(True)
    assert (await filed(intake, MEDICAL))["durable"] == "kafka"


async def test_a_disk_that_hangs_is_an_answer_too(tmp_path: Path) -> None:
    async with intake_at_hand(tmp_path, intake_answer_s=0.2) as intake:
        intake.kafka_answers(False)

        async def hangs(_: object) -> None:
            await asyncio.sleep(60)

        intake.lines["emergency"].spool.append = hangs  # type: ignore[method-assign,assignment]
        assert (await intake.post("/v1/reports", MEDICAL)).status_code == 503
