"""From a case that was saved to the devices: each recorded attempt is sent once, and again only after a crash.

What is in hand is known here until the case itself knows what became of it. What no process has in hand (a copy was
killed in the middle) is found in the cases and sent again under the same reference.
"""

import asyncio
import functools
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from pymongo import ASCENDING

from services.notify.pages import Job, job_of
from services.notify.posting import Posting
from services.notify.routine_lines import RoutineLines
from services.notify.settings import NotifySettings
from services.notify.watches import Watches
from shared.contracts.deliveries import DeliveryAttempted, DeliveryFailed, DeliveryRefused, DeliverySkipped
from shared.contracts.event import Event, record_key
from shared.contracts.ids import parse_task_id
from shared.domain.notifying.state import (
    SERVICE,
    SUPERSEDED,
    Message,
    Try,
    has_ended,
    stands_in_line,
    task_of,
    wants_answer,
    watched,
)
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
_MOST_SOUGHT, _MOST_ENDED = 500, 100_000
_RECONCILE_S = _GONE_S = 60.0
_UNSENT, _WATCHED = "state.unsent_since", "state.watched_since"


class Outbox:
    """One a lane's process. Emergencies go at once, each by itself; the rest stands in its channel's line.

    `_in_hand`: attempts that this process sends or has sent, with their case and its partition, until the case
    knows what became of them. `_marked`: those of which a case knew while another look at it was being read.
    """

    def __init__(self, settings: NotifySettings, parts: Parts, posting: Posting, lines: RoutineLines) -> None:
        self._settings, self._parts, self._posting, self._lines = settings, parts, posting, lines
        self._clock = Clock.of(settings)
        self._in_hand: dict[UUID, tuple[str, int]] = {}
        self._marked: set[UUID] = set()
        self._gone: dict[int, float] = {}
        self._ended: set[str] = set()
        self._watches = Watches(posting.watch)
        self._at_work: set[asyncio.Task[None]] = set()
        self._rooms: defaultdict[str, asyncio.Semaphore] = defaultdict(self._room)
        lines.is_ours, lines.lost = self._is_ours, lambda job: self._forget(job.id)

    def _room(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(self._settings.notify_at_once)

    def hears(self, taken: Taken) -> bool:
        return not isinstance(taken.event, ECHO)

    def saved(self, cases: Iterable[Case]) -> None:
        """Called once they are durable; waits for nothing."""
        for case in cases:
            for message in case.state.get("messages", {}).values():
                for found in message["tries"]:
                    self._look(case, message, found)
            self._stand_down(case)

    def _look(self, case: Case, message: Message, found: Try) -> None:
        if found["mark"] is not None:
            self._in_hand.pop(found["id"], None)
            self._marked.add(found["id"])
            if found in watched(case.state, message):
                self._watches.begin(job_of(case, message, found), found["token"])
        elif found["id"] not in self._in_hand and found["id"] not in self._marked:
            self._in_hand[found["id"]] = case.id, _partition(report_of(case.id), case.estate)
            self._begin(job_of(case, message, found), has_ended(case.state, message))

    def _begin(self, job: Job, over: bool) -> None:
        if over:
            self._do(job, self._posting.receipts.say(DeliveryRefused, job.attempt, reason="no_longer_wanted"))
        elif not stands_in_line(job.message):
            PAGES_WAITING.labels(self._parts.lane, "emergency").inc()
            self._do(job, self._urgent(job))
        else:
            # A drill's pages stand before all that is routine.
            self._lines.put(job, first=job.urgent)

    async def _urgent(self, job: Job) -> None:
        """A server that hangs keeps its own channel's pages waiting, nobody else's."""
        async with self._rooms[job.line]:
            PAGES_WAITING.labels(self._parts.lane, "emergency").dec()
            if self._is_ours(job):
                await self._posting.post([job])

    def _is_ours(self, job: Job) -> bool:
        """False after a rebalance: the copy that has its partition now sends it. Within one nobody knows."""
        own = self._parts.partitions()
        ours = not own or _partition(job.attempt.report_id, job.attempt.estate) in own
        if not ours:
            self._forget(job.id)
        return ours

    def _forget(self, attempt: UUID) -> None:
        """In nobody's hand: the next look finds it."""
        self._in_hand.pop(attempt, None)

    def _stand_down(self, case: Case) -> None:
        """What is not wanted any more leaves the line, and its code is ended."""
        messages = case.state.get("messages", {}).values()
        gone = {m["id"]: m for m in messages if has_ended(case.state, m) and m["id"] not in self._posting.unwanted}
        if gone:
            _add(self._posting.unwanted, gone)
            for job in self._lines.drop(gone):
                self._begin(job, over=True)
        for message in gone.values():
            self._watches.end_soon(message)
            if message["over"] == SUPERSEDED:
                self._do(None, self._posting.end_code(message["task"], message["id"]))
        self._end_codes(case)

    def _end_codes(self, case: Case) -> None:
        """Once for each task; what ended while nobody was here is found by `_reconcile`."""
        tasks = case.state.get("tasks", {}).values()
        ended = {t["id"] for t in tasks if "ended" in t and t["id"] not in self._ended}
        if not ended:
            return
        _add(self._ended, ended)
        asked = {m["task"] for m in case.state.get("messages", {}).values() if wants_answer(m)}
        if gone := ended & asked:
            self._do(None, until_it_works(SERVICE, "codes", lambda: self._posting.open_tasks.end(gone)))

    def _do(self, job: Job | None, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(lambda done: self._done(job, done))

    def _done(self, job: Job | None, task: asyncio.Task[None]) -> None:
        """A fault of ours leaves nobody unrung: it is in nobody's hand then, and found again."""
        self._at_work.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a page's work failed", error=type(error).__name__)
            if job:
                self._forget(job.id)

    async def run(self) -> None:
        """Without end: looks at its start, after a rebalance and from time to time for what nobody has in hand."""
        await until_it_works(SERVICE, "outbox", self.prepare)
        had: frozenset[int] = frozenset()
        looked = 0.0
        while True:
            now = self._parts.partitions()
            self._part_with(had, now)
            await until_it_works(SERVICE, "sweep", functools.partial(self._sweep, now, now - had))
            had = now
            if time.monotonic() - looked > _RECONCILE_S:
                await until_it_works(SERVICE, "codes", self._reconcile)
                looked = time.monotonic()
            await asyncio.sleep(self._settings.notify_sweep_s)

    def _part_with(self, had: frozenset[int], now: frozenset[int]) -> None:
        """What is under way stays in hand for a while: a partition that comes back at once is sent nothing twice.

        After that another copy hears what becomes of it.
        """
        clock = time.monotonic()
        self._gone = {p: self._gone.get(p, clock) for p in (had | self._gone.keys()) - now}
        given_up = {p for p, since in self._gone.items() if clock - since > _GONE_S}
        for attempt in [id for id, (_, partition) in self._in_hand.items() if partition in given_up]:
            self._forget(attempt)

    async def prepare(self) -> None:
        """Indexes of what the process looks for."""
        for field in (_UNSENT, _WATCHED):
            await self._parts.cases.collection.create_index(
                [("lane", ASCENDING), (field, ASCENDING)],
                name=field.removeprefix("state."),
                partialFilterExpression={field: {"$type": "date"}},
            )
        await self._posting.prepare()

    async def _sweep(self, partitions: frozenset[int], new: frozenset[int]) -> None:
        """Of partitions that are new here all of it, else only what nothing became of for a long time."""
        if new:
            # What became of a page before this process began may stand unread: no page more for that.
            await self._parts.caught_up("deliveries", self._settings.notify_catch_up_s)
        age = timedelta() if new else self._clock.real_seconds(self._settings.notify_sweep_after_s)
        # By the type too, or MongoDB does not take the partial index.
        unsent = {_UNSENT: {"$type": "date", "$lte": self._clock.now() - age}}
        known = set() if new else {case for case, _ in self._in_hand.values()}
        await self._seek(unsent, partitions, known)
        if new:
            await self._seek({_WATCHED: {"$type": "date"}}, partitions, set())

    async def _seek(self, query: Document, partitions: frozenset[int], known: set[str]) -> None:
        self._marked.clear()
        found = self._parts.cases.collection.find({"lane": self._parts.lane, **query}, {"_id": 1, "estate": 1})
        rows = [d async for d in found if d["_id"] not in known]
        ids = [d["_id"] for d in rows if _partition(report_of(d["_id"]), d["estate"]) in partitions]
        for start in range(0, len(ids), _MOST_SOUGHT):
            # A case read here may be older, once it is here, than what was saved of it meanwhile.
            self._marked.clear()
            cases = await self._parts.cases.load(ids[start : start + _MOST_SOUGHT])
            self.saved(cases.values())

    async def _reconcile(self) -> None:
        """Codes of tasks that ended while nobody was here to free them."""
        mine = [t for t in await self._posting.open_tasks.all_open() if t.startswith(f"{self._parts.lane}.")]
        for start in range(0, len(mine), _MOST_SOUGHT):
            some = mine[start : start + _MOST_SOUGHT]
            reports = {parse_task_id(task).report_id for task in some}
            query = {"_id": {"$in": list(reports)}}
            cases = {c["_id"]: c async for c in self._parts.cases.collection.find(query, {"state.tasks": 1})}
            await self._posting.open_tasks.end(task for task in some if _is_over(cases, task))

    async def stop(self) -> None:
        """What is under way is given a while; what is cut off is sent again at the next start."""
        self._lines.stop()
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=self._settings.notify_closing_s)
        for task in tuple(self._at_work):
            task.cancel()
        await asyncio.gather(*self._at_work, self._watches.stop(), return_exceptions=True)
        await self._posting.stop()


def _add(known: set[Any], new: Iterable[Any]) -> None:
    if len(known) > _MOST_ENDED:
        known.clear()
    known.update(new)


def _is_over(cases: dict[str, Document], task_id: str) -> bool:
    """Of a case that is not there any more everything is over."""
    case = cases.get(parse_task_id(task_id).report_id)
    return case is None or "ended" in task_of(case["state"], task_id)


def _partition(report_id: str, estate: str) -> int:
    """Of the key under which everything of this case comes."""
    return partition_of(record_key(report_id, estate))
