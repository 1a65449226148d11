"""What comes from the devices of one estate by MQTT: heard, and only then acknowledged to the broker."""

import asyncio
import re
from collections import deque
from typing import NamedTuple

from services.notify.channels.channel import Answer, Heard, Receipt, Sign, Site
from services.notify.channels.mqtt_link import Link, LinkLost, Received
from services.notify.channels.mqtt_topics import (
    SAID,
    AnswerSaid,
    ReceiptSaid,
    StatusSaid,
    from_devices,
    parsed,
    place_of,
)
from shared.platform.logs import log
from shared.platform.metrics import ANSWERS

_WORD = re.compile(r"[a-z0-9_]{1,32}")


class _InHand(NamedTuple):
    received: Received
    hearing: asyncio.Task[None]


class Listening:
    """Side by side, but what comes on one topic in its order; acknowledged in the order it came (MQTT 5, 4.6).

    What was not heard, because this process ended or something failed, is not acknowledged and comes again: with
    the next connection, which is made `again_s` after a failure.
    """

    def __init__(self, site: Site, again_s: float) -> None:
        self._site, self._again_s = site, again_s
        self._last: dict[str, asyncio.Task[None]] = {}

    async def on(self, link: Link) -> None:
        """Until the connection is lost; then what is in hand is heard to its end, for the broker may be gone."""
        in_hand: deque[_InHand] = deque()
        try:
            await link.subscribe(from_devices(self._site.estate))
            while True:
                self._take(await link.next(), in_hand, link)
        except LinkLost:
            await _ends(in_hand)
            raise
        finally:
            for one in in_hand:
                one.hearing.cancel()
            await _ends(in_hand)

    def _take(self, received: Received, in_hand: deque[_InHand], link: Link) -> None:
        hearing = asyncio.create_task(self._hear(received, self._last.get(received.topic)))
        self._last[received.topic] = hearing
        in_hand.append(_InHand(received, hearing))
        hearing.add_done_callback(lambda _: self._heard(in_hand, link))

    async def _hear(self, received: Received, before: asyncio.Task[None] | None) -> None:
        if before and not before.done():
            await asyncio.wait([before])
        heard = heard_of(received, self._site)
        if heard is None:
            ANSWERS.labels("nonsense").inc()
            log.warning("nonsense from a device", estate=self._site.estate, bytes=len(received.payload))
        else:
            await self._site.hear(heard)

    def _heard(self, in_hand: deque[_InHand], link: Link) -> None:
        while in_hand and in_hand[0].hearing.done():
            received, hearing = in_hand.popleft()
            if self._last.get(received.topic) is hearing:
                del self._last[received.topic]
            if hearing.cancelled():
                continue
            if error := hearing.exception():
                log.error("hearing failed", estate=self._site.estate, error=type(error).__name__)
                asyncio.get_running_loop().call_later(self._again_s, link.drop, "unheard")
            else:
                link.ack(received)


def heard_of(received: Received, site: Site) -> Heard | None:
    """None for nonsense. The device is the one on whose topic it stands, whatever the payload claims."""
    place = place_of(received.topic, site.estate)
    said = parsed(SAID[place.leaf], received.payload) if place else None
    if place is None or said is None:
        return None
    where = (site.estate, site.row.id, place.post)
    match said:
        case AnswerSaid():
            return _answer(said, where)
        case ReceiptSaid():
            return _receipt(said)
        case StatusSaid():
            return Sign(*where, alive=said.state == "here")
    return None


async def _ends(in_hand: deque[_InHand]) -> None:
    await asyncio.gather(*(one.hearing for one in in_hand), return_exceptions=True)


def _receipt(said: ReceiptSaid) -> Receipt:
    if said.what == "shown":
        return Receipt(said.ref, "delivered")
    return Receipt(
        said.ref, "refused", said.reason if said.reason and _WORD.fullmatch(said.reason) else "by_gateway"
    )


def _answer(said: AnswerSaid, where: tuple[str, str, str]) -> Answer:
    """An outcome stands behind the words: who reads them at the desk enters it."""
    words = " ".join(part for part in (said.words, said.outcome) if part)
    return Answer(*where, said.id, words, said.ref, said.code, said.key, said.said_at)
