"""Replies of an SNPP server (RFC 1861), read from a stream: servers differ, so every kind of line is expected."""

import asyncio
import re
from typing import NamedTuple

_LINE = re.compile(r"(?P<code>\d{3})(?P<more>-?)[ ]?(?P<text>.*)")
_HELP = 214
_LONGEST_LINES = 200
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]+")


class Nonsense(Exception):
    """The other side does not speak SNPP."""


class Reply(NamedTuple):
    """`code` by its first digit: 2 done, 3 go on, 4 not now, 5 no; two-way: 7 no, 8 done, 9 queued."""

    code: int
    text: str

    @property
    def is_done(self) -> bool:
        return self.code // 100 in (2, 8, 9)

    @property
    def passes(self) -> bool:
        """The server's own trouble: later it may take the same page."""
        return self.code // 100 == 4

    @property
    def is_unknown_verb(self) -> bool:
        """An optional verb that this server does not have is no refusal of the page."""
        return self.code in (500, 502, 503, 504)


class Dialogue:
    """One connection. Lines may come in pieces, help in many `214` lines, and an answer after a long while."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer_s: float) -> None:
        self._reader, self._writer, self._answer_s = reader, writer, answer_s

    async def ask(self, verb: str, *words: str, answer_s: float | None = None) -> Reply:
        """Sends one line and reads its reply. TimeoutError, ConnectionError and Nonsense are the caller's."""
        line = " ".join((verb, *(plain(word) for word in words)))
        self._writer.write(line.encode("ascii", "replace") + b"\r\n")
        await self._writer.drain()
        return await self.reply(answer_s)

    async def data(self, text: str) -> Reply:
        """The lines of a longer message, each dot at a line's beginning doubled, ended by a single one."""
        lines = [plain(line) for line in text.replace("\r\n", "\n").split("\n")]
        stuffed = [f".{line}" if line.startswith(".") else line for line in lines]
        self._writer.write("\r\n".join([*stuffed, ".", ""]).encode("ascii", "replace"))
        await self._writer.drain()
        return await self.reply()

    async def reply(self, answer_s: float | None = None) -> Reply:
        """The last line of what is said: lines of help and lines with a hyphen go before it."""
        async with asyncio.timeout(answer_s or self._answer_s):
            for _ in range(_LONGEST_LINES):
                raw = await self._reader.readline()
                if not raw.endswith(b"\n"):
                    raise ConnectionResetError("ended in the middle of a line")
                found = _LINE.fullmatch(raw.decode("ascii", "replace").strip())
                if found is None:
                    raise Nonsense
                if not found["more"] and int(found["code"]) != _HELP:
                    return Reply(int(found["code"]), found["text"])
        raise Nonsense

    async def close(self) -> None:
        self._writer.close()


def plain(text: str) -> str:
    """Nothing that ends a line or a string on the way: CR, LF and NUL never pass."""
    return _UNSAFE.sub(" ", text)
