"""One request of SIP and its final answer, over UDP with its repetitions or over TCP (RFC 3261, 17.1.2).

Each has a socket of its own: nothing of an earlier page can be taken for its answer, and cancelling leaves nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Literal, NamedTuple, cast

from services.notify.channels.sip_messages import Malformed, Message, Stream, read

Transport = Literal["udp", "tcp"]


class Timers(NamedTuple):
    """T1 is how long an answer may take at best, T2 the longest time between two copies of a request."""

    t1: float
    t2: float


class Wire(asyncio.DatagramProtocol, asyncio.Protocol):
    """Responses that come in over one socket; an exception there ends it."""

    def __init__(self, by: Transport) -> None:
        self._by = by
        self.heard: asyncio.Queue[Message | OSError] = asyncio.Queue()
        self._stream = Stream()
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, _source: object) -> None:
        with contextlib.suppress(Malformed):
            self.heard.put_nowait(read(data))

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._stream.feed(data):
                self.heard.put_nowait(message)
        except Malformed:
            self.heard.put_nowait(ConnectionAbortedError())

    def error_received(self, failure: Exception) -> None:
        self.heard.put_nowait(failure if isinstance(failure, OSError) else OSError())

    def connection_lost(self, failure: Exception | None) -> None:
        self.heard.put_nowait(failure if isinstance(failure, OSError) else ConnectionResetError())

    def write(self, data: bytes) -> None:
        if self._by == "udp":
            cast(asyncio.DatagramTransport, self._transport).sendto(data)
        else:
            cast(asyncio.Transport, self._transport).write(data)

    @property
    def here(self) -> str:
        """Our address as the other side sees it without translation, for Via."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@contextlib.asynccontextmanager
async def connected(transport: Transport, host: str, port: int) -> AsyncIterator[Wire]:
    """A socket to one other side. Raises OSError where there is none."""
    loop, wire = asyncio.get_running_loop(), Wire(transport)
    if transport == "udp":
        await loop.create_datagram_endpoint(lambda: wire, remote_addr=(host, port))
    else:
        await loop.create_connection(lambda: wire, host, port)
    try:
        yield wire
    finally:
        wire.close()


async def final_answer(
    wire: Wire, request: bytes, belongs: Callable[[Message], bool], again: Timers | None
) -> Message:
    """Waits for ever, so give it a deadline. `again`: how to repeat the request, over UDP. Raises OSError."""
    wire.write(request)
    wait = again.t1 if again else None
    while True:
        try:
            async with asyncio.timeout(wait):
                answer = await wire.heard.get()
        except TimeoutError:
            assert again is not None and wait is not None
            wire.write(request)
            wait = min(wait * 2, again.t2)
            continue
        if isinstance(answer, OSError):
            raise answer
        if answer.status is None or not belongs(answer):
            continue
        if answer.status >= 200:
            return answer
        # Somebody is working on it: from now on only now and then (17.1.2.2).
        wait = again.t2 if again else None
