"""One connection to an MQTT 5 broker: what is said and heard over it, and the broker's word on each.

aiomqtt does not fit: it acknowledges what it received before anybody heard it (empicano/aiomqtt #345), and keeps
the reason code of a PUBACK to itself. Paho, on which aiomqtt stands, has both.
"""

import asyncio
import ssl
from collections.abc import Sequence
from typing import Any, NamedTuple

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from services.notify.channels.mqtt_topics import FAILURE, MOST_BYTES
from services.notify.channels.mqtt_wire import Wire

_LEFT_WITH_WILL = 0x04
_RETAINED_NEVER = 2


class Broker(NamedTuple):
    """Where it is and how to sign in; `connect_s` bounds everything until it said yes."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: str | None = None
    keepalive_s: int = 15
    connect_s: float = 3.0


class Stay(NamedTuple):
    """How a client is known: `session_s` 0 leaves nothing behind; `most`: how much unacknowledged it takes."""

    client_id: str
    session_s: int = 0
    will: tuple[str, bytes] | None = None
    most: int = 100


class Received(NamedTuple):
    """Stays with the broker until `Link.ack`."""

    topic: str
    payload: bytes
    mid: int
    qos: int


class LinkLost(ConnectionError):
    """The text is one word."""


class Denied(LinkLost):
    """The broker answered, and does not want us."""


class Link:
    """Once lost, it stays lost: whatever waits on it gets `LinkLost`, and a new one is made."""

    def __init__(self, broker: Broker, stay: Stay) -> None:
        self._loop = asyncio.get_running_loop()
        self._broker, self._stay = broker, stay
        self._client = self._made()
        self._wire = Wire(self._client, self._end)
        self._welcome: asyncio.Future[int] = self._loop.create_future()
        self._waiting: dict[int, asyncio.Future[int]] = {}
        self._window = asyncio.Semaphore(1)
        self._received: asyncio.Queue[Received | None] = asyncio.Queue()
        self._why: str | None = None
        self.lost = asyncio.Event()

    async def open(self) -> None:
        """Raises LinkLost, OSError or TimeoutError."""
        try:
            async with asyncio.timeout(self._broker.connect_s):
                await self._wire.open(self._connect)
                self._listen()
                self._window = asyncio.Semaphore(await self._welcome)
        except BaseException:
            self._wire.abandon()
            raise

    async def publish(self, topic: str, payload: bytes, *, expires_s: int | None = None, qos: int = 1) -> int:
        """The reason code of its PUBACK, or 0 for QoS 0. Never retained."""
        more = Properties(PacketTypes.PUBLISH)
        if expires_s is not None:
            more.MessageExpiryInterval = expires_s
        async with self._window:
            self._must_be_up()
            info = self._client.publish(topic, payload, qos, retain=False, properties=more)
            return await self._answer(info.rc, info.mid) if qos else 0

    async def subscribe(self, filters: Sequence[str]) -> None:
        """QoS 1, and nothing that was retained; `Denied` where one is refused."""
        self._must_be_up()
        options = SubscribeOptions(qos=1, noLocal=True, retainHandling=_RETAINED_NEVER)
        rc, mid = self._client.subscribe([(name, options) for name in filters])
        if await self._answer(rc, mid) >= FAILURE:
            raise Denied("subscription_refused")

    async def next(self) -> Received:
        """What came before the loss is still given."""
        found = await self._received.get()
        if found is None:
            raise LinkLost(self._why)
        return found

    def ack(self, received: Received) -> None:
        """Nothing where the connection is lost; then it comes again."""
        if received.qos and not self.lost.is_set():
            self._client.ack(received.mid, received.qos)

    def close(self, with_will: bool = False) -> None:
        """Says goodbye, if anybody is there; `with_will`: and that the broker is to say our last will."""
        if not self.lost.is_set() and self._welcome.done():
            reason = ReasonCode(PacketTypes.DISCONNECT, identifier=_LEFT_WITH_WILL if with_will else 0)
            self._wire.guarded(lambda: self._client.disconnect(reason))
            self._wire.write()
        self.drop("closed")

    def drop(self, why: str) -> None:
        """Without a goodbye."""
        self._wire.hang_up()
        self._end(why)

    def _made(self) -> paho.Client:
        broker, stay = self._broker, self._stay
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            stay.client_id,
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.max_inflight_messages = 0
        client.connect_timeout = broker.connect_s
        client.username_pw_set(broker.username, broker.password)
        if stay.will:
            client.will_set(*stay.will, qos=1, retain=False)
        return client

    def _connect(self) -> None:
        broker, more = self._broker, Properties(PacketTypes.CONNECT)
        if broker.tls or broker.ca_file:
            self._client.tls_set_context(ssl.create_default_context(cafile=broker.ca_file))
        more.SessionExpiryInterval = self._stay.session_s
        more.ReceiveMaximum = self._stay.most
        more.MaximumPacketSize = MOST_BYTES
        fresh = self._stay.session_s == 0
        self._client.connect(broker.host, broker.port, broker.keepalive_s, clean_start=fresh, properties=more)

    def _listen(self) -> None:
        """Not before the connecting thread has ended: from here on paho calls in the loop's own."""
        client = self._client
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_publish, client.on_subscribe = self._on_publish, self._on_subscribe
        client.on_message = self._on_message

    async def _answer(self, rc: int, mid: int | None) -> int:
        if rc != paho.MQTT_ERR_SUCCESS or mid is None:
            raise LinkLost("connection_lost")
        answered = self._waiting[mid] = self._loop.create_future()
        return await answered

    def _must_be_up(self) -> None:
        if self.lost.is_set():
            raise LinkLost(self._why)

    def _on_connect(self, _: Any, __: Any, ___: Any, reason: ReasonCode, more: Properties | None) -> None:
        if self._welcome.done():
            return
        if reason.is_failure:
            self._why = f"denied_{reason.value}"
            _fail(self._welcome, Denied(self._why))
        else:
            self._welcome.set_result(getattr(more, "ReceiveMaximum", 65_535))

    def _on_disconnect(self, _: Any, __: Any, flags: Any, reason: ReasonCode, ___: Any) -> None:
        from_broker = flags.is_disconnect_packet_from_server
        self._end(f"ended_{reason.value}" if from_broker else "connection_lost")

    def _on_publish(self, _: Any, __: Any, mid: int, reason: ReasonCode, ___: Any) -> None:
        self._answered(mid, reason.value)

    def _on_subscribe(self, _: Any, __: Any, mid: int, reasons: list[ReasonCode], ___: Any) -> None:
        self._answered(mid, max(reason.value for reason in reasons))

    def _answered(self, mid: int, code: int) -> None:
        waits = self._waiting.pop(mid, None)
        if waits and not waits.done():
            waits.set_result(code)

    def _on_message(self, _: Any, __: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._received.put_nowait(Received(topic, bytes(message.payload), message.mid, message.qos))

    def _end(self, why: str) -> None:
        if self.lost.is_set():
            return
        self._why = self._why or why
        self.lost.set()
        self._wire.over()
        for waits in (self._welcome, *self._waiting.values()):
            _fail(waits, LinkLost(self._why))
        self._waiting.clear()
        self._received.put_nowait(None)


def _fail(waits: asyncio.Future[int], error: LinkLost) -> None:
    if not waits.done():
        waits.set_exception(error)
        # Nobody may be waiting any more, which is no mistake.
        waits.exception()
