"""A paging server that takes pages by SNPP and can be told to misbehave: to refuse, hang, babble or die."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

Mood = Literal["well", "refuses", "hangs", "babbles", "dies", "away"]
"""`dies`: takes the message and ends the connection without an answer. `away`: nobody listens."""


class Paged(NamedTuple):
    pager: str
    text: str


class PagingServer:
    """`pages`: what it took whole, in order. Its mood may change at any time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mood: Mood = "well"
        self.pages: list[Paged] = []
        self.send_takes_s = 0.0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def texts(self, pager: str) -> list[str]:
        return [page.text for page in self.pages if page.pager == pager]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await self._dialogue(reader, writer)
        writer.close()

    async def _dialogue(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pager, text = "", ""
        writer.write(b"220 paging\r\n" if self.mood != "babbles" else b"\x00\xff hello?\r\n")
        while line := (await reader.readline()).decode("ascii", "replace").strip():
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            if self.mood == "hangs":
                await asyncio.sleep(3600)
            if self.mood == "refuses" and verb == "PAGE":
                writer.write(b"550 no such pager\r\n")
                continue
            if verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            pager = rest if verb == "PAGE" else pager
            text = rest if verb == "MESS" else text
            if verb == "SEND":
                self.pages.append(Paged(pager, text))
                if self.mood == "dies":
                    return
                await asyncio.sleep(self.send_takes_s)
            known = verb in ("PAGE", "MESS", "SEND", "RESE", "LEVE", "HOLD", "ALER", "COVE")
            writer.write(b"250 ok\r\n" if known else b"500 what?\r\n")


@asynccontextmanager
async def paging_server(port: int) -> AsyncIterator[PagingServer]:
    """Listens as long as the block lasts, unless it was closed before."""
    server = PagingServer(port)
    await server.open()
    try:
        yield server
    finally:
        await server.close()
