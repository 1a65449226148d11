"""What is not urgent, in order of coming: a line a channel, paced by its air time, notices to one device joined."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from services.notify.air import Air
from services.notify.pages import Job, words_of
from services.notify.posting import Posting, Station
from services.notify.settings import NotifySettings
from shared.contracts.vocabulary import Lane
from shared.domain.notifying.state import SERVICE, wants_answer
from shared.domain.notifying.wording import fits_joined, joined
from shared.platform.logs import log
from shared.platform.metrics import PAGES_WAITING
from shared.platform.retrying import until_it_works


class RoutineLines:
    """All lines of one process. Where air time is shared one page is under way, so that it can be overtaken."""

    def __init__(self, settings: NotifySettings, posting: Posting, air: Air, lane: Lane) -> None:
        self._settings, self._posting, self._air = settings, posting, air
        self._waiting: dict[str, deque[Job]] = {}
        self._workers: dict[str, set[asyncio.Task[None]]] = {}
        self._turn: dict[str, asyncio.Lock] = {}
        self._gauge = PAGES_WAITING.labels(lane, "routine")
        self.is_ours: Callable[[Job], bool] = lambda _: True
        self.lost: Callable[[Job], None] = lambda _: None
        """Called with what this process failed to send by a fault of its own."""

    def put(self, job: Job, *, first: bool = False) -> None:
        """Behind all others of its channel, or before all that is routine."""
        self._gauge.inc()
        waiting = self._waiting.setdefault(job.line, deque())
        waiting.insert(_before_routine(waiting), job) if first else waiting.append(job)
        workers = self._workers.setdefault(job.line, set())
        if len(workers) < self._settings.notify_routine_at_once:
            task = asyncio.create_task(self._work(job.line))
            workers.add(task)
            task.add_done_callback(lambda done: self._left(job.line, done))

    def drop(self, messages: Collection[UUID]) -> list[Job]:
        """Takes out what is not wanted any more."""
        gone: list[Job] = []
        for line, waiting in self._waiting.items():
            stale = [j for j in waiting if j.attempt.message in messages]
            if stale:
                gone += stale
                self._gauge.dec(len(stale))
                self._waiting[line] = deque(j for j in waiting if j not in stale)
        return gone

    def stop(self) -> None:
        """What stands in the lines is in the cases, and is found again at the next start."""
        for workers in self._workers.values():
            for task in tuple(workers):
                task.cancel()

    def _left(self, line: str, done: asyncio.Task[None]) -> None:
        self._workers[line].discard(done)
        if not done.cancelled() and (error := done.exception()):
            log.error("a line's worker failed", error=type(error).__name__)

    async def _work(self, line: str) -> None:
        while self._waiting[line]:
            job = self._next(line)
            if not self.is_ours(job):
                continue
            jobs = [job]
            try:
                await self._bring(line, jobs)
            except Exception as error:
                # Whatever it is, the rest of the line goes on.
                log.error("a line's page failed", error=type(error).__name__)
                for lost in jobs:
                    self.lost(lost)

    async def _bring(self, line: str, jobs: list[Job]) -> None:
        """`jobs` gains what is joined to the first."""
        station = await self._posting.station(jobs[0])
        if station is None or station.can.air is None:
            self._join(jobs, station)
            await self._posting.post(jobs)
            return
        async with self._turn.setdefault(line, asyncio.Lock()):
            await self._on_air(line, jobs, station)

    def _next(self, line: str) -> Job:
        self._gauge.dec()
        return self._waiting[line].popleft()

    async def _on_air(self, line: str, jobs: list[Job], station: Station) -> None:
        assert station.can.air is not None
        self._join(jobs, station)
        text = joined([words_of(j) for j in jobs], station.device, station.can)
        seconds = station.can.air.seconds(text)
        await until_it_works(SERVICE, "air", lambda: self._air.wait(line, seconds))
        await self._posting.post(jobs)

    def _join(self, jobs: list[Job], station: Station | None) -> None:
        """Further notices to the same device, as many as fit; nothing that asks for an answer."""
        first = jobs[0]
        if station is None or wants_answer(first.message):
            return
        for job in tuple(self._waiting[first.line]):
            if len(jobs) == self._settings.notify_joined:
                return
            words = [words_of(j) for j in (*jobs, job)]
            if self._goes_with(first, job) and fits_joined(words, station.device, station.can, station.estate):
                jobs.append(job)
                self._waiting[first.line].remove(job)
                self._gauge.dec()

    def _goes_with(self, first: Job, job: Job) -> bool:
        alike = job.attempt.device == first.attempt.device and job.message["drill"] == first.message["drill"]
        return alike and not wants_answer(job.message) and not self._posting.is_late(job) and self.is_ours(job)


def _before_routine(waiting: Sequence[Job]) -> int:
    """Behind those that came first too, in their order."""
    return next((n for n, job in enumerate(waiting) if not job.urgent), len(waiting))
