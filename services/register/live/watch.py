"""Watches rows being written, by whichever copy of the register, while somebody looks: MongoDB's change stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import PyMongoError

from services.register.live.hub import Hub, Written
from services.register.live.settings import LiveSettings
from services.register.numbers import NUMBERS
from services.register.store import ROWS
from shared.domain.registering.board import FIELDS, is_shown, line_of
from shared.platform.clock import Clock
from shared.platform.ending import end
from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.mongo import Database, Document, passes
from shared.platform.service import Ready

_PATIENCE_MS = 500
"""The longest that the database keeps an answer back; each answer shows that it lives."""
_SILENT_S = 2.5
_PULSE_S = 1.0
_LOOK_S = 2.0
_PAUSE_S = 0.5
_AT_ONCE = 2000
_OPENED_S = 3.0
_PIPELINE: list[Document] = [
    {"$match": {"operationType": {"$in": ["insert", "replace", "update"]}}},
    {"$project": {"documentKey": True, **{f"fullDocument.{name}": True for name in ("_id", *FIELDS)}}},
]


class Watch:
    """One a process. While it has no sign of life from the database it sends no pulse, so that pages say so."""

    def __init__(self, database: Database, hub: Hub, clock: Clock, settings: LiveSettings, ready: Ready) -> None:
        self.database = database
        self._rows, self._numbers = database.get_collection(ROWS), database.get_collection(NUMBERS)
        self._hub, self._clock, self._ready = hub, clock, ready
        self._idle_s = settings.register_stream_idle_s
        self._token: Any = None
        self._wanted, self._open = asyncio.Event(), asyncio.Event()
        self._wanted_at = self._heard_at = -1e9
        self._read: list[Document] = []
        self._some, self._unnumbered = asyncio.Event(), dict[str, Document]()
        self._given: dict[str, Document] = {}
        self._reading = True
        self._tasks: list[asyncio.Task[None]] = []

    async def wanted(self) -> None:
        """Somebody looks; returns when changes are watched. Raises `Unavailable` while the database is away."""
        self._wanted_at = asyncio.get_running_loop().time()
        self._wanted.set()
        try:
            async with asyncio.timeout(_OPENED_S):
                await self._open.wait()
        except TimeoutError as error:
            raise Unavailable("changes cannot be watched now") from error

    @property
    def failing(self) -> bool:
        """A part has ended by a fault of ours: pulses that go on without it would be a lie."""
        return any(task.done() for task in self._tasks)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """At its end every stream ends, so that none holds up the end of the process."""
        parts = [self._watch(), self._hand_on(), self._pulse(), self._look()]
        self._tasks = [asyncio.create_task(part) for part in parts]
        try:
            yield
        finally:
            tasks, self._tasks = self._tasks, []
            self._hub.end()
            for failure in await end(tasks):
                if failure is not None:
                    log.error("streams ended by a failure", error=repr(failure))

    async def _watch(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                await self._follow()
            except PyMongoError as error:
                log.warning("changes not watched", error=type(error).__name__)
                self._open.clear()
                if not passes(error):
                    self._token = None
                await asyncio.sleep(_PAUSE_S)

    async def _follow(self) -> None:
        """From the last token; without one, or when it reaches too far back, everybody loads anew."""
        fresh = self._token is None
        options: dict[str, Any] = {"resume_after": self._token, "full_document": "updateLookup"}
        async with await self._rows.watch(_PIPELINE, max_await_time_ms=_PATIENCE_MS, **options) as changed:
            if fresh:
                self._given.clear()
                self._hub.begin_anew()
            self._open.set()
            while changed.alive and self._is_looked_at():
                await self._next(changed)
        self._token = None
        self._open.clear()

    async def _next(self, changed: AsyncChangeStream[Document]) -> None:
        change = await changed.try_next()
        self._heard_at = asyncio.get_running_loop().time()
        self._token = changed.resume_token
        if change is not None and (row := change.get("fullDocument")) is not None:
            self._read.append(row)
            self._some.set()
            while len(self._read) >= _AT_ONCE:
                await asyncio.sleep(0.01)

    def _is_looked_at(self) -> bool:
        """Nobody pays for a stream that nobody sees."""
        now = asyncio.get_running_loop().time()
        if self._hub.watched:
            self._wanted_at = now
        if now - self._wanted_at > self._idle_s:
            self._wanted.clear()
        return self._wanted.is_set()

    async def _hand_on(self) -> None:
        """Rows get their numbers, which stand apart and may come a moment after them."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_S if self._unnumbered else None):
                    await self._some.wait()
            self._some.clear()
            new, self._read = self._read, []
            await self._tell(new)

    async def _tell(self, new: list[Document]) -> None:
        """Of each report its last row; again, without a new one, when it has got its number."""
        rows = self._unnumbered | {row["_id"]: row for row in new}
        numbers = await self._numbers_of(rows)
        fresh = {row["_id"] for row in new}
        told = [row for report_id, row in rows.items() if report_id in fresh or report_id in numbers]
        self._hub.take([_written(row, numbers.get(row["_id"])) for row in told])
        self._unnumbered = {i: r for i, r in rows.items() if is_shown(r) and i not in numbers}

    async def _numbers_of(self, rows: dict[str, Document]) -> dict[str, Document]:
        """A number that was given stays: each is read once while its report stands on the board."""
        shown = {report_id for report_id, row in rows.items() if is_shown(row)}
        for report_id in rows.keys() - shown:
            self._given.pop(report_id, None)
        asked = list(shown - self._given.keys())
        try:
            if asked:
                self._given |= {n["_id"]: n async for n in self._numbers.find({"_id": {"$in": asked}})}
        except PyMongoError as error:
            log.warning("numbers not read", error=type(error).__name__)
        return {report_id: self._given[report_id] for report_id in shown & self._given.keys()}

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(_PULSE_S)
            lives = asyncio.get_running_loop().time() - self._heard_at < _SILENT_S
            if self._open.is_set() and lives:
                now, speed = self._clock.now().isoformat(), self._clock.speed
                self._hub.pulse({"now": now, "speed": speed, "reading": self._reading})

    async def _look(self) -> None:
        """A register that reads nothing more from Kafka shows what was, and has to say so."""
        while True:
            if self._wanted.is_set():
                try:
                    self._reading = all((await self._ready()).values())
                except Exception as error:
                    log.warning("readiness not known", error=type(error).__name__)
                    self._reading = False
            await asyncio.sleep(_LOOK_S)


def _written(row: Document, number: Document | None) -> Written:
    return Written(row["_id"], row["estate"], row["events"], line_of(row, number) if is_shown(row) else None)
