"""Putting an installation up: Kafka and MongoDB, topics and estates, services, and an end for all of it."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from cli.installation import MOSQUITTO, STATE, Installation, local_ports
from cli.mosquitto_files import posts_of, write_files
from shared.domain.estates.devices import DeviceChannel
from shared.domain.estates.loading import read_estates
from shared.domain.estates.roster import Estate
from shared.platform.admin_key import install_admin_key
from shared.platform.estate_store import apply_estates, stored_estates
from shared.platform.mongo import Database, connect, database
from shared.platform.topic_admin import create_topics

Say = Callable[[str], None]
Furnish = Callable[[Database], Awaitable[None]]
ESTATES = Path(__file__).resolve().parents[1] / "examples" / "estates"
ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def running(
    installation: Installation, say: Say, furnish: Furnish, before: Callable[[], None] | None = None
) -> Iterator[None]:
    """All is ready inside the block and gone after it, however it ends.

    `before` runs once the place is held; `furnish` on the empty or known database, before any service reads it.
    """
    with ends_by_signal():
        # Outside: what another run holds is not ours to stop.
        installation.claim()
        try:
            if before:
                before()
            _start(installation, furnish, say)
            yield
        finally:
            with undisturbed():
                installation.stop()


def _start(installation: Installation, furnish: Furnish, say: Say) -> None:
    began = time.monotonic()
    say("启动 Kafka 与 MongoDB · starting Kafka and MongoDB")
    with ThreadPoolExecutor(1) as aside:
        installation.stack.start()
        installation.stack.mongo.wait_ready()
        applied = aside.submit(asyncio.run, _furnish(installation, furnish))
        installation.stack.kafka.wait_ready()
        asyncio.run(_topics(installation))
        applied.result()
    say(f"启动服务 · starting services ({time.monotonic() - began:.1f} s)")
    installation.start_services()
    installation.wait_ready()
    say(f"全部就绪 · all ready ({time.monotonic() - began:.1f} s)")


async def _furnish(installation: Installation, furnish: Furnish) -> None:
    """The administrator's key is that of `.local/`, whatever the installation."""
    settings = installation.settings
    async with connect(settings) as client:
        store = database(client, settings)
        await install_admin_key(store, STATE)
        await furnish(store)
        for stored in await stored_estates(store):
            write_files(stored.estate.estate, posts_of(stored.estate), MOSQUITTO)


async def apply_examples(store: Database) -> None:
    """Only where there is no estate at all: what somebody applied is not overwritten."""
    if not await stored_estates(store):
        await apply_estates(store, example_estates())


async def _topics(installation: Installation) -> None:
    await create_topics(installation.settings)


def example_estates(folder: Path = ESTATES) -> list[Estate]:
    """The estates of `examples/`, their channels where this machine has the broker and the paging server."""
    read = read_estates({str(path): path.read_text() for path in sorted(folder.glob("*.toml"))})
    return [estate.model_copy(update={"channels": tuple(map(_here, estate.channels))}) for estate in read]


def _here(channel: DeviceChannel) -> DeviceChannel:
    port = local_ports().get(channel.kind)
    return channel.model_copy(update={"options": {**channel.options, "port": port}}) if port else channel


@contextmanager
def ends_by_signal() -> Iterator[None]:
    """SIGTERM and a closed terminal end a run as Ctrl-C does: in order."""
    before = {number: signal.signal(number, _interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not cut the stopping short."""
    numbers = (signal.SIGINT, *ENDING)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
