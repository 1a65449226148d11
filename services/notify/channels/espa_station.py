"""ESPA 4.4.4 as a polled station: pages wait for the poll, a poll without a page is answered with EOT.

The line is held as long as this lives, because a poll may come at any moment; such a line serves one process only.
"""

import asyncio

from services.notify.channels.espa_frames import EOT, Turns
from services.notify.channels.espa_line import Line, LineFailed, LineOptions, opened
from shared.contracts.vocabulary import Lane


class _Waiting:
    def __init__(self, lane: Lane, station: str, block: bytes) -> None:
        self.lane, self.station, self.block = lane, station, block
        self.result: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def tell(self, result: str) -> None:
        if not self.result.done():
            self.result.set_result(result)


class Station:
    """Emergencies first, then in the order of their coming; one page a poll."""

    def __init__(self, options: LineOptions, here: str, reopen_s: float) -> None:
        self._options, self._here, self._reopen_s = options, here, reopen_s
        self._waiting: list[_Waiting] = []
        self._serving: asyncio.Task[None] | None = None

    async def deliver(self, lane: Lane, station: str, block: bytes, seconds: float) -> str:
        """`accepted`, or why not; a page that nobody polled for in time is withdrawn."""
        waiting = _Waiting(lane, station, block)
        self._waiting.append(waiting)
        self.serving()
        try:
            async with asyncio.timeout(seconds):
                return await waiting.result
        except TimeoutError:
            return "not_polled"
        finally:
            self._waiting.remove(waiting)

    def serving(self) -> asyncio.Task[None]:
        """Answers polls from now on."""
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return self._serving

    async def close(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])

    async def _serve(self) -> None:
        while True:
            try:
                async with opened(self._options) as line:
                    await self._answer_polls(line)
            except LineFailed as failure:
                # A lost line is opened again within what a page waits; one that cannot be opened is told at once.
                for waiting in self._waiting if failure.reason != "connection_lost" else ():
                    waiting.tell(failure.reason)
            await asyncio.sleep(self._reopen_s)

    async def _answer_polls(self, line: Line) -> None:
        turns = Turns()
        while True:
            polled, selected = turns.hears(await line.token(self._options.reply_s))
            if polled == self._here:
                await self._speak(line)
                turns = Turns()
            elif selected == self._here:
                await line.take()
                turns = Turns()

    async def _speak(self, line: Line) -> None:
        waiting = sorted((w for w in self._waiting if not w.result.done()), key=lambda w: w.lane != "emergency")
        if not waiting:
            line.write(bytes([EOT]))
            return
        first = waiting[0]
        try:
            first.tell(await line.offer(first.station, first.block))
        finally:
            first.tell("connection_lost")
