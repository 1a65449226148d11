"""Paging systems in buildings: ESPA 4.4.4 (ESPA, November 1984) as control station or as a polled station.

As `control` the line is held for one dialogue at a time, so that the processes of both lanes share it. As `station`
it serves one process only.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Literal

from pydantic import Field, model_validator

from services.notify.channels.channel import Channel, Outcome, Page, Refused, Retry, Sent, Site
from services.notify.channels.espa_frames import (
    ALARM,
    CALL_TO_PAGER,
    EOT,
    NORMAL,
    STANDARD,
    Asked,
    Control,
    asked,
    block,
)
from services.notify.channels.espa_line import Line, LineFailed, LineOptions, opened
from services.notify.channels.espa_station import Station
from shared.contracts.vocabulary import Lane
from shared.domain.notifying.can import Air, Can
from shared.platform.logs import log

_DIGITS = frozenset("0123456789")
_GIVE_WAY_S = 0.05
"""Routine leaves the line free for so long before it takes it, so that an emergency in another process gets it."""


class Options(LineOptions):
    """The line's own are in `LineOptions`."""

    role: Literal["control", "station"] = Field("control", description="whether we poll or are polled")
    own: str | None = Field(None, pattern=r"^[0-9]$", description="our address; 1 as control, 2 as station")
    station: str | None = Field(
        None, pattern=r"^[0-9]$", description="whom pages go to; 2 as control, 1 as station. `3/4567` goes to 3"
    )
    polls: list[str] = Field([], max_length=9, description="as control: addresses of stations that are polled")
    poll_every_s: float = Field(5.0, gt=0, le=3600, description="seconds between two rounds of polls")
    polled_within_s: float = Field(8.0, gt=0, le=60, description="as station: seconds a page waits for our poll")
    reopen_s: float = Field(2.0, gt=0, le=60, description="as station: seconds until a lost line is opened again")
    retry_s: float = Field(1.0, gt=0, le=60, description="seconds after which a busy or silent line is tried again")
    length: int = Field(80, ge=16, le=240, description="characters that the pagers show")
    beep_emergency: str = Field("3", pattern=r"^[1-9]$", description="beep coding of emergencies")
    beep_routine: str = Field("1", pattern=r"^[1-9]$", description="beep coding of everything else")
    transmissions: int = Field(1, ge=1, le=9, description="how often the paging system sends a page")
    air_bits_per_s: float = Field(0.0, ge=0, description="speed on the air; 0 where air time is not accounted")
    air_bits_each: float = Field(12.0, ge=0, description="bits of a character on the air; POCSAG needs 12")
    air_bits_more: float = Field(0.0, ge=0, description="bits of a page besides its characters")

    @model_validator(mode="after")
    def _knows_whom_it_polls(self) -> "Options":
        if not _DIGITS.issuperset(self.polls):
            raise ValueError("`polls` holds addresses of one digit")
        if self.polls and self.role != "control":
            raise ValueError("only a control station polls")
        return self

    @property
    def here(self) -> str:
        return self.own or ("1" if self.role == "control" else "2")

    @property
    def there(self) -> str:
        return self.station or ("2" if self.role == "control" else "1")


class Espa(Channel[Options]):
    """Best receipt `accepted`: the paging system has the page, which says nothing of the pager."""

    takes = Options

    def __init__(self, site: Site, options: Options) -> None:
        super().__init__(site, options)
        self._turn = asyncio.Lock()
        self._polled = Station(options, options.here, options.reopen_s)
        self._silent: set[str] = set()

    @staticmethod
    def can(options: Options) -> Can:
        bits = (options.air_bits_per_s, options.air_bits_each, options.air_bits_more)
        air = Air(*bits) if options.air_bits_per_s else None
        return Can("accepted", options.length, "ascii", two_way=False, open=True, air=air)

    async def send(self, page: Page) -> Outcome:
        named, _, number = page.address.rpartition("/")
        station = named or self.options.there
        if station not in _DIGITS or not number:
            return Refused("bad_address")
        call = block(CALL_TO_PAGER, self._records(page, number))
        try:
            if self.options.role == "station":
                result = await self._polled.deliver(page.lane, station, call, self.options.polled_within_s)
            else:
                result = await self._call(page.lane, station, call)
        except LineFailed as failure:
            result = failure.reason
        if result == "accepted":
            return Sent()
        return Refused(result) if result.startswith("nak") else Retry(self.options.retry_s, result)

    @property
    def listens_with_the_sender(self) -> bool:
        """A polled line is held for good, so who sends on it answers the polls too."""
        return self.options.role == "station"

    async def listen(self) -> None:
        """As station answers polls from the start; as control polls the stations of `polls`."""
        if self.options.role == "station":
            await asyncio.wait([serving := self._polled.serving()])
            serving.result()
        while self.options.polls:
            for station in self.options.polls:
                await self._look_after(station)
            await asyncio.sleep(self.options.poll_every_s)
        await super().listen()

    async def close(self) -> None:
        await self._polled.close()

    def _records(self, page: Page, number: str) -> Sequence[tuple[str, str]]:
        urgent = page.lane == "emergency"
        beep = self.options.beep_emergency if urgent else self.options.beep_routine
        times, priority = str(self.options.transmissions), ALARM if urgent else NORMAL
        return [("1", number), ("2", page.text), ("3", beep), ("4", STANDARD), ("5", times), ("6", priority)]

    async def _call(self, lane: Lane, station: str, call: bytes) -> str:
        try:
            async with asyncio.timeout(self.options.dialogue_s), self._line(lane) as line:
                return await line.offer(station, call, self.options.here)
        except TimeoutError:
            return "too_slow"

    @contextlib.asynccontextmanager
    async def _line(self, lane: Lane) -> AsyncIterator[Line]:
        async with self._turn:
            if lane == "routine":
                await asyncio.sleep(_GIVE_WAY_S)
            async with opened(self.options) as line:
                yield line

    async def _look_after(self, station: str) -> None:
        try:
            async with asyncio.timeout(self.options.dialogue_s), self._line("routine") as line:
                answers = await _poll(line, station, self.options)
        except (LineFailed, TimeoutError) as failure:
            if isinstance(failure, LineFailed) and failure.reason == "line_taken":
                return
            answers = False
        if answers == (station in self._silent):
            self._silent ^= {station}
            state = "answers" if answers else "silent"
            log.warning(
                "espa station", estate=self.site.estate, name=self.site.row.id, address=station, state=state
            )


async def _poll(line: Line, station: str, options: Options) -> bool:
    """Whether it answers; what it has to say is taken, so that it does not say it for ever."""
    line.write(asked(station))
    token = await line.token(options.reply_s)
    if isinstance(token, Asked) and token.address == options.here:
        await line.take()
    elif not isinstance(token, Control):
        line.write(bytes([EOT]))
    return isinstance(token, Control | Asked)
