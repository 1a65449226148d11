"""Installations to be hurt."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.support.estate import an_estate
from tests.support.installation import Installation
from tests.support.stack import Names, StackAddress, new_names

SPEED = 30.0


@asynccontextmanager
async def running(
    kafka: str, mongo: str, names: Names, folder: Path, speed: float = SPEED
) -> AsyncIterator[Installation]:
    """All services ready, and all ended whatever happens in between."""
    installation = Installation(kafka, mongo, names, folder, speed)
    try:
        await installation.prepare(an_estate())
        await installation.start()
        yield installation
    finally:
        await installation.stop()


@pytest.fixture
async def installation(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[Installation]:
    """Services to kill, on the session's Kafka and MongoDB."""
    async with running(stack.bootstrap, stack.mongo_uri, names, tmp_path) as made:
        yield made


@pytest.fixture
async def own_installation(own_stack: LocalStack, tmp_path: Path) -> AsyncIterator[tuple[Installation, LocalStack]]:
    """Services on a Kafka and a MongoDB that may be killed too."""
    async with running(own_stack.bootstrap, own_stack.mongo_uri, new_names(), tmp_path) as made:
        yield made, own_stack
