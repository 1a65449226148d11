"""Reads a stream of Server-Sent Events as a browser does: whole events, and the last id."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx2 as httpx


class Told(NamedTuple):
    event: str
    data: str
    id: str

    @property
    def content(self) -> Any:
        return json.loads(self.data)


class Listener:
    """One open stream; `last` is what a browser would name when it comes back."""

    def __init__(self, lines: AsyncIterator[str], last: str) -> None:
        self._lines, self.last = lines, last

    async def next(self, *wanted: str) -> Told | None:
        """The next event of these names, or of any; None at the stream's end."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            told = Told(fields.get("event", ""), fields.get("data", ""), fields.get("id", ""))
            fields = {}
            self.last = told.id or self.last
            if told.event and (not wanted or told.event in wanted):
                return told
        return None

    async def until(self, enough: Callable[[list[Told]], bool], *wanted: str) -> list[Told]:
        """All events of these names until there are enough, or until the end."""
        found: list[Told] = []
        while not enough(found):
            told = await self.next(*wanted)
            if told is None:
                return found
            found.append(told)
        return found


@asynccontextmanager
async def listening(
    address: str, headers: dict[str, str], last: str = "", seconds: float = 30.0
) -> AsyncIterator[Listener]:
    """Fails when nothing at all comes for so long."""
    sent = {**headers, **({"Last-Event-ID": last} if last else {})}
    async with (
        httpx.AsyncClient(timeout=httpx.Timeout(seconds)) as client,
        client.stream("GET", address, headers=sent) as answer,
    ):
        assert answer.status_code == 200, answer.status_code
        yield Listener(answer.aiter_lines(), last)
