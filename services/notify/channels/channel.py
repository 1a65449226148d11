"""The one interface of all channels: what goes out, what comes of it, and what is heard back.

A channel knows a protocol and nothing of tasks, rungs or the words of the procedure. What it is given to say is
already in the right language and length for what it says it can carry; what it hears it passes on as it was said.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import ClassVar, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict
from starlette.routing import Route

from shared.contracts.vocabulary import Lane
from shared.domain.estates.devices import DeviceChannel
from shared.domain.notifying.can import Can


class Options(BaseModel):
    """What an estate's file may say of a channel of a kind; an unknown option is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(NamedTuple):
    """One message to one device. `ref` is its attempt's id in hex: the same when it is sent again after a crash.

    `text` fits what the channel can carry, `code` included. `seconds_left`: real time until it says nothing any
    more. Everything from `report_id` on is for terminals that can show more than a line.
    """

    ref: str
    estate: str
    address: str
    text: str
    lane: Lane
    code: str | None
    drill: bool
    seconds_left: float
    report_id: str = ""
    task_id: str | None = None
    step: str | None = None
    clause: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    guard: tuple[str, ...] = ()
    sent_at: datetime | None = None


class Sent(NamedTuple):
    """It went out. `receipt`: the best that is known of it now; a later one is heard.

    `token`: what `watch` needs to ask for the answer, also after a crash.
    """

    receipt: str = "accepted"
    token: str | None = None


class Retry(NamedTuple):
    """Not now; the same page again after so many real seconds."""

    after: float
    reason: str


class Refused(NamedTuple):
    """Not on this channel; the next one is tried at once. `reason` is a short word, without content or secrets."""

    reason: str


Outcome = Sent | Retry | Refused


class Receipt(NamedTuple):
    """What became of a page later: `delivered` or `refused`."""

    ref: str
    what: str
    reason: str = ""


class Answer(NamedTuple):
    """What somebody said on a device. `said_id` is the same when the channel says it again.

    `words` as they came; `ref`, `code` and `key` only where the channel has them apart from the words.
    """

    estate: str
    channel: str
    address: str
    said_id: str
    words: str
    ref: str | None = None
    code: str | None = None
    key: str | None = None
    said_at: datetime | None = None


class Sign(NamedTuple):
    """A sign of life of a device, or that it is lost."""

    estate: str
    channel: str
    address: str
    alive: bool


Heard = Receipt | Answer | Sign
Hear = Callable[[Heard], Awaitable[None]]
"""Returns when what was heard is durable; only then is it acknowledged to the device."""


class Site(NamedTuple):
    """Where a channel stands: one row of one estate's file, with its secret and the ear of the service.

    `name` tells this process's connections from those of the other lane and of other copies.
    """

    estate: str
    row: DeviceChannel
    secret: str | None
    hear: Hear
    name: str


Taken = TypeVar("Taken", bound=Options)


class Channel(ABC, Generic[Taken]):
    """One channel of one estate in one process. Raises nothing from `send` that is an answer of the other side.

    `options` is checked before a channel is made; making one connects to nothing.
    """

    takes: ClassVar[type[Options]] = Options

    def __init__(self, site: Site, options: Taken) -> None:
        self.site, self.options = site, options

    @staticmethod
    @abstractmethod
    def can(options: Taken) -> Can:
        """What it can carry and the best receipt it gives; pure."""

    @abstractmethod
    async def send(self, page: Page) -> Outcome:
        """Bounded in time by the channel's own options; an outage is `Retry` or `Refused`, never an exception."""

    async def watch(self, page: Page, token: str) -> None:
        """Waits for the answer to a page that was sent, where the other side has to be asked; then hears it."""

    @property
    def listens_with_the_sender(self) -> bool:
        """Whether one line carries both ways, so that the emergency lane's process listens, not the line's."""
        return False

    async def listen(self) -> None:
        """Hears what comes by itself, without end; one process of an installation does so."""
        await asyncio.Event().wait()

    def routes(self) -> Sequence[Route]:
        """HTTP by which the other side calls us, below `/v1/channels/<estate>/<channel>/`."""
        return ()

    async def close(self) -> None:
        """Ends what `send` and `listen` left open."""
