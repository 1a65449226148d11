"""Perl's Net::SNPP::Server as a process: what it took, and the replies of its two-way pagers."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.local.peers import environment, find
from tests.support.stack import free_ports

_SCRIPT = Path(__file__).with_name("snpp_perl.pl")


class PerlServer:
    """It knows PAGE, MESS, DATA, SEND, RESE, ALER, HOLD, SUBJ, 2WAY, MCRE, MSTA and KTAG, and nothing else."""

    def __init__(self, port: int, folder: Path, most_errors: int) -> None:
        self.port, self._folder, self._most_errors = port, folder, most_errors
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.pages: list[dict[str, Any]] = []

    async def has_taken(self, pager: str, text: str) -> bool:
        return any((page["pager"], page["mess"]) == (pager, text) for page in self.pages)

    def reply(self, tag: str, words: str) -> None:
        """What MSTA says from now on."""
        (self._folder / tag).write_text(words)

    async def start(self) -> None:
        """Answers when this returns."""
        command = find("perl"), str(_SCRIPT), str(self.port), str(self._folder), str(self._most_errors)
        self._process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, env={**os.environ, **environment()}
        )
        assert self._process.stdout is not None
        assert (await asyncio.wait_for(self._process.stdout.readline(), 15)).strip() == b"ready"
        self._reading = asyncio.create_task(self._read(self._process.stdout))

    async def kill(self) -> None:
        """By its id; a child that still serves a connection ends with that."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while row := await stream.readline():
            self.pages.append(json.loads(row))


@asynccontextmanager
async def perl_snpp_server(most_errors: int = 0) -> AsyncIterator[PerlServer]:
    """Raises PeerMissing without Perl or its module. `most_errors`: after so many it hangs up; 0 is never."""
    find("Net::SNPP::Server")
    folder = Path(tempfile.mkdtemp(prefix="snpp-"))
    server = PerlServer(free_ports(1)[0], folder, most_errors)
    try:
        await server.start()
        yield server
    finally:
        await server.kill()
        shutil.rmtree(folder, ignore_errors=True)
