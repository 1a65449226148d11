"""From a case that was saved to the devices: each recorded attempt is sent once, and again only after a crash.

What is in hand is known here until the case itself knows what became of it. What no process has in hand (a copy was
killed in the middle) is found in the cases and sent again under the same reference.
"""

import asyncio
import functools
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from pymongo import ASCENDING

from services.notify.pages import Job, job_of
from services.notify.posting import Posting
from services.notify.routine_lines import RoutineLines
from services.notify.settings import NotifySettings
from shared.contracts.deliveries import DeliveryAttempted, DeliveryFailed, DeliveryRefused, DeliverySkipped
from shared.contracts.event import Event
from shared.domain.notifying.state import SERVICE, Message, Try, has_ended, is_settled, wants_answer, watched
from shared.platform.cases import Case, report_of
from shared.platform.casework_service import Parts
from shared.platform.clock import Clock
from shared.platform.logs import log
from shared.platform.metrics import PAGES_WAITING
from shared.platform.mongo import Document
from shared.platform.publishing import partition_of
from shared.platform.records import Taken
from shared.platform.retrying import until_it_works

ECHO: tuple[type[Event], ...] = (DeliveryAttempted, DeliverySkipped, DeliveryFailed)
"""What notify says of itself is in its cases already."""
_MOST_SOUGHT = 500
_UNSENT, _WATCHED = "state.unsent_since", "state.watched_since"


class Outbox:
    """One a lane's process. Emergencies go at once, each by itself; the rest stands in its channel's line."""

    def __init__(self, settings: NotifySettings, parts: Parts, posting: Posting, lines: RoutineLines) -> None:
        self._settings, self._parts, self._posting, self._lines = settings, parts, posting, lines
        self._clock = Clock.of(settings)
        self._in_hand: set[UUID] = set()
        self._watched: set[UUID] = set()
        self._ended: set[str] = set()
        self._at_work: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(settings.notify_at_once)

    def hears(self, taken: Taken) -> bool:
        return not isinstance(taken.event, ECHO)

    def saved(self, cases: Iterable[Case]) -> None:
        """Called once they are durable; waits for nothing."""
        for case in cases:
            for message in case.state.get("messages", {}).values():
                for found in message["tries"]:
                    self._look(case, message, found)
            self._end_codes(case)

    def _look(self, case: Case, message: Message, found: Try) -> None:
        if found["mark"] is not None:
            self._in_hand.discard(found["id"])
            self._watch(case, message, found)
        elif found["id"] not in self._in_hand:
            self._in_hand.add(found["id"])
            self._begin(job_of(case, message, found), has_ended(case.state, message))

    def _watch(self, case: Case, message: Message, found: Try) -> None:
        """From when the case knows the channel's token, in whichever process that is."""
        if found in watched(message) and found["id"] not in self._watched and not is_settled(case.state, message):
            self._watched.add(found["id"])
            self._do(self._posting.watch(job_of(case, message, found), found["token"]))

    def _begin(self, job: Job, over: bool) -> None:
        if over:
            self._do(self._posting.receipts.say(DeliveryRefused, job.attempt, reason="no_longer_wanted"))
        elif job.urgent:
            PAGES_WAITING.labels(self._parts.lane, "emergency").inc()
            self._do(self._urgent(job))
        else:
            self._lines.put(job)

    async def _urgent(self, job: Job) -> None:
        async with self._room:
            PAGES_WAITING.labels(self._parts.lane, "emergency").dec()
            await self._posting.post([job])

    def _end_codes(self, case: Case) -> None:
        """Once for each task; what ended while nobody was here is ended at the next look."""
        tasks = case.state.get("tasks", {}).values()
        ended = {t["id"] for t in tasks if "ended" in t and t["id"] not in self._ended}
        if not ended:
            return
        for job in self._lines.drop(ended):
            self._begin(job, over=True)
        self._ended |= ended
        asked = {m["task"] for m in case.state.get("messages", {}).values() if wants_answer(m)}
        if gone := ended & asked:
            self._do(until_it_works(SERVICE, "codes", lambda: self._posting.open_tasks.end(gone)))
        if len(self._ended) > 100_000:
            self._ended = ended

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._at_work.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a page's work failed", error=type(error).__name__)

    async def run(self) -> None:
        """Without end: looks at its start, after a rebalance and from time to time for what nobody has in hand."""
        await until_it_works(SERVICE, "outbox", self.prepare)
        had: frozenset[int] = frozenset()
        while True:
            now = self._parts.partitions()
            await until_it_works(SERVICE, "sweep", functools.partial(self._sweep, now, bool(now - had)))
            had = now
            await asyncio.sleep(self._settings.notify_sweep_s)

    async def prepare(self) -> None:
        """Indexes of what the process looks for."""
        for field in (_UNSENT, _WATCHED):
            await self._parts.cases.collection.create_index(
                [("lane", ASCENDING), (field, ASCENDING)],
                name=field.removeprefix("state."),
                partialFilterExpression={field: {"$type": "date"}},
            )
        await self._posting.prepare()

    async def _sweep(self, partitions: frozenset[int], is_new: bool) -> None:
        """With partitions that are new here all of it, else only what nothing became of for a long time."""
        age = timedelta() if is_new else self._clock.real_seconds(self._settings.notify_sweep_after_s)
        await self._seek({_UNSENT: {"$lte": self._clock.now() - age}}, partitions)
        if is_new:
            await self._seek({_WATCHED: {"$type": "date"}}, partitions)

    async def _seek(self, query: Document, partitions: frozenset[int]) -> None:
        found = self._parts.cases.collection.find({"lane": self._parts.lane, **query}, {"_id": 1, "estate": 1})
        ids = [d["_id"] async for d in found if _partition(d) in partitions]
        for start in range(0, len(ids), _MOST_SOUGHT):
            cases = await self._parts.cases.load(ids[start : start + _MOST_SOUGHT])
            self.saved(cases.values())

    async def stop(self) -> None:
        """What is under way is given a while; what is cut off is sent again at the next start."""
        self._lines.stop()
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=self._settings.notify_closing_s)
        for task in tuple(self._at_work):
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        await self._posting.stop()


def _partition(case: Document) -> int:
    """Of the key under which everything of this case comes."""
    return partition_of(report_of(case["_id"]) or f"estate.{case['estate']}")
