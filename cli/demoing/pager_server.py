"""A paging server with two-way pagers, by SNPP (RFC 1861): shows what was paged, and lets a pager's bearer reply.

It stands for the paging system that an estate has, in the demo, under `make up` and in the tests.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

HELP = ("PAGE MESS DATA SEND RESE QUIT HELP", "LOGI LEVE ALER COVE HOLD CALL SUBJ",
        "2WAY PING EXPT NOQUEUE ACKR RTYP MCRE MSTA KTAG")  # fmt: skip
_UNSAID = 7
"""The level of a page whose sender asked for none: within a day; 0 is priority."""
_TAKEN = frozenset({"LOGI", "ALER", "COVE", "HOLD", "CALL", "SUBJ"})
_TAKEN_TWO_WAY = frozenset({"EXPT", "NOQU", "ACKR", "RTYP"})
_ILLEGAL_TAG = "550 unknown or illegal tag or passcode"


class Paged(NamedTuple):
    """`tag` names the page for a reply; `level` is what the sender gave it, 0 the most urgent."""

    tag: str
    pager: str
    text: str
    level: int
    at: datetime
    two_way: bool
    choices: dict[str, str]


class _Status(NamedTuple):
    code: int
    words: str


@dataclass
class _Draft:
    """What was said since the connection was made, or since the last SEND or RESEt."""

    pagers: list[str] = field(default_factory=list)
    text: str = ""
    level: int = _UNSAID
    two_way: bool = False
    choices: dict[str, str] = field(default_factory=dict)


class PagerServer:
    """`on_page` is told of each page that was taken whole; `reply` is what its bearer answers.

    Pagers in `off` are not reached for now; those in `one_way` cannot answer. `killed`: tags given back by KTAG.
    """

    def __init__(self, port: int, on_page: Callable[[Paged], None] = lambda _: None) -> None:
        self.port, self._on_page = port, on_page
        self.pages: list[Paged] = []
        self.off, self.one_way, self.killed = set[str](), set[str](), list[str]()
        self._known: dict[str, _Status] = {}
        self._numbers = itertools.count(40_001)
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=500)

    async def close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def reply(self, tag: str, words: str) -> None:
        """What the sender learns at its next MSTA; a later reply takes the place of an earlier one."""
        self._known[tag] = _Status(889, words)

    def choose(self, tag: str, code: str) -> None:
        """One of the replies that the sender offered, by its code."""
        self._known[tag] = _Status(888, f"{code} MCR reply received")

    def arrive(self, tag: str) -> None:
        """The pager was off, and is on again."""
        self._known[tag] = _Status(861, "delivered, awaiting reply")

    def expire(self, tag: str) -> None:
        """The pager was not reached in time."""
        self._known[tag] = _Status(780, "message expired before delivery")

    def take(self, draft: _Draft) -> str:
        """The answer to SEND."""
        tag, reached = str(next(self._numbers)), not self.off.intersection(draft.pagers)
        self._known[tag] = _Status(861, "delivered, awaiting reply") if reached else _Status(960, "queued")
        for pager in draft.pagers:
            at, choices = datetime.now(UTC), dict(draft.choices)
            self.pages.append(Paged(tag, pager, draft.text, draft.level, at, draft.two_way, choices))
            self._on_page(self.pages[-1])
        if not draft.two_way:
            return "250 message accepted"
        return f"{self._known[tag].code} {tag} {_passcode(tag)} message accepted"

    def status(self, tag: str, passcode: str) -> str:
        """The answer to MSTA."""
        if tag not in self._known or passcode != _passcode(tag):
            return _ILLEGAL_TAG
        known = self._known[tag]
        return f"{known.code} {tag} {datetime.now(UTC):%y%m%d%H%M%S}+0 {known.words}"

    def kill(self, tag: str, passcode: str) -> str:
        """The answer to KTAG."""
        if passcode != _passcode(tag) or not self._known.pop(tag, None):
            return _ILLEGAL_TAG
        self.killed.append(tag)
        return "250 tag killed"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialogue = _Dialogue(self)
        with contextlib.suppress(ConnectionError):
            writer.write(b"220 Baoshi paging server\r\n")
            while (line := await _line(reader)) and not line.upper().startswith("QUIT"):
                if line.upper() == "DATA":
                    writer.write(b"354 begin, end with a single dot\r\n")
                    line = f"MESS {await _data(reader)}"
                writer.writelines(f"{answer}\r\n".encode() for answer in dialogue.answers(line))
            writer.write(b"221 OK, goodbye\r\n")
        writer.close()


class _Dialogue:
    """One connection's verbs, of which four characters count."""

    def __init__(self, server: PagerServer) -> None:
        self._server, self._draft = server, _Draft()
        self._verbs: dict[str, Callable[[str], str]] = {
            "PAGE": self._page, "MESS": self._mess, "LEVE": self._leve, "RESE": self._rese, "SEND": self._send,
            "2WAY": self._2way, "MCRE": self._mcre, "PING": self._ping,
            "MSTA": lambda rest: server.status(*_two(rest)), "KTAG": lambda rest: server.kill(*_two(rest)),
        }  # fmt: skip

    def answers(self, line: str) -> list[str]:
        verb, _, rest = line.partition(" ")
        verb, rest = verb.upper()[:4], rest.strip()
        if verb == "HELP":
            return [*(f"214 {row}" for row in HELP), "250 end of help"]
        if verb in _TAKEN_TWO_WAY and not self._draft.two_way:
            return ["550 only in a two-way transaction"]
        if verb in _TAKEN or verb in _TAKEN_TWO_WAY:
            return ["250 OK"]
        return [self._verbs[verb](rest) if verb in self._verbs else "500 command not implemented"]

    def _page(self, pager: str) -> str:
        if not pager:
            return "550 pager needed"
        if self._draft.two_way and pager in self._server.one_way:
            return "550 pager not two-way"
        self._draft.pagers.append(pager)
        if not self._draft.two_way:
            return "250 pager accepted"
        return "950 unit not online, will be queued" if pager in self._server.off else "850 unit online"

    def _mess(self, text: str) -> str:
        if self._draft.text or not text:
            return "503 message already entered" if self._draft.text else "550 blank message"
        self._draft.text = text
        return "250 message OK"

    def _leve(self, level: str) -> str:
        if not level.isdigit() or int(level) > 11:
            return "550 no such level"
        self._draft.level = int(level)
        return "250 level accepted"

    def _rese(self, _: str) -> str:
        self._draft = _Draft()
        return "250 reset"

    def _2way(self, _: str) -> str:
        if self._draft.pagers or self._draft.text:
            return "550 standard transaction underway, use RESEt"
        self._draft.two_way = True
        return "250 beginning a two-way transaction"

    def _mcre(self, rest: str) -> str:
        code, _, label = rest.partition(" ")
        if not self._draft.two_way or not code.isdigit() or not label:
            return "550 replies not enabled" if not self._draft.two_way else "554 code and words needed"
        if code in self._draft.choices:
            return "502 would duplicate a reply"
        self._draft.choices[code] = label
        return "250 reply added"

    def _send(self, _: str) -> str:
        draft = self._draft
        if not draft.pagers or not draft.text:
            return "503 pager or message missing"
        self._draft = _Draft()
        return self._server.take(draft)

    def _ping(self, pager: str) -> str:
        return "920 unit not online" if pager in self._server.off else "821 unit online"


def _passcode(tag: str) -> str:
    return tag[::-1]


def _two(rest: str) -> tuple[str, str]:
    tag, _, passcode = rest.partition(" ")
    return tag, passcode.strip()


async def _line(reader: asyncio.StreamReader) -> str:
    return (await reader.readline()).decode("ascii", "replace").strip()


async def _data(reader: asyncio.StreamReader) -> str:
    lines = []
    while (raw := (await reader.readline()).decode("ascii", "replace")) and (line := raw.rstrip("\r\n")) != ".":
        lines.append(line[1:] if line.startswith(".") else line)
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
