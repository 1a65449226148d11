"""The evening as it runs: requests at their time, answers to what was sent out, and the end when it is over."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cli.demoing.devices import Devices
from cli.demoing.door import Answered, Door, unusable_key
from cli.demoing.evening import ACCEPTED, Evening, Unusable
from cli.demoing.people import Answer, People, Request
from cli.demoing.screen import Screen
from cli.demoing.speaking import is_filing
from cli.demoing.watching import Seen
from shared.platform.clock import Clock


class Sent(NamedTuple):
    """A request and the door's answer."""

    request: Request
    answered: Answered

    @property
    def wrong(self) -> bool:
        """Not what the evening's file expects; a repeated report must be the very same report."""
        status, body = self.answered.status, self.answered.body
        if status != self.request.expect:
            return True
        return status == ACCEPTED and body.get("report_id") != self.request.report_id

    @property
    def late(self) -> timedelta:
        """In the evening's time, from what the file says to when intake took it."""
        if self.answered.status != ACCEPTED:
            return timedelta()
        return datetime.fromisoformat(self.answered.body["accepted_at"]) - self.request.at


class Tried(NamedTuple):
    """A request that the door must refuse, and its answer."""

    unusable: Unusable
    answered: Answered

    @property
    def wrong(self) -> bool:
        return self.answered.status != self.unusable.expect


class Run:
    """`hear` is told everything that comes on Kafka; whoever is asked answers at the time the file says."""

    def __init__(
        self, evening: Evening, people: People, door: Door, clock: Clock, screen: Screen, devices: Devices
    ) -> None:
        self._evening, self._people, self._door, self._devices = evening, people, door, devices
        self._clock, self._screen = clock, screen
        self._doing: set[asyncio.Task[Any]] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.sent: list[Sent] = []
        self.tried: list[Tried] = []

    def hear(self, seen: Seen) -> None:
        """A broken line of this process must not be taken for silence: what was heard twice counts once."""
        self._screen.seen(seen)
        for answer in self._people.heard(seen.event):
            self._do(self._answer(answer))

    async def until(self, end: datetime) -> None:
        """Everything that the file has for this evening; what would be said after the end is not said."""
        for request in (*self._people.reports(), *self._people.amendments()):
            self._do(self._request(request))
        for number, (at, unusable) in enumerate(self._people.unusable()):
            self._do(self._unusable(number, at, unusable))
        await self._wait(end)
        for task in self._doing:
            task.cancel()
        results = await asyncio.gather(*self._doing, return_exceptions=True)
        for failure in results:
            if isinstance(failure, Exception):
                raise failure

    def _do(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._doing.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._doing.discard(task)

    async def _request(self, request: Request) -> None:
        await self._wait(request.at)
        await self._send(request)

    async def _answer(self, answer: Answer) -> None:
        """Answers to one task keep their order, though the door be slow."""
        await self._wait(answer.at)
        async with self._turns[answer.task_id]:
            request = self._people.request(answer)
            if request and not (request.expect == ACCEPTED and self._devices.say(answer.task_id, request.body)):
                await self._send(request)

    async def _send(self, request: Request) -> None:
        sent = Sent(request, await self._door.send(request, self._clock.now()))
        self.sent.append(sent)
        if sent.wrong or request.expect != ACCEPTED:
            what = "报事 report" if is_filing(request) else f"答复 reply {request.path.split('.', 4)[-1]}"
            self._screen.refused(request.at, what, sent.answered.status, request.expect)

    async def _unusable(self, number: int, at: datetime, unusable: Unusable) -> None:
        await self._wait(at)
        key = unusable_key(self._evening, number, unusable)
        tried = Tried(unusable, await self._door.try_unusable(unusable, key, self._clock.now()))
        self.tried.append(tried)
        self._screen.refused(at, unusable.shows, tried.answered.status, unusable.expect)

    async def _wait(self, at: datetime) -> None:
        while (left := (at - self._clock.now()).total_seconds() / self._clock.speed) > 0:
            await asyncio.sleep(left)
