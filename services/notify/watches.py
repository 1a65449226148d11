"""Asking channels for the answers to pages that they took, in whichever process knows the channel's token."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from services.notify.pages import Job
from shared.domain.notifying.state import Message
from shared.platform.ending import end
from shared.platform.logs import log

_LATE_S = 60.0
_FIRST_S, _LONGEST_S = 5.0, 60.0


class Watches:
    """One an attempt; one that fails begins again, for an answer that nobody asks for is never heard."""

    def __init__(self, watch: Callable[[Job, str], Awaitable[None]]) -> None:
        self._watch = watch
        self._running: dict[UUID, asyncio.Task[None]] = {}

    def begin(self, job: Job, token: str) -> None:
        """Nothing where it runs already."""
        if job.id not in self._running:
            self._running[job.id] = task = asyncio.create_task(self._until_it_ends(job, token))
            task.add_done_callback(lambda _: self._running.pop(job.id, None))

    def end_soon(self, message: Message) -> None:
        """They go on for a while after the task's end: a late answer is the desk's to see."""
        for running in filter(None, (self._running.get(found["id"]) for found in message["tries"])):
            asyncio.get_running_loop().call_later(_LATE_S, running.cancel)

    async def stop(self) -> None:
        """What is answered now is asked for again at the next start."""
        await end(self._running.values())

    async def _until_it_ends(self, job: Job, token: str) -> None:
        wait = _FIRST_S
        while True:
            try:
                await self._watch(job, token)
                return
            except Exception as error:
                log.error("watching a page failed", error=type(error).__name__, seconds=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_S)
