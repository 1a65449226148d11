"""Perl's Net::SNPP::Server as a process, with a look at what it took."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.peers import find
from tests.support.stack import free_ports

_SCRIPT = Path(__file__).with_name("snpp_perl.pl")


@dataclass
class PerlServer:
    """`lines`: what the script printed, a page a line."""

    port: int
    lines: list[str]

    async def has_taken(self, pager: str, text: str) -> bool:
        return f"{pager}\t{text}" in self.lines


@asynccontextmanager
async def perl_snpp_server() -> AsyncIterator[PerlServer]:
    """Started on a free port, ready, and ended by its id."""
    port = free_ports(1)[0]
    process = await asyncio.create_subprocess_exec(
        find("perl"), str(_SCRIPT), str(port), stdout=asyncio.subprocess.PIPE, stderr=sys.stderr
    )
    server = PerlServer(port, [])
    assert process.stdout is not None
    assert (await asyncio.wait_for(process.stdout.readline(), 10)).strip() == b"ready"
    reading = asyncio.create_task(_read(process.stdout, server.lines))
    try:
        yield server
    finally:
        reading.cancel()
        process.kill()
        await process.wait()


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    while line := await stream.readline():
        lines.append(line.decode().rstrip("\n"))
