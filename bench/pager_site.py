"""A paging server for the bench: takes every page and notes when its last byte came; SEND may be held."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

_QUIET_S = 0.05


class Paged(NamedTuple):
    """`at` is this process's own clock, the same as the driver's."""

    at: float
    pager: str
    text: str


class PagerSite:
    """SNPP levels 1 and 2, as far as a sender needs them. `holds_s`: how long SEND waits before its answer."""

    def __init__(self, holds_s: float = 0.0) -> None:
        self.port, self.holds_s = 0, holds_s
        self.pages: list[Paged] = []
        self.under_way = 0
        self._came = asyncio.Event()

    async def until(self, wanted: int, seconds: float) -> None:
        """Raises TimeoutError when so many pages did not come in time."""
        async with asyncio.timeout(seconds):
            while len(self.pages) < wanted:
                self._came.clear()
                await self._came.wait()

    async def next_of(self, pager: str, after: int) -> Paged:
        """The first page to this pager behind the first `after` pages of all."""
        while True:
            for page in self.pages[after:]:
                if page.pager == pager:
                    return page
            after = len(self.pages)
            self._came.clear()
            await self._came.wait()

    async def settle(self) -> None:
        """Until nothing has come for a while."""
        there = -1
        while there != len(self.pages) or self.under_way:
            there = len(self.pages)
            await asyncio.sleep(_QUIET_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pager, text = "", ""
        writer.write(b"220 SNPP ready\r\n")
        try:
            while line := (await reader.readline()).decode("ascii", "replace").strip():
                verb, _, rest = line.partition(" ")
                match verb.upper():
                    case "PAGE":
                        pager = rest
                    case "MESS":
                        text = rest
                    case "DATA":
                        writer.write(b"354 end with .\r\n")
                        text = await _data(reader)
                    case "SEND":
                        self._take(pager, text)
                        self.under_way += 1
                        await asyncio.sleep(self.holds_s)
                        self.under_way -= 1
                    case "QUIT":
                        writer.write(b"221 bye\r\n")
                        break
                writer.write(b"250 ok\r\n")
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _take(self, pager: str, text: str) -> None:
        self.pages.append(Paged(time.perf_counter(), pager, text))
        self._came.set()


async def _data(reader: asyncio.StreamReader) -> str:
    lines = []
    while (line := (await reader.readline()).decode("ascii", "replace").rstrip("\r\n")) != ".":
        lines.append(line)
    return "\n".join(lines)


@asynccontextmanager
async def pager_site(holds_s: float = 0.0) -> AsyncIterator[PagerSite]:
    """Listens on a free port as long as the block lasts."""
    site = PagerSite(holds_s)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, backlog=1000)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
