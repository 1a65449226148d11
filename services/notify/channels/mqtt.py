"""Radios and handhelds by MQTT 5 (OASIS, 2019), QoS 1; the topics and payloads stand in docs/handhelds.md."""

import asyncio
import contextlib
import itertools

from pydantic import Field

from services.notify.channels.channel import Channel, Outcome, Page, Refused, Retry, Sent, Site
from services.notify.channels.channel import Options as ChannelOptions
from services.notify.channels.mqtt_link import Broker, Link, LinkLost, Stay
from services.notify.channels.mqtt_listening import Listening
from services.notify.channels.mqtt_staying import stay_connected
from services.notify.channels.mqtt_topics import FAILURE, NOBODY_SUBSCRIBES, Message, expiry_s, is_post, topic
from shared.domain.notifying.can import Air, Can

_RETRY_S = 0.5
_DAY_S = 86_400
_NTH = itertools.count()
"""A channel whose row or secret changed has pages under way yet: under one name the broker would cut off one."""


class Options(ChannelOptions):
    """What an estate's file may say of a broker; the password is the row's secret."""

    host: str = Field(min_length=1, description="the broker")
    port: int = Field(1883, ge=1, le=65535, description="its port; 8883 is usual with TLS")
    username: str | None = Field(None, description="notify's name there, with the secret as its password")
    tls: bool = Field(False, description="TLS, checked against the system's authorities")
    ca_file: str | None = Field(None, description="TLS, checked against the authorities in this file instead")
    length: int = Field(80, ge=20, le=2000, description="characters of the radio text")
    connect_s: float = Field(
        3.0, gt=0, le=60, description="patience for a connection; away for longer, pages are refused at once"
    )
    patience_s: float = Field(1.0, ge=0, le=60, description="how long a page waits for the connection")
    answer_s: float = Field(5.0, gt=0, le=60, description="patience for the broker's acknowledgement of a page")
    keepalive_s: int = Field(15, ge=5, le=3600, description="silence after which broker and notify ask each other")
    again_s: float = Field(30.0, gt=0, le=3600, description="pause before what failed to be heard is fetched again")
    kept_days: int = Field(7, ge=1, le=365, description="how long the broker keeps answers while notify is away")
    air_bits_per_s: float = Field(0.0, ge=0, description="data channel behind a gateway; 0: air time is not shared")
    air_bits_each: float = Field(16.0, ge=0, description="bits of a character on the air; DMR text needs 16")
    air_bits_more: float = Field(0.0, ge=0, description="bits of a message besides its characters")


class Mqtt(Channel[Options]):
    """The broker's word is `accepted`; `delivered` is the device's own, on its topic of receipts."""

    takes = Options

    def __init__(self, site: Site, options: Options) -> None:
        super().__init__(site, options)
        self._link: Link | None = None
        self._up = asyncio.Event()
        self._denied, self._away_since = False, 0.0
        self._keeping: asyncio.Task[None] | None = None
        self._nth = next(_NTH)

    @staticmethod
    def can(options: Options) -> Can:
        """Open: a radio may stand behind it."""
        bits = (options.air_bits_per_s, options.air_bits_each, options.air_bits_more)
        air = Air(*bits) if options.air_bits_per_s else None
        return Can("delivered", options.length, "any", two_way=True, open=True, air=air)

    async def send(self, page: Page) -> Outcome:
        """A page that was sent without an acknowledgement is sent again: the device knows it by its reference."""
        if not is_post(page.address):
            return Refused("bad_address")
        link = await self._connected()
        if link is None:
            return self._not_connected()
        name, content = topic(page.estate, page.address, "messages"), _message(page).as_json()
        try:
            async with asyncio.timeout(self.options.answer_s):
                code = await link.publish(name, content, expires_s=expiry_s(page.seconds_left))
        except TimeoutError:
            # Whoever does not acknowledge in time is taken for dead; the next page finds a new connection.
            link.drop("no_answer")
            return Retry(_RETRY_S, "no_answer")
        except LinkLost:
            return Retry(_RETRY_S, "connection_lost")
        return _outcome(code)

    async def listen(self) -> None:
        """The session of this process's name is kept by the broker: answers given while it was away come after."""
        listening = Listening(self.site, self.options.again_s)
        stay = Stay(self._client_id("hear"), self.options.kept_days * _DAY_S)
        await stay_connected(self._broker(), stay, listening.on)

    async def close(self) -> None:
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def _connected(self) -> Link | None:
        """Begins to keep a connection with the first page."""
        if self._keeping is None or self._keeping.done():
            self._away_since = asyncio.get_running_loop().time()
            stay = Stay(self._client_id(f"send.{self._nth}"))
            self._keeping = asyncio.create_task(stay_connected(self._broker(), stay, self._serve, self._deny))
        if not self._denied:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.options.patience_s):
                    await self._up.wait()
        return self._link

    def _not_connected(self) -> Outcome:
        """A short outage is waited for; a longer one is for the next device."""
        if self._denied:
            return Refused("login_refused")
        away = asyncio.get_running_loop().time() - self._away_since
        return Retry(_RETRY_S, "not_connected") if away < self.options.connect_s else Refused("not_connected")

    async def _serve(self, link: Link) -> None:
        self._link, self._denied = link, False
        self._up.set()
        try:
            await link.lost.wait()
        finally:
            self._link, self._away_since = None, asyncio.get_running_loop().time()
            self._up.clear()

    def _deny(self) -> None:
        """Tried again all the same, but no page waits for it."""
        self._denied = True

    def _broker(self) -> Broker:
        o = self.options
        return Broker(o.host, o.port, o.username, self.site.secret, o.tls, o.ca_file, o.keepalive_s, o.connect_s)

    def _client_id(self, what: str) -> str:
        return f"baoshi.{self.site.estate}.{self.site.row.id}.{self.site.name}.{what}"


def _message(page: Page) -> Message:
    return Message(
        ref=page.ref,
        text=page.text,
        code=page.code,
        lane=page.lane,
        drill=page.drill,
        task_id=page.task_id,
        step=page.step,
        outcomes=page.outcomes,
        record=page.record,
        guard=page.guard,
        clause=page.clause,
        sent_at=page.sent_at,
    )


def _outcome(code: int) -> Outcome:
    if code == NOBODY_SUBSCRIBES:
        return Refused("nobody_subscribes")
    return Refused(f"refused_{code}") if code >= FAILURE else Sent()
