"""Requests of SIP that handsets send us, over UDP and TCP: decided once, copies answered as the first was."""

import asyncio
import contextlib
import ipaddress
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import cast

from services.notify.channels.sip_messages import Malformed, Message, Stream, read, response, way_back
from shared.platform.logs import log

_TRANSACTIONS = 4096
"""So many are remembered at most; one is some hundred bytes."""
_TRYING_S = 3.5
"""Before this a 100 would do harm, after it it spares copies (RFC 4320, 4.1)."""
Decide = Callable[[Message], Awaitable[tuple[str, Sequence[tuple[str, str]]]]]
"""The status of a request, with its words and headers; returns when what was said is durable."""
Decided = asyncio.Task[tuple[str, Sequence[tuple[str, str]]]]
Reply = Callable[[bytes], None]
Source = tuple[str, int]


class Requests:
    """`remember_s`: for how long a copy is known as one; `within_s`: what cannot be decided by then is 503."""

    def __init__(self, decide: Decide, within_s: float, remember_s: float, allowed: Sequence[str]) -> None:
        self._decide, self._within_s, self._remember_s = decide, within_s, remember_s
        self._allowed = [ipaddress.ip_network(network) for network in allowed]
        self._answers: OrderedDict[tuple[str, ...], Decided] = OrderedDict()
        self._replying: set[asyncio.Task[None]] = set()

    def come(self, request: Message, source: Source, reply: Reply) -> None:
        """Decides a new one and answers it; a copy waits for the same decision and decides nothing."""
        if request.status is not None or request.method == "ACK":
            return
        if not self._is_allowed(source[0]):
            reply(response(request, "403 Forbidden", source))
            return
        decided = self._answers.get(request.transaction)
        if decided is None:
            decided = self._remembered(request)
        replying = asyncio.create_task(self._reply(request, source, reply, decided))
        self._replying.add(replying)
        replying.add_done_callback(self._replying.discard)

    def _is_allowed(self, host: str) -> bool:
        address = ipaddress.ip_address(host)
        # What a socket for both families says of somebody on IPv4.
        address = getattr(address, "ipv4_mapped", None) or address
        return not self._allowed or any(address in network for network in self._allowed)

    def close(self) -> None:
        for task in (*self._answers.values(), *self._replying):
            task.cancel()

    def _remembered(self, request: Message) -> Decided:
        key, loop = request.transaction, asyncio.get_running_loop()
        decided = self._answers[key] = asyncio.create_task(self._decided(request))
        decided.add_done_callback(lambda _: loop.call_later(self._remember_s, self._answers.pop, key, None))
        if len(self._answers) > _TRANSACTIONS:
            self._answers.popitem(last=False)
        return decided

    async def _decided(self, request: Message) -> tuple[str, Sequence[tuple[str, str]]]:
        try:
            async with asyncio.timeout(self._within_s):
                return await self._decide(request)
        except Exception as failure:
            # The handset shows that it was not sent; whoever pressed the key does it again.
            log.warning("sip request not taken", method=request.method, error=type(failure).__name__)
            return "503 Service Unavailable", [("Retry-After", "5")]

    async def _reply(
        self,
        request: Message,
        source: Source,
        reply: Reply,
        decided: Decided,
    ) -> None:
        if not (await asyncio.wait([decided], timeout=_TRYING_S))[0]:
            reply(response(request, "100 Trying", source))
            await asyncio.wait([decided])
        if not decided.cancelled():
            status, headers = decided.result()
            reply(response(request, status, source, headers))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        transport = self._transport
        assert transport is not None
        with contextlib.suppress(Malformed):
            request = read(data)
            back = way_back(request, (source[0], source[1]))
            self._requests.come(request, (source[0], source[1]), lambda answer: transport.sendto(answer, back))


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Requests) -> None:
        self._requests, self._stream = requests, Stream()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        transport = self._transport
        assert transport is not None
        host, port = transport.get_extra_info("peername")[:2]
        try:
            for request in self._stream.feed(data):
                self._requests.come(request, (host, port), transport.write)
        except Malformed:
            transport.close()


@contextlib.asynccontextmanager
async def listening(requests: Requests, host: str, port: int) -> AsyncIterator[None]:
    """On UDP and TCP of the same port, until left. Raises OSError where somebody else has it."""
    loop = asyncio.get_running_loop()
    datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(requests), local_addr=(host, port))
    try:
        server = await loop.create_server(lambda: _Connection(requests), host, port)
        async with server:
            yield
    finally:
        requests.close()
        datagrams.close()
