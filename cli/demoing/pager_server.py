"""A paging server with two-way pagers, by SNPP (RFC 1861): shows what was paged, and lets a pager's bearer reply.

It stands for the paging system that an estate has, in the demo, under `make up` and in the tests.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

HELP = ("PAGE MESS DATA SEND RESE QUIT", "2WAY MSTA LEVE ALER HOLD HELP")


class Paged(NamedTuple):
    """`tag` names the page for a reply; `urgent` by the level that the sender gave it."""

    tag: str
    pager: str
    text: str
    level: int


@dataclass
class _Dialogue:
    pager: str = ""
    text: str = ""
    level: int = 7
    two_way: bool = False


class PagerServer:
    """`on_page` is told of each page that was taken whole; `reply` is what its bearer answers."""

    def __init__(self, port: int, on_page: Callable[[Paged], None] = lambda _: None) -> None:
        self.port, self._on_page = port, on_page
        self.pages: list[Paged] = []
        self._replies: dict[str, str] = {}
        self._numbers = itertools.count(40_001)
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=500)

    async def close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def reply(self, tag: str, words: str) -> None:
        """What the sender learns at its next MSTA."""
        self._replies[tag] = words

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = _Dialogue()
        with contextlib.suppress(ConnectionError):
            writer.write(b"220 Baoshi paging server\r\n")
            while (line := await _line(reader)) and not line.upper().startswith("QUIT"):
                for answer in await self._answers(line, said, reader, writer):
                    writer.write(f"{answer}\r\n".encode("ascii", "replace"))
            writer.write(b"221 OK, goodbye\r\n")
        writer.close()

    async def _answers(
        self, line: str, said: _Dialogue, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> list[str]:
        verb, _, rest = line.partition(" ")
        match verb.upper()[:4]:
            case "PAGE":
                said.pager = rest
                return ["850 unit online" if said.two_way else "250 pager accepted"]
            case "MESS":
                said.text = rest
            case "DATA":
                writer.write(b"354 begin, end with a single dot\r\n")
                said.text = await _data(reader)
            case "LEVE":
                said.level = int(rest) if rest.isdigit() else said.level
            case "2WAY":
                said.two_way = True
            case "SEND":
                return [self._send(said)]
            case "MSTA":
                return [self._status(rest.split()[:1])]
            case "HELP":
                return [*(f"214 {row}" for row in HELP), "250 end of help"]
            case "RESE":
                said.pager = said.text = ""
            case _:
                return ["500 command not implemented"]
        return ["250 OK"]

    def _send(self, said: _Dialogue) -> str:
        if not said.pager or not said.text:
            return "503 pager or message missing"
        tag = str(next(self._numbers))
        page = Paged(tag, said.pager, said.text, said.level)
        self.pages.append(page)
        self._on_page(page)
        return f"860 {tag} {tag[::-1]} delivered, awaiting reply" if said.two_way else "250 message accepted"

    def _status(self, tags: list[str]) -> str:
        at = datetime.now(UTC).strftime("%y%m%d%H%M%S+0")
        tag = tags[0] if tags else ""
        if tag in self._replies:
            return f"889 {tag} {at} {self._replies[tag]}"
        return f"861 {tag} {at} delivered, awaiting reply" if tag else "550 unknown tag"


async def _line(reader: asyncio.StreamReader) -> str:
    return (await reader.readline()).decode("ascii", "replace").strip()


async def _data(reader: asyncio.StreamReader) -> str:
    lines = []
    while (raw := (await reader.readline()).decode("ascii", "replace")) and (line := raw.rstrip("\r\n")) != ".":
        lines.append(line[1:] if line.startswith("..") else line)
    return "\n".join(lines)


@asynccontextmanager
async def pager_server(port: int, on_page: Callable[[Paged], None] = lambda _: None) -> AsyncIterator[PagerServer]:
    """Listens as long as the block lasts."""
    server = PagerServer(port, on_page)
    await server.open()
    try:
        yield server
    finally:
        await server.close()
