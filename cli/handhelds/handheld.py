"""A handheld radio as a program: what the demo and the tests carry, and what `baoshi handheld` shows on a terminal.

It does what docs/handhelds.md asks of a device or a gateway, and nothing of the estate's procedure.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from services.notify.channels.mqtt_link import Broker, Link, Stay
from services.notify.channels.mqtt_staying import stay_connected
from services.notify.channels.mqtt_topics import (
    FAILURE,
    NOBODY_SUBSCRIBES,
    AnswerSaid,
    Leaf,
    Message,
    ReceiptSaid,
    StatusSaid,
    device_user,
    parsed,
    topic,
)

KEPT_S = 7 * 86_400
LIFE_S = 60.0
_AGAIN_S = 2.0
_REMEMBERED = 500
ENDS = ("4", "5")
State = Literal["connected", "away", "denied", "unheard"]
"""`unheard`: the broker is there, and nobody listens to what this handheld says."""


@dataclass
class Shown:
    """A message on the screen, and the keys it was answered with."""

    message: Message
    keys: list[str] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return any(key in ENDS for key in self.keys)


class _Unsent(NamedTuple):
    leaf: Leaf
    payload: bytes


class Handheld:
    """`messages` are in the order they came, each once; what it says waits here until somebody has heard it."""

    def __init__(
        self,
        broker: Broker,
        estate: str,
        post: str,
        *,
        on_message: Callable[[Shown], None] = lambda _: None,
        on_state: Callable[[State], None] = lambda _: None,
        kept_s: int = KEPT_S,
        life_s: float = LIFE_S,
    ) -> None:
        self.estate, self.post = estate, post
        self.messages: deque[Shown] = deque(maxlen=_REMEMBERED)
        self.chosen: Shown | None = None
        self.state: State = "away"
        self._on_message, self._on_state, self._life_s = on_message, on_state, life_s
        self._unsent: deque[_Unsent] = deque()
        self._said = asyncio.Event()
        will = (topic(estate, post, "status"), StatusSaid(state="lost").as_json())
        self._broker, self._stay = broker, Stay(device_user(estate, post), kept_s, will)

    async def run(self) -> None:
        """Until it is cancelled, which is how it is switched off: the broker then says that it is lost."""
        await stay_connected(self._broker, self._stay, self._serve, lambda: self._now("denied"))

    def answer(self, key: str, *, words: str | None = None, outcome: str | None = None) -> AnswerSaid:
        """To the chosen message, or to none; said now, whenever it arrives."""
        to = self.chosen
        said = AnswerSaid(
            id=uuid4().hex,
            ref=to.message.ref if to else None,
            code=to.message.code if to else None,
            key=key,
            words=words,
            outcome=outcome,
            said_at=datetime.now(UTC),
        )
        if to:
            to.keys.append(key)
            self.chosen = next(filter(_is_open, reversed(self.messages)), None) if to.over else to
        self._say("answers", said.as_json())
        return said

    def choose(self, step: int) -> None:
        """Another message than the newest unanswered: later or earlier by so many."""
        if self.messages:
            shown = list(self.messages)
            at = shown.index(self.chosen) if self.chosen in shown else len(shown) - 1 - step
            self.chosen = shown[min(max(at + step, 0), len(shown) - 1)]

    def choose_code(self, code: str) -> None:
        """The newest with this code, if there is one."""
        self.chosen = next((s for s in reversed(self.messages) if s.message.code == code), self.chosen)

    @property
    def unsent(self) -> int:
        return len(self._unsent)

    async def _serve(self, link: Link) -> None:
        await link.subscribe([topic(self.estate, self.post, "messages")])
        self._now("connected")
        try:
            await _first_to_end(self._receive(link), self._send(link), self._live(link))
        except asyncio.CancelledError:
            link.close(with_will=True)
            raise
        finally:
            self._now("away")

    async def _receive(self, link: Link) -> None:
        while True:
            received = await link.next()
            if message := parsed(Message, received.payload):
                self._take(message)
            link.ack(received)

    def _take(self, message: Message) -> None:
        """One that was sent twice is shown once, and its receipt is said again."""
        if all(message.ref != shown.message.ref for shown in self.messages):
            shown = Shown(message)
            self.messages.append(shown)
            # What asks for nothing does not take the place of what does.
            self.chosen = shown if message.code or self.chosen is None else self.chosen
            self._on_message(shown)
        self._say("receipts", ReceiptSaid(ref=message.ref, what="shown", at=datetime.now(UTC)).as_json())

    def _say(self, leaf: Leaf, payload: bytes) -> None:
        self._unsent.append(_Unsent(leaf, payload))
        self._said.set()

    async def _send(self, link: Link) -> None:
        """One after the other; what nobody heard stays the next to be said."""
        while True:
            self._said.clear()
            while self._unsent:
                leaf, payload = self._unsent[0]
                code = await link.publish(topic(self.estate, self.post, leaf), payload)
                if not _was_heard(code):
                    self._now("unheard")
                    await asyncio.sleep(_AGAIN_S)
                    continue
                self._now("connected")
                self._unsent.popleft()
            await self._said.wait()

    async def _live(self, link: Link) -> None:
        """The first sign is kept for whoever is away, so that it stands behind our last will; no other is.

        Where nobody has listened yet it is not kept either, and is said again soon.
        """
        name, heard = topic(self.estate, self.post, "status"), False
        while True:
            here = StatusSaid(state="here", at=datetime.now(UTC))
            code = await link.publish(name, here.as_json(), qos=0 if heard else 1)
            heard = heard or _was_heard(code)
            await asyncio.sleep(self._life_s if heard else _AGAIN_S)

    def _now(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self._on_state(state)


def _was_heard(code: int) -> bool:
    return code != NOBODY_SUBSCRIBES and code < FAILURE


def _is_open(shown: Shown) -> bool:
    return bool(shown.message.code) and not shown.keys


async def _first_to_end(*works: Coroutine[Any, Any, None]) -> None:
    """All of them end with the first one, by its failure."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
