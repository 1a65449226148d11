"""One connection to an SNPP server (RFC 1861). Replies come in pieces, late, twice, or as nonsense."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

from services.notify.channels.snpp_replies import Replies, Reply, line


class Broken(Exception):
    """Nothing more is to be had of this connection. `reason`: `connection_lost`, `no_answer`, `not_snpp`, …"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TurnedAway(Exception):
    """A 4xx, which may come at any time: the server ends the connection and may take the same page later."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Dialogue(asyncio.Protocol):
    """Replies in their order; the end of the connection stays the last of them."""

    def __init__(self) -> None:
        self._replies = Replies()
        self._heard: asyncio.Queue[Reply | Broken] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        for reply in self._replies.feed(data):
            self._heard.put_nowait(reply or Broken("not_snpp"))

    def connection_lost(self, _error: Exception | None) -> None:
        self._heard.put_nowait(Broken("connection_lost"))

    async def ask(self, sent: bytes, seconds: float) -> Reply:
        """Sends a line and waits for its reply. Raises Broken and TurnedAway.

        What a talkative server said before is thrown away: it would pass for the reply, and a page for sent.
        """
        while not self._heard.empty():
            self._judged(self._heard.get_nowait())
        assert self._transport is not None
        self._transport.write(sent)
        return await self.reply(seconds)

    async def reply(self, seconds: float) -> Reply:
        """The next one. Raises Broken and TurnedAway."""
        try:
            async with asyncio.timeout(seconds):
                heard = await self._heard.get()
        except TimeoutError:
            raise Broken("no_answer") from None
        return self._judged(heard)

    def _judged(self, heard: Reply | Broken) -> Reply:
        if isinstance(heard, Broken):
            self._heard.put_nowait(heard)
            raise Broken(heard.reason)
        if heard.code // 100 == 4:
            raise TurnedAway(heard.code)
        return heard

    def close(self) -> None:
        """Politely, and without waiting for the goodbye."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(line("QUIT"))
            self._transport.close()


@contextlib.asynccontextmanager
async def greeted(host: str, port: int, connect_s: float, answer_s: float) -> AsyncIterator[Dialogue]:
    """A server that said it is ready, be it by 220, or by 214 and 250. Raises Broken and TurnedAway."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(connect_s):
            _, server = await loop.create_connection(Dialogue, host, port)
    except TimeoutError:
        raise Broken("no_answer") from None
    except (OSError, UnicodeError):
        raise Broken("connection_lost") from None
    try:
        greeting = await server.reply(answer_s)
        if not greeting.is_done:
            raise Broken(f"refused_{greeting.code}")
        yield server
    finally:
        server.close()
