"""Fixtures of every test: a real Kafka and a real MongoDB, and names of one's own in them."""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from deploy.local.stack import LocalStack
from tests.support.playbook_coverage import SESSION, table, watching
from tests.support.stack import (
    Names,
    StackAddress,
    StackUnavailable,
    clear,
    new_names,
    private_stack,
    session_stack,
)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def pytest_configure() -> None:
    # `timeout` and CI end a run with SIGTERM, which would otherwise leave Kafka running.
    signal.signal(signal.SIGTERM, _interrupt)


@pytest.fixture(scope="session", autouse=True)
def _playbooks_covered() -> Iterator[None]:
    with watching():
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much of every playbook these tests reached, and what not, of a run that is to reach all of it."""
    ran = (r.nodeid for key in ("passed", "failed") for r in terminalreporter.stats.get(key, ()))
    whole = any("test_playbook_coverage" in nodeid for nodeid in ran)
    if lines := table(SESSION) if whole else []:
        terminalreporter.section("playbooks reached")
        terminalreporter.write("\n".join(lines) + "\n")


@pytest.fixture(scope="session")
def stack() -> Iterator[StackAddress]:
    """`bootstrap` and `mongo_uri`, started once a run; without them the run fails, it does not skip."""
    try:
        with session_stack() as address:
            yield address
    except StackUnavailable as reason:
        pytest.exit(f"tests need Kafka and MongoDB: {reason}", returncode=3)


@pytest.fixture
def names(request: pytest.FixtureRequest) -> Iterator[Names]:
    """A `database` and a `topic_prefix` of this test alone; they are dropped after it."""
    mine = new_names()
    shared = "stack" in request.fixturenames
    # Asked for first, so that the stack is still there when this ends.
    address: StackAddress | None = request.getfixturevalue("stack") if shared else None
    yield mine
    if address is not None:
        clear(address, mine)


@pytest.fixture
def own_stack() -> Iterator[LocalStack]:
    """A stack to kill, pause and restart: `.kafka`, `.mongo`, `.bootstrap`, `.mongo_uri`."""
    try:
        with private_stack() as local:
            yield local
    except StackUnavailable as reason:
        pytest.exit(f"tests need Kafka and MongoDB: {reason}", returncode=3)
