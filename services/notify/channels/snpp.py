"""Pagers by SNPP, levels 1 to 3 (RFC 1861): a connection a page, so that no page waits behind another one.

HOLD is not said, because what is not due yet is not sent yet; nor PING, because PAGE says the same of its pager.
"""

import asyncio
import contextlib
import hashlib
from contextlib import AbstractAsyncContextManager

from services.notify.channels.channel import Answer, Channel, Outcome, Page, Receipt, Refused, Retry, Sent, Site
from services.notify.channels.snpp_dialogue import Broken, Dialogue, TurnedAway, greeted
from services.notify.channels.snpp_options import Options
from services.notify.channels.snpp_replies import Reply, Status, data, is_delivered, line, status, tags
from shared.domain.notifying.answers import read
from shared.domain.notifying.can import Air, Can
from shared.platform.logs import log

_CODEWORD_BITS, _CODEWORD_CARRIES, _CHARACTER_BITS = 32, 20, 7
_PATIENCE = 0.1
"""An answer is asked for ever more rarely: it is heard at most so much later, in parts of the time it took."""


class Snpp(Channel[Options]):
    """Best receipt `accepted`: a server's 250 says nothing of the pager. A two-way one may say more, later."""

    takes = Options

    def __init__(self, site: Site, options: Options) -> None:
        super().__init__(site, options)
        self._asking = asyncio.Semaphore(options.polls_at_once)
        self._unknown: dict[str, float] = {}

    @staticmethod
    def can(options: Options) -> Can:
        """POCSAG: a codeword of 32 bits carries 20, a character has 7, and one codeword is the address."""
        each = _CHARACTER_BITS / _CODEWORD_CARRIES * _CODEWORD_BITS
        air = Air(options.bits_per_s, each, _CODEWORD_BITS) if options.bits_per_s else None
        return Can("accepted", options.length, "ascii", options.two_way, True, air=air)

    async def send(self, page: Page) -> Outcome:
        """Where SEND got no answer nobody knows what became of it: two pages are better than none."""
        if not page.address.strip() or not page.address.isascii():
            return Refused("bad_address")
        try:
            async with self._greeted() as server:
                return await self._deliver(server, page)
        except TurnedAway as turned:
            return Retry(self.options.retry_s, f"later_{turned.code}")
        except Broken as broken:
            return Refused(broken.reason)
        except TimeoutError:
            return Refused("no_answer")

    def _greeted(self) -> AbstractAsyncContextManager[Dialogue]:
        options = self.options
        return greeted(options.host, options.port, options.connect_s, options.answer_s)

    async def _deliver(self, server: Dialogue, page: Page) -> Outcome:
        async with asyncio.timeout(self.options.dialogue_s):
            said = await self._addressed(server, page)
            if said.is_done:
                said = await self._texted(server, page)
        if said.is_done:
            said = await server.ask(line("SEND"), self.options.send_s)
        if not said.is_done:
            return Refused(f"refused_{said.code}")
        return Sent("delivered" if is_delivered(said) else "accepted", tags(said))

    async def _addressed(self, server: Dialogue, page: Page) -> Reply:
        """For both ways if that can be had, else for one; a two-way pager that is off (7xx) is off for both."""
        if not await self._log_in(server):
            # Who takes pages of strangers too is not to lose one by this; the others refuse PAGE.
            log.warning("snpp login refused", estate=self.site.estate, name=self.site.row.id)
        if self.options.two_way and await self._wish(server, "2WAY"):
            said = await self._paged(server, page)
            if said.is_done:
                await self._wish_replies(server, page)
            if said.code // 100 != 5:
                return said
            await self._wish(server, "RESE")
        return await self._paged(server, page)

    async def _log_in(self, server: Dialogue) -> bool:
        """False only where the name or the password is wrong, not where the server wants none."""
        login, secret = self.options.login, self.site.secret
        if not login or await self._wish(server, "LOGI", login, *([secret] if secret else [])):
            return True
        return "LOGI" in self._unknown

    async def _paged(self, server: Dialogue, page: Page) -> Reply:
        for wish in self.options.of_the_pager(page):
            await self._wish(server, *wish)
        return await server.ask(line("PAGE", page.address), self.options.answer_s)

    async def _wish_replies(self, server: Dialogue, page: Page) -> None:
        # A dozen verbs over a slow line are not to cost the page its time.
        enough = asyncio.get_running_loop().time() + self.options.dialogue_s / 2
        for wish in self.options.of_the_reply(page):
            if asyncio.get_running_loop().time() < enough:
                await self._wish(server, *wish)

    async def _texted(self, server: Dialogue, page: Page) -> Reply:
        for wish in self.options.of_the_text():
            await self._wish(server, *wish)
        answer_s = self.options.answer_s
        if self.options.data and (await server.ask(line("DATA"), answer_s)).code == 354:
            return await server.ask(data(page.text), answer_s)
        return await server.ask(line("MESS", page.text), answer_s)

    async def _wish(self, server: Dialogue, verb: str, *words: str) -> bool:
        """Whether the server grants it; a page goes on without it.

        A verb that it does not know is left out for a while: some servers hang up after a few of those.
        """
        now = asyncio.get_running_loop().time()
        if self._unknown.get(verb, now) > now:
            return False
        said = await server.ask(line(verb, *words), self.options.answer_s)
        if said.is_unknown_verb:
            self._unknown[verb] = now + self.options.forget_s
        return said.is_done

    async def watch(self, page: Page, token: str) -> None:
        """Until the page expires, through every outage: who said 明白 may say by the same pager that he arrived."""
        loop = asyncio.get_running_loop()
        began, told = loop.time(), set[str]()
        lasts = min(page.seconds_left, self.options.watch_s)
        while await self._told(page, token, await self._status(token), told):
            age = loop.time() - began
            if age >= lasts:
                break
            pause = max(self.options.poll_s, min(age * _PATIENCE, self.options.poll_most_s))
            await asyncio.sleep(min(pause, lasts - age))
        if told:
            await self._ask(line("KTAG", *token.split()))

    async def _told(self, page: Page, token: str, found: Status, told: set[str]) -> bool:
        """Hears what is new; whether there can be more."""
        if found.delivered and page.ref not in told:
            await self.site.hear(Receipt(page.ref, "delivered"))
            told.add(page.ref)
        if found.refused:
            await self.site.hear(Receipt(page.ref, "refused", found.refused))
        if found.words is not None:
            said_id = hashlib.sha256(f"{page.ref}|{token}|{found.key}|{found.words}".encode()).hexdigest()
            if said_id not in told:
                await self.site.hear(self._answer(page, said_id, found))
                told.add(said_id)
        wants_more = page.code is not None or page.ref not in told
        return wants_more and found.known and not found.refused

    def _answer(self, page: Page, said_id: str, found: Status) -> Answer:
        """It belongs to the page that was replied to, unless it names another one's code itself."""
        chosen = [choice for choice in self.options.choices if found.key and choice.startswith(f"{found.key} ")]
        words = chosen[0] if chosen else found.words or ""
        code = page.code if found.key or read(words).code is None else None
        where = self.site.estate, self.site.row.id, page.address
        return Answer(*where, said_id, words, ref=page.ref, code=code, key=found.key)

    async def _status(self, token: str) -> Status:
        said = await self._ask(line("MSTA", *token.split()))
        return status(said) if said else Status()

    async def _ask(self, question: bytes) -> Reply | None:
        """On a connection of its own; None where there is no answer now."""
        async with self._asking:
            with contextlib.suppress(Broken, TurnedAway, TimeoutError):
                async with asyncio.timeout(self.options.dialogue_s), self._greeted() as server:
                    await self._log_in(server)
                    await self._wish(server, "2WAY")
                    return await server.ask(question, self.options.answer_s)
        return None
