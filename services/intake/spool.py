"""The spool of one lane: many callers, one write and one fsync for all that wait at the same moment."""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from services.intake.frames import Waiting, framed
from services.intake.metrics import SPOOL_RECORDS
from services.intake.segments import Position, Segments, SpoolFull
from shared.contracts.vocabulary import Lane
from shared.platform.errors import Unsafe

T = TypeVar("T")


class Watch:
    """Is told what lies in a spool, also when whoever brought it has given up. Does nothing; may not raise."""

    def came(self, waiting: Iterable[Waiting]) -> None:
        """They are on the disk: now, or since an earlier process."""

    def went(self, waiting: Iterable[Waiting]) -> None:
        """Kafka has them."""


class _Asked(NamedTuple):
    content: bytes
    waiting: Sequence[Waiting]
    durable: asyncio.Future[None]


class Spool:
    """`unsent` counts from the moment of asking, so that nothing of this lane overtakes what is being written."""

    def __init__(self, lane: Lane, segments: Segments, watch: Watch | None = None) -> None:
        self.lane, self.unsent = lane, 0
        self._watch = watch or Watch()
        self._segments, self.arrived = segments, asyncio.Event()
        self._asked: list[_Asked] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"spool-{lane}")

    async def open(self) -> int:
        """How many records an earlier process left; they are drained first."""
        loop = asyncio.get_running_loop()

        def tell(left: list[Waiting]) -> None:
            loop.call_soon_threadsafe(self._watch.came, left)

        self._count(await self._run(lambda: self._segments.open(tell)))
        if self.unsent:
            self.arrived.set()
        return self.unsent

    async def append(self, waiting: Sequence[Waiting]) -> None:
        """Returns when all of them are on the disk; `SpoolFull` means that none is promised."""
        durable = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(b"".join(map(framed, waiting)), waiting, durable))
        self._count(len(waiting))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await durable

    async def read(self, most: int) -> list[tuple[Waiting, Position]]:
        """The oldest that Kafka may not have."""
        found = await self._run(lambda: self._segments.read(most))
        if not found and (self._writing is None or self._writing.done()):
            self._count(-self.unsent)
        return found

    async def forget(self, found: Sequence[tuple[Waiting, Position]]) -> None:
        """Kafka has them."""
        self._watch.went(waiting for waiting, _ in found)
        await self._run(lambda: self._segments.forget(found[-1][1]))
        self._count(-len(found))

    @property
    def full(self) -> bool:
        return self._segments.full

    async def close(self) -> None:
        if self._writing is not None:
            await self._writing
        await self._run(self._segments.close)
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._asked:
            group, self._asked = self._asked, []
            content = b"".join(asked.content for asked in group)
            try:
                await self._run(lambda content=content: self._segments.append(content))  # type: ignore[misc]
            except Exception as failure:
                self._count(-sum(len(asked.waiting) for asked in group))
                _tell(group, failure if isinstance(failure, SpoolFull) else SpoolFull(type(failure).__name__))
            else:
                _tell(group, None)
                self._watch.came(one for asked in group for one in asked.waiting)
            # After a failure too: the other lane may have given way to what did not come.
            self.arrived.set()

    def _count(self, change: int) -> None:
        self.unsent += change
        SPOOL_RECORDS.labels(self.lane).set(self.unsent)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _tell(group: Sequence[_Asked], failure: SpoolFull | None) -> None:
    for asked in group:
        if asked.durable.done():
            continue
        if failure is None:
            asked.durable.set_result(None)
        else:
            asked.durable.set_exception(failure)


def claim(directory: Path) -> int:
    """One process a spool; the lock goes with the process, however it ends."""
    directory.mkdir(parents=True, exist_ok=True)
    file = os.open(directory / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        os.close(file)
        raise Unsafe(
            f"{directory} is another intake's spool; give this one a BAOSHI_STATE_DIR of its own"
        ) from taken
    return file
