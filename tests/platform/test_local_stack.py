"""The local stack against real processes: what it acknowledged survives, and leftovers stop nobody."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient, WriteConcern

from deploy.local.database import LocalMongo
from deploy.local.preflight import PreflightFailed
from deploy.local.process import ManagedProcess, ProcessFailed
from deploy.local.stack import LocalStack, StackPorts
from tests.support.stack import Names, StackAddress, free_ports

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.stack


async def make_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 3, 1, topic_configs={"flush.messages": "1"})])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for value in values:
            await asyncio.wait_for(producer.send_and_wait(topic, value, key=b"one"), 20)
    finally:
        await producer.stop()


async def consume(bootstrap: str, topic: str, count: int) -> list[Any]:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=f"{topic}-readers", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        return [await asyncio.wait_for(consumer.getone(), 20) for _ in range(count)]
    finally:
        await consumer.stop()


async def insert(mongo_uri: str, database: str, document: dict[str, Any]) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
        durable = WriteConcern(w="majority", j=True)
        await client[database].get_collection("things", write_concern=durable).insert_one(document)


async def find(mongo_uri: str, database: str) -> list[dict[str, Any]]:
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
        return await client[database]["things"].find().to_list()


async def test_records_and_documents_come_back(stack: StackAddress, names: Names) -> None:
    topic = f"{names.topic_prefix}things"
    await make_topic(stack.bootstrap, topic)
    await produce(stack.bootstrap, topic, [b"1", b"2"])
    await insert(stack.mongo_uri, names.database, {"_id": 1})

    records = await consume(stack.bootstrap, topic, 2)

    assert [record.value for record in records] == [b"1", b"2"]
    log_append_time = 1
    assert {record.timestamp_type for record in records} == {log_append_time}
    assert await find(stack.mongo_uri, names.database) == [{"_id": 1}]


@pytest.mark.fault
async def test_sigkill_loses_nothing_acknowledged(own_stack: LocalStack) -> None:
    await make_topic(own_stack.bootstrap, "kept")
    await produce(own_stack.bootstrap, "kept", [b"before"])
    await insert(own_stack.mongo_uri, "kept", {"_id": "before"})

    own_stack.kill()
    assert not own_stack.alive()
    own_stack.start()
    own_stack.wait_ready()
    await produce(own_stack.bootstrap, "kept", [b"after"])
    await insert(own_stack.mongo_uri, "kept", {"_id": "after"})

    values = [record.value for record in await consume(own_stack.bootstrap, "kept", 2)]
    assert values == [b"before", b"after"]
    assert [thing["_id"] for thing in await find(own_stack.mongo_uri, "kept")] == ["before", "after"]


@pytest.mark.fault
async def test_paused_kafka_acknowledges_once_resumed(own_stack: LocalStack) -> None:
    await make_topic(own_stack.bootstrap, "paused")
    own_stack.kafka.pause()
    sending = asyncio.create_task(produce(own_stack.bootstrap, "paused", [b"late"]))
    _, pending = await asyncio.wait([sending], timeout=1.0)
    assert pending, "a paused broker cannot have acknowledged"

    own_stack.kafka.resume()
    # The bootstrap request may have timed out meanwhile; what matters is that the broker serves again.
    await asyncio.wait([sending], timeout=60)
    await produce(own_stack.bootstrap, "paused", [b"next"])


def test_next_run_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    kafka, controller, mongo = free_ports(3)
    first = (
        "import os, signal, pathlib\n"
        "from deploy.local.stack import LocalStack, StackPorts\n"
        f"stack = LocalStack(pathlib.Path({str(tmp_path)!r}), StackPorts({kafka}, {controller}, {mongo}))\n"
        "stack.start()\n"
        "stack.wait_ready()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", first], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    second = LocalStack(tmp_path, StackPorts(kafka, controller, mongo))
    left_behind = second.kafka.process.pid()
    assert left_behind is not None

    with second:
        assert second.alive()
        assert second.kafka.process.pid() != left_behind
        with pytest.raises(PreflightFailed, match="in use by process"):
            LocalStack(tmp_path, StackPorts(kafka, controller, mongo)).start()
    assert not psutil.pid_exists(left_behind)


def test_stale_pid_of_another_process_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as bystander:
        started = psutil.Process(bystander.pid).create_time()
        (tmp_path / "sleeper.pid").write_text(f"{bystander.pid} {started}\n")
        ours = ManagedProcess("sleeper", ["sleep", "60"], tmp_path)
        assert not ours.alive()

        ours.start()
        mine = ours.pid()
        ours.stop()

        assert mine not in (None, bystander.pid)
        assert bystander.poll() is None
        bystander.kill()


def test_process_without_pid_file_is_found_and_ended(tmp_path: Path) -> None:
    ours = ManagedProcess("sleeper", ["sleep", "60"], tmp_path)
    ours.start()
    pid = ours.pid()
    (tmp_path / "sleeper.pid").unlink()

    ManagedProcess("sleeper", ["sleep", "60"], tmp_path).stop()

    assert pid is not None
    assert not ours.alive()


def test_paused_process_can_be_stopped(tmp_path: Path) -> None:
    ours = ManagedProcess("sleeper", ["sleep", "60"], tmp_path)
    ours.start()
    ours.pause()
    ours.stop(timeout=5)
    assert not ours.alive()


async def test_mongo_moves_to_another_port(tmp_path: Path) -> None:
    first, second = (LocalMongo(tmp_path, port) for port in free_ports(2))
    first.start()
    first.wait_ready()
    await insert(first.uri, "moved", {"_id": 1})
    first.stop()
    second.start()
    try:
        second.wait_ready()
        assert await find(second.uri, "moved") == [{"_id": 1}]
    finally:
        second.stop()


def test_log_of_a_process_that_fails_is_in_the_error(tmp_path: Path) -> None:
    ours = ManagedProcess("failing", [sys.executable, "-c", "raise SystemExit('no luck')"], tmp_path)
    ours.start()
    while ours.alive():
        time.sleep(0.02)
    with pytest.raises(ProcessFailed, match="no luck"):
        ours.check_alive()
