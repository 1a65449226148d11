"""Intake as a process, before a real Kafka and a real MongoDB: kept, spooled, drained, killed and started again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2 as httpx
import pytest
from aiokafka import ConsumerRecord

from deploy.local.stack import LocalStack
from services.intake.idempotency import COLLECTION, KeyMemory, content_hash
from services.intake.problems import Refusal
from services.intake.settings import IntakeSettings
from shared.contracts.commands import ReportRequest
from shared.contracts.ids import keyed_event_id
from shared.platform.mongo import connect, database
from shared.platform.records import WAITED_MS
from tests.support.estate import an_estate
from tests.support.installation import Installation, until
from tests.support.intake import NOW
from tests.support.kafka import events_of, records_of, wait_for
from tests.support.stack import Names, StackAddress, new_names

MEDICAL, INQUIRY = "reports.medical.emergency", "reports.inquiry.routine"
EMERGENCY = {"estate": "qinghe", "category": "medical", "place": "南门"}
ROUTINE = {"estate": "qinghe", "category": "inquiry", "text": "几点开门"}


@asynccontextmanager
async def intake(kafka: str, mongo: str, names: Names, folder: Path) -> AsyncIterator[Installation]:
    installation = Installation(kafka, mongo, names, folder)
    try:
        await installation.prepare(an_estate())
        await installation.start("intake")
        yield installation
    finally:
        await installation.stop()


async def accepted(installation: Installation, body: dict[str, Any]) -> dict[str, Any]:
    answer = await installation.post("/v1/reports", body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def ids_on(installation: Installation, topic: str) -> list[str]:
    return [str(e.event_id) for e in await events_of(installation.settings, topic)]


@pytest.mark.stack
async def test_an_accepted_report_stands_on_kafka(stack: StackAddress, names: Names, tmp_path: Path) -> None:
    async with intake(stack.bootstrap, stack.mongo_uri, names, tmp_path) as installation:
        answers: list[dict[str, Any]] = []

        async def straight_to_kafka() -> bool:
            answers.append(await accepted(installation, EMERGENCY))
            return bool(answers[-1]["durable"] == "kafka")

        assert await until(straight_to_kafka)
        records = {dict(r.headers)["ce_id"].decode(): r for r in await records_of(installation.settings, MEDICAL)}
        answer = answers[-1]
        record = records[answer["event_id"]]
        headers = dict(record.headers)
        assert record.key.decode() == answer["report_id"]
        assert headers["ce_specversion"] == b"1.0"
        assert headers[WAITED_MS].isdigit()


@pytest.mark.stack
async def test_a_key_is_remembered_by_mongodb(stack: StackAddress, names: Names, tmp_path: Path) -> None:
    async with intake(stack.bootstrap, stack.mongo_uri, names, tmp_path) as installation:
        first = await installation.post("/v1/reports", EMERGENCY, "k1")
        again = await installation.post("/v1/reports", EMERGENCY, "k1")
        other = await installation.post("/v1/reports", {**EMERGENCY, "place": "3栋"}, "k1")
        assert first.json() == again.json()
        assert other.status_code == 422
        found = await wait_for(installation.settings, MEDICAL, 1)
        assert {str(e.event_id) for e in found} == {first.json()["event_id"]}
        indexes = await installation.store[COLLECTION].index_information()
        assert any("expireAfterSeconds" in index for index in indexes.values())


@pytest.mark.fault
@pytest.mark.stack
async def test_a_broker_that_stands_still_and_comes_back(own_stack: LocalStack, tmp_path: Path) -> None:
    async with intake(own_stack.bootstrap, own_stack.mongo_uri, new_names(), tmp_path) as installation:
        own_stack.kafka.process.pause()
        try:
            # The client's own patience is 3 s: an answer in any case, and not after that.
            installation._client.timeout = httpx.Timeout(3.0)
            spooled = [await accepted(installation, body) for body in (EMERGENCY, ROUTINE) * 3]
            assert {answer["durable"] for answer in spooled} == {"spool"}
            ready = await installation._client.get(f"{installation.address('intake')}/health/ready", timeout=10)
            assert (ready.status_code, ready.json()["kafka"], ready.json()["mongodb"]) == (503, False, True)
        finally:
            own_stack.kafka.process.resume()
        await wait_for(installation.settings, INQUIRY, 3)
        await wait_for(installation.settings, MEDICAL, 3)
        await installation.until_ready("intake")
        emergencies, routine = [await records_of(installation.settings, t) for t in (MEDICAL, INQUIRY)]
        for records, offset in ((emergencies, 0), (routine, 1)):
            found = {dict(r.headers)["ce_id"].decode() for r in records}
            assert found == {answer["event_id"] for answer in spooled[offset::2]}
        # What was on the wire when the broker stopped arrives too, so an event may stand there more than once.
        assert max(map(min, _times(emergencies))) <= min(map(max, _times(routine)))
        spool = tmp_path / "state" / "spool"

        async def empty() -> bool:
            return not list(spool.glob("*/*.seg"))

        assert await until(empty)


@pytest.mark.fault
@pytest.mark.stack
async def test_mongodb_that_stands_still_stops_nobody(own_stack: LocalStack, tmp_path: Path) -> None:
    async with intake(own_stack.bootstrap, own_stack.mongo_uri, new_names(), tmp_path) as installation:
        await accepted(installation, EMERGENCY)
        own_stack.mongo.process.pause()
        try:
            installation._client.timeout = httpx.Timeout(3.0)
            for place in ("南门", "3栋"):
                answer = await installation.post("/v1/reports", {**EMERGENCY, "place": place}, "same-key")
                assert answer.status_code == 202, answer.text
        finally:
            own_stack.mongo.process.resume()


@pytest.mark.fault
@pytest.mark.stack
@pytest.mark.parametrize("kafka_answers", [True, False])
async def test_whatever_was_answered_survives_a_kill(
    own_stack: LocalStack, tmp_path: Path, kafka_answers: bool
) -> None:
    async with intake(own_stack.bootstrap, own_stack.mongo_uri, new_names(), tmp_path) as installation:
        if not kafka_answers:
            own_stack.kafka.process.pause()
        promised: list[str] = []
        callers = [asyncio.create_task(_keeps_calling(installation, promised)) for _ in range(8)]
        assert await until(lambda: _at_least(promised, 60))
        installation.processes["intake"].kill()
        await asyncio.gather(*callers)
        own_stack.kafka.process.resume()
        await installation.restart("intake")
        missing: set[str] = set(promised)

        async def all_there() -> bool:
            missing.difference_update(await ids_on(installation, MEDICAL), await ids_on(installation, INQUIRY))
            return not missing

        assert await until(all_there), f"{len(missing)} of {len(promised)} are lost"


def _times(records: list[ConsumerRecord[Any, Any]]) -> list[list[int]]:
    """The broker's times of each event."""
    times: dict[bytes, list[int]] = {}
    for record in records:
        times.setdefault(dict(record.headers)["ce_id"], []).append(record.timestamp)
    return list(times.values())


async def _at_least(promised: list[str], count: int) -> bool:
    return len(promised) >= count


async def _keeps_calling(installation: Installation, promised: list[str]) -> None:
    """Until nobody opens any more."""
    for n in range(10_000):
        try:
            answer = await installation.post("/v1/reports", (EMERGENCY, ROUTINE)[n % 2])
        except httpx.HTTPError:
            return
        if answer.status_code == 202:
            promised.append(str(answer.json()["event_id"]))


@pytest.mark.stack
async def test_a_crash_between_storing_a_key_and_publishing_loses_nothing(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    async with intake(stack.bootstrap, stack.mongo_uri, names, tmp_path) as installation:
        request = ReportRequest.model_validate(EMERGENCY)
        settings = IntakeSettings(**installation.settings.model_dump())
        async with connect(settings) as client:
            memory = KeyMemory(database(client, settings), settings)
            event_id = keyed_event_id("qinghe", "k7")
            assert await memory.accepted_at(event_id, content_hash("report", request), NOW) == NOW
            with pytest.raises(Refusal):
                await memory.accepted_at(event_id, b"other", NOW)
        answer = await installation.post("/v1/reports", EMERGENCY, "k7")
        assert UUID(answer.json()["event_id"]) == event_id
        assert {str(e.event_id) for e in await wait_for(installation.settings, MEDICAL, 1)} == {str(event_id)}


@pytest.mark.stack
async def test_many_keys_at_once_share_a_write_and_each_is_known_by_its_first_content(
    stack: StackAddress, names: Names
) -> None:
    settings = IntakeSettings(kafka=stack.bootstrap, mongo=stack.mongo_uri, mongo_database=names.database)
    async with connect(settings) as client:
        memory = KeyMemory(database(client, settings), settings)
        keys = [keyed_event_id("qinghe", f"k{n % 40}") for n in range(120)]
        asked = [memory.accepted_at(key, b"same", NOW + timedelta(seconds=n)) for n, key in enumerate(keys)]
        first = await asyncio.gather(*asked)
        assert first == [NOW + timedelta(seconds=n % 40) for n in range(120)]
        again = [memory.accepted_at(key, b"same", NOW + timedelta(hours=1)) for key in keys[:40]]
        other = [memory.accepted_at(key, b"other", NOW) for key in keys[:40]]
        said = await asyncio.gather(*again, *other, return_exceptions=True)
        assert said[:40] == first[:40]
        assert all(isinstance(refused, Refusal) for refused in said[40:])
        assert await database(client, settings)[COLLECTION].count_documents({}) == 40
