"""One message to one device: its page is made, sent, tried again while the channel says so, and its end is said.

Whatever a channel does, the attempt is marked: it went out, or the next device is tried.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.notify.air import Air
from services.notify.channels.channel import Channel, Outcome, Page, Refused, Sent
from services.notify.channels.table import can_of
from services.notify.open_tasks import OpenTasks, owner_of
from services.notify.pages import Job, page_of, task_of, words_of
from services.notify.receipts import Receipts, References, as_document
from services.notify.sending import send
from services.notify.settings import NotifySettings
from services.notify.stations import Stations
from shared.contracts.deliveries import DeliveryAccepted, DeliveryDelivered, DeliveryRefused
from shared.domain.estates.devices import Device
from shared.domain.estates.roster import Estate
from shared.domain.notifying.can import Can
from shared.domain.notifying.state import SERVICE, wants_answer
from shared.domain.notifying.wording import joined
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.logs import log
from shared.platform.metrics import PAGES
from shared.platform.retrying import until_it_works

_CODE_S = 1.5
_LONGEST_TOKEN = 80


class Station(NamedTuple):
    """Where a job goes: the estate and device as they are now, and the channel that is to bring it."""

    estate: Estate
    device: Device
    can: Can
    channel: Channel[Any]


class Posting:
    """The same for both lanes; what it writes of open tasks and references is read by whoever hears the answers."""

    def __init__(
        self,
        settings: NotifySettings,
        directory: Directory,
        stations: Stations,
        receipts: Receipts,
        open_tasks: OpenTasks,
        references: References,
        air: Air,
    ) -> None:
        self._settings, self._directory, self._stations = settings, directory, stations
        self.receipts, self.open_tasks, self._references, self._air = receipts, open_tasks, references, air
        self._clock = Clock.of(settings)
        self._watching: set[asyncio.Future[None]] = set()
        self.unwanted: set[UUID] = set()
        """Messages of tasks that this process saw ending or going to somebody else."""

    async def prepare(self) -> None:
        await self.open_tasks.prepare()
        await self._references.prepare()

    async def post(self, jobs: Sequence[Job]) -> None:
        """All of `jobs` in one message, where there are several; each gets its own receipt."""
        station = await self.station(jobs[0])
        if station is None or self.is_late(jobs[0]):
            await self._say(jobs, Refused("expired" if station else "no_such_device"))
            return
        page = await self._page(jobs, station)
        outcome = await self._send(page, station, jobs[0])
        if page.code and jobs[0].attempt.message in self.unwanted:
            # It ended, or went to somebody else, while its code was given: nobody else would take that back.
            await self.end_code(str(jobs[0].attempt.task_id), jobs[0].attempt.message)
        await self._say(jobs, outcome)
        PAGES.labels(jobs[0].attempt.lane, station.channel.site.row.kind, type(outcome).__name__.lower()).inc()

    async def end_code(self, task_id: str, message: UUID) -> None:
        """Of a message that nobody wants an answer to."""
        await until_it_works(SERVICE, "codes", partial(self.open_tasks.end_asked, task_id, message))

    async def station(self, job: Job) -> Station | None:
        """None where the estate's file has meanwhile lost the device or its channel."""
        estate = await until_it_works(SERVICE, "directory", lambda: self._directory.estate(job.attempt.estate))
        device = next((d for d in estate.devices if d.id == job.attempt.device), None) if estate else None
        if estate is None or device is None:
            return None
        channel = self._stations.channel(estate, job.attempt.channel)
        can = can_of(channel.site.row) if channel else None
        return Station(estate, device, can, channel) if channel and can else None

    async def _page(self, jobs: Sequence[Job], at: Station) -> Page:
        """With its code, unless MongoDB is away: an emergency without a code is better than none."""
        kept = asyncio.ensure_future(self._keep(jobs, at.can))
        code = asyncio.ensure_future(until_it_works(SERVICE, "codes", partial(self._code, jobs[0], at)))
        patience = _CODE_S if jobs[0].urgent else None
        await asyncio.wait([kept, code], timeout=patience)
        if not kept.done():
            self._aside(kept)
        if not code.done():
            code.cancel()
        found = code.result() if code.done() and not code.cancelled() else None
        made = page_of(jobs[0], at.device, at.can, at.estate, found, self._clock)
        if len(jobs) == 1:
            return made
        return made._replace(text=joined([words_of(job) for job in jobs], at.device, at.can))

    async def _code(self, job: Job, at: Station) -> str | None:
        """Only where somebody can answer it."""
        if not (at.can.two_way and wants_answer(job.message)):
            return None
        task, last = task_of(job, at.device), {**as_document(job.attempt), "drill": job.message["drill"]}
        return await self.open_tasks.code(job.attempt.estate, owner_of(at.device), task, last)

    async def _keep(self, jobs: Sequence[Job], can: Can) -> None:
        """A receipt that comes later finds its attempts by this; who gives none needs none."""
        if can.receipt == "delivered" or can.two_way:
            attempts = [job.attempt for job in jobs]
            await until_it_works(SERVICE, "references", partial(self._references.keep, attempts))

    async def _send(self, page: Page, at: Station, job: Job) -> Outcome:
        if job.urgent and not page.drill and at.can.air:
            line, seconds = f"{at.estate.estate}/{at.channel.site.row.id}", at.can.air.seconds(page.text)
            self._aside(until_it_works(SERVICE, "air", lambda: self._air.count(line, seconds)))
        patience = min(self._settings.notify_send_s, page.seconds_left)
        return await send(at.channel, page, patience, lambda: job.attempt.message not in self.unwanted)

    async def _say(self, jobs: Sequence[Job], outcome: Outcome) -> None:
        for job in jobs:
            if isinstance(outcome, Sent):
                token = outcome.token if len(outcome.token or "") <= _LONGEST_TOKEN else None
                await self.receipts.say(DeliveryAccepted, job.attempt, token=token)
                if outcome.receipt == "delivered":
                    await self.receipts.say(DeliveryDelivered, job.attempt)
            else:
                await self.receipts.say(DeliveryRefused, job.attempt, reason=outcome.reason[:_LONGEST_TOKEN])

    def is_late(self, job: Job) -> bool:
        """After `valid_until` it is recorded, not sent."""
        until: datetime | None = job.message["until"]
        return until is not None and until <= self._clock.now()

    async def watch(self, job: Job, token: str) -> None:
        """Asks the channel for the answer to a page that it took, until there is one or the page has expired."""
        station = await self.station(job)
        if station is None or self.is_late(job):
            return
        asked = job.attempt.estate, owner_of(station.device), str(job.attempt.task_id)
        code = await until_it_works(SERVICE, "codes", partial(self.open_tasks.known_code, *asked))
        page = page_of(job, station.device, station.can, station.estate, code, self._clock)
        await station.channel.watch(page, token)

    def _aside(self, work: Coroutine[Any, Any, None] | asyncio.Future[None]) -> None:
        task = asyncio.ensure_future(work)
        self._watching.add(task)
        task.add_done_callback(self._seen)

    def _seen(self, task: asyncio.Future[None]) -> None:
        self._watching.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("watching a page failed", error=type(error).__name__)

    async def stop(self) -> None:
        """Nobody is waited for: answers that come now are asked for again at the next start."""
        for task in tuple(self._watching):
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self._stations.close()
