"""The Kafka and MongoDB of a test run: given ones, or processes of its own on free ports."""

import asyncio
import fcntl
import os
import random
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.broker import broker_answers
from deploy.local.preflight import PreflightFailed
from deploy.local.process import ProcessFailed
from deploy.local.stack import LocalStack, StackPorts

TEST_ROOT = Path(__file__).resolve().parents[2] / ".local" / "test"
KAFKA = "BAOSHI_TEST_KAFKA"
MONGO = "BAOSHI_TEST_MONGO"
ATTEMPTS = 3


class StackUnavailable(Exception):
    """The tests need a real Kafka and a real MongoDB, and there is none."""


@dataclass(frozen=True)
class StackAddress:
    """Where Kafka and MongoDB are."""

    bootstrap: str
    mongo_uri: str


@dataclass(frozen=True)
class Names:
    """What keeps one test from seeing another's topics and documents."""

    database: str
    topic_prefix: str


def new_names() -> Names:
    token = uuid.uuid4().hex[:10]
    return Names(database=f"test_{token}", topic_prefix=f"t{token}.")


@contextmanager
def session_stack() -> Iterator[StackAddress]:
    """The addresses given in the environment, else a private stack; StackUnavailable when neither answers."""
    kafka, mongo = os.environ.get(KAFKA), os.environ.get(MONGO)
    if kafka and mongo:
        _wait_for_given(kafka, mongo)
        yield StackAddress(kafka, mongo)
        return
    if kafka or mongo:
        raise StackUnavailable(f"give both {KAFKA} and {MONGO}, or neither")
    with private_stack() as local:
        yield StackAddress(local.bootstrap, local.mongo_uri)


@contextmanager
def private_stack() -> Iterator[LocalStack]:
    """A stack nobody else uses, to be killed and paused at will; its data go with it."""
    local = _start()
    try:
        yield local
    finally:
        local.stop()
        shutil.rmtree(local.directory, ignore_errors=True)


def clear(address: StackAddress, names: Names) -> None:
    """Drops a test's database and topics; hundreds of tests' partitions would fill the broker."""
    with MongoClient[dict[str, object]](address.mongo_uri) as client:
        client.drop_database(names.database)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _delete_topics(address.bootstrap, names.topic_prefix)).result()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, below the range from which the kernel hands out its own."""
    found: list[int] = []
    while len(found) < count:
        port = random.randint(15000, 30000)
        with socket.socket() as probe:
            if port not in found and probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
    return found


def _start() -> LocalStack:
    """Tries other ports when someone took one between the choice and the start."""
    failure: Exception | None = None
    for _ in range(ATTEMPTS):
        local = _claim_directory()
        try:
            local.start()
            local.wait_ready()
        except (PreflightFailed, ProcessFailed) as reason:
            failure = reason
            local.stop()
        except BaseException:
            local.stop()
            raise
        else:
            return local
    raise StackUnavailable(f"no local Kafka and MongoDB: {failure}")


def _claim_directory() -> LocalStack:
    """A new directory, held before another run's sweep could take it for an orphan."""
    TEST_ROOT.mkdir(parents=True, exist_ok=True)
    with (TEST_ROOT / "sweep.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _sweep()
        local = LocalStack(TEST_ROOT / uuid.uuid4().hex[:8], StackPorts(*free_ports(3)))
        local.hold()
    return local


def _sweep() -> None:
    """Ends and removes what killed test runs left behind."""
    for directory in TEST_ROOT.iterdir():
        if not directory.is_dir():
            continue
        orphan = LocalStack(directory, StackPorts())
        try:
            orphan.hold()
        except PreflightFailed:
            continue
        orphan.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _wait_for_given(bootstrap: str, mongo_uri: str, timeout: float = 60.0) -> None:
    until = time.monotonic() + timeout
    while not broker_answers(bootstrap):
        if time.monotonic() > until:
            raise StackUnavailable(f"no Kafka answers at {KAFKA}={bootstrap}")
        time.sleep(0.5)
    try:
        with MongoClient[dict[str, object]](mongo_uri, serverSelectionTimeoutMS=30000) as client:
            client.admin.command("ping")
    except PyMongoError as reason:
        raise StackUnavailable(f"no MongoDB answers at the address in {MONGO}: {reason}") from reason


async def _delete_topics(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if topics:
            await admin.delete_topics(topics)
    finally:
        await admin.close()
