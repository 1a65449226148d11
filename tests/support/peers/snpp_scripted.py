"""An SNPP server that says what it is told to, in the pieces it is told to: late, twice, nonsense, or nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG, CLOSE, RESET = "hang", "close", "reset"
"""To hang is to say nothing until the other side is gone."""
_PAUSE_S = 0.01
Says = str | Sequence[str]
"""Several are said one after the other, the last of them ever after."""


@dataclass
class Scripted:
    """`says` by verb, `greeting` before the first; `.` after the text of DATA. `250 ok` is said to all others.

    `|` cuts what is said into pieces. `lines`: all that it heard; `most`: connections at once.
    """

    port: int = 0
    says: dict[str, Says] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    connections: int = 0
    most: int = 0

    def verbs(self) -> list[str]:
        return [line.split(" ")[0] for line in self.lines]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.most = max(self.most, self.connections)
        with contextlib.suppress(ConnectionError):
            await self._converse(reader, writer)
        self.connections -= 1
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        goes_on = await self._say("greeting", "220 hello\r\n", reader, writer)
        in_data = False
        while goes_on and (raw := await reader.readline()):
            line = raw.decode("ascii").removesuffix("\r\n")
            self.lines.append(line)
            if in_data and line != ".":
                continue
            verb = line.split(" ")[0]
            goes_on = await self._say(verb, "354 go on\r\n" if verb == "DATA" else "250 ok\r\n", reader, writer)
            in_data = verb == "DATA" and "DATA" not in self.says

    async def _say(
        self, verb: str, usually: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        said = self.says.get(verb, usually)
        if not isinstance(said, str):
            said, self.says[verb] = said[0], said[1:] or said
        assert isinstance(said, str)
        if said == HANG:
            await reader.read()
        if said == RESET:
            writer.transport.abort()
        if said in (HANG, CLOSE, RESET):
            return False
        for piece in said.split("|"):
            writer.write(piece.encode("latin-1"))
            await writer.drain()
            await asyncio.sleep(_PAUSE_S if "|" in said else 0)
        return True


@asynccontextmanager
async def scripted(**says: Says) -> AsyncIterator[Scripted]:
    """On a port of its own; verbs that are no names are set in `says` afterwards."""
    server = Scripted(says=says)
    tasks: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(server.serve(reader, writer)))

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
