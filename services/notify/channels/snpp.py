"""Pagers by SNPP, levels 1 to 3 (RFC 1861): a connection a page, so that no page waits behind another one."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import Field

from services.notify.channels.channel import Answer, Channel, Outcome, Page, Receipt, Refused, Retry, Sent
from services.notify.channels.channel import Options as ChannelOptions
from services.notify.channels.snpp_dialogue import Dialogue, Nonsense, Reply
from shared.contracts.vocabulary import Lane
from shared.domain.notifying.can import Air, Can

_CODEWORD_BITS, _CODEWORD_CARRIES, _CHARACTER_BITS = 32, 20, 7
_TAGS = re.compile(r"\s*(\S+)\s+(\S+)")
_STATUS = re.compile(r"\s*\S+\s+\S+\s*(?P<said>.*)")
_ANSWERED = (888, 889)
_FINAL = range(880, 890)
_DELIVERED = range(860, 880)


class Options(ChannelOptions):
    """What an estate's file may say of a paging server."""

    host: str = Field(description="the paging server")
    port: int = Field(444, ge=1, le=65535, description="its port")
    login: str | None = Field(None, description="LOGI name, with the secret as its password; none: no login")
    two_way: bool = Field(False, description="ask for replies (level 3) where the server offers it")
    length: int = Field(80, ge=20, le=2000, description="characters of one page")
    data: bool = Field(False, description="send the text by DATA instead of MESS")
    levels: dict[Lane, int] = Field(default_factory=dict, description="LEVE by lane, 0 (priority) to 11")
    alert: bool = Field(False, description="ALER 1 in the emergency lane")
    connect_s: float = Field(3.0, gt=0, description="patience for a connection and its greeting")
    answer_s: float = Field(5.0, gt=0, description="patience for the answer to a line")
    send_s: float = Field(30.0, gt=0, description="patience for the answer to SEND, which some servers hold back")
    poll_s: float = Field(5.0, gt=0, description="how often a two-way server is asked for the reply")
    bits_per_s: float = Field(1200.0, ge=0, description="of POCSAG on the air; 0: the air is not shared")


class Snpp(Channel[Options]):
    """`250` only ever means accepted; a reply of a two-way pager is asked for until it is there."""

    takes = Options

    @staticmethod
    def can(options: Options) -> Can:
        """Eighty characters take 0.8 s at 1200 bit/s: codewords of 32 bits carry 20, and one is the address."""
        each = _CHARACTER_BITS / _CODEWORD_CARRIES * _CODEWORD_BITS
        air = Air(options.bits_per_s, each, _CODEWORD_BITS) if options.bits_per_s else None
        return Can("accepted", options.length, "ascii", options.two_way, True, air=air)

    async def send(self, page: Page) -> Outcome:
        """After SEND was said and not answered nobody knows: the next device is better than silence."""
        try:
            async with self._dialogue() as dialogue:
                return await self._page(dialogue, page)
        except Nonsense:
            return Refused("not_snpp")
        except TimeoutError:
            return Refused("no_answer")
        except OSError:
            return Refused("connection_lost")

    @asynccontextmanager
    async def _dialogue(self) -> AsyncIterator[Dialogue]:
        options = self.options
        async with asyncio.timeout(options.connect_s):
            reader, writer = await asyncio.open_connection(options.host, options.port)
        dialogue = Dialogue(reader, writer, options.answer_s)
        try:
            greeting = await dialogue.reply(options.connect_s)
            if greeting.code != 220:
                raise ConnectionRefusedError(greeting.code)
            yield dialogue
        finally:
            await dialogue.close()

    async def _page(self, dialogue: Dialogue, page: Page) -> Outcome:
        for verb, word in self._settings(page):
            said = await dialogue.ask(verb, *([word] if word else []))
            if not said.is_done and not said.is_unknown_verb:
                return _no(said)
        two_way = self.options.two_way and (await dialogue.ask("2WAY")).is_done
        said = await dialogue.ask("PAGE", page.address)
        said = await self._text(dialogue, page) if said.is_done else said
        said = await dialogue.ask("SEND", answer_s=self.options.send_s) if said.is_done else said
        if not said.is_done:
            return _no(said)
        tags = _TAGS.match(said.text) if two_way and said.code >= 800 else None
        return Sent(token=f"{tags[1]} {tags[2]}" if tags else None)

    def _settings(self, page: Page) -> list[tuple[str, str]]:
        """Verbs before the page; who does not know one goes on without it."""
        found = []
        if self.options.login:
            found.append(("LOGI", f"{self.options.login} {self.site.secret or ''}".strip()))
        if (level := self.options.levels.get(page.lane)) is not None:
            found.append(("LEVE", str(level)))
        if self.options.alert and page.lane == "emergency":
            found.append(("ALER", "1"))
        return found

    async def _text(self, dialogue: Dialogue, page: Page) -> Reply:
        if not self.options.data:
            return await dialogue.ask("MESS", page.text)
        said = await dialogue.ask("DATA")
        return await dialogue.data(page.text) if said.code == 354 else said

    async def watch(self, page: Page, token: str) -> None:
        """Asks by MSTA until the transaction is concluded, through every outage, as long as the page is valid."""
        delivered = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(page.seconds_left):
                while (said := await self._status(token)) is None or said.code not in _FINAL:
                    if said and said.code in _DELIVERED and not delivered:
                        delivered = True
                        await self.site.hear(Receipt(page.ref, "delivered"))
                    if said and said.code // 100 in (5, 7):
                        return
                    await asyncio.sleep(self.options.poll_s)
                await self._concluded(page, token, said)

    async def _status(self, token: str) -> Reply | None:
        try:
            async with self._dialogue() as dialogue:
                return await dialogue.ask("MSTA", *token.split())
        except (Nonsense, OSError, TimeoutError):
            return None

    async def _concluded(self, page: Page, token: str, said: Reply) -> None:
        """`888` is one of the choices offered, `889` free text; both behind a sequence number and a time."""
        await self.site.hear(Receipt(page.ref, "delivered"))
        if said.code not in _ANSWERED:
            return
        found = _STATUS.fullmatch(said.text)
        words = found["said"] if found else said.text
        answer = Answer(self.site.estate, self.site.row.id, page.address, f"{token}|{words}", words, ref=page.ref)
        await self.site.hear(answer._replace(code=page.code))


def _no(said: Reply) -> Outcome:
    """421 and its kind pass; everything else is this server's last word on this page."""
    return Retry(2.0, f"later_{said.code}") if said.passes and said.code != 421 else Refused(f"refused_{said.code}")
