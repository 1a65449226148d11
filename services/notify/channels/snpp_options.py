"""What an estate's file may say of an SNPP server, and the optional verbs that follow (RFC 1861, 4.5 and 4.6)."""

import math
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from services.notify.channels import channel
from services.notify.channels.channel import Page

Wish = tuple[str, ...]
"""A verb and its words; the page goes on where it is refused."""
_Word = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=80)]
_Words = Annotated[str, StringConstraints(pattern=r"^[!-~][ -~]*$", max_length=80)]
_Choice = Annotated[str, StringConstraints(pattern=r"^[1-9] [!-~][ -~]{0,14}$")]
_KEYS = ["1 OK", "2 GO", "3 HERE", "4 DONE", "5 CANNOT", "6 HELP", "9 WORSE"]


class Options(channel.Options):
    """A verb that is not asked for here is not said."""

    host: str = Field(min_length=1, description="the paging server")
    port: int = Field(444, ge=1, le=65535, description="its port")
    login: _Word | None = Field(None, description="name for LOGI; its password is the channel's secret")
    length: int = Field(80, ge=20, le=2000, description="characters that the pagers show")
    data: bool = Field(False, description="send the text by DATA, and by MESS only where DATA is refused")
    level_emergency: int | None = Field(None, ge=0, le=11, description="LEVE of emergencies; 0 is priority")
    level_routine: int | None = Field(None, ge=0, le=11, description="LEVE of everything else; 1 is normal")
    alert: bool = Field(False, description="ALER: emergencies sound where the pager is set to be silent")
    coverage: _Word | None = Field(None, description="COVE: another area than the subscriber's own")
    caller: _Word | None = Field(None, description="CALL: who pages, a number or an address")
    subject: _Words | None = Field(None, description="SUBJ: what stands over the text")
    two_way: bool = Field(False, description="ask for replies (level 3) where the server offers it")
    choices: list[_Choice] = Field(_KEYS, max_length=9, description="replies offered by key; none: any text")
    no_queue: bool = Field(False, description="refuse a two-way pager that is off, instead of waiting for it")
    connect_s: float = Field(3.0, gt=0, le=60, description="seconds for a connection")
    answer_s: float = Field(5.0, gt=0, le=60, description="seconds for the greeting and for each reply")
    dialogue_s: float = Field(10.0, gt=0, le=60, description="seconds for everything before SEND together")
    send_s: float = Field(30.0, gt=0, le=300, description="seconds for the reply to SEND, which may block")
    retry_s: float = Field(2.0, gt=0, le=60, description="seconds until the same page again after a 4xx")
    forget_s: float = Field(600.0, ge=0, description="seconds for which a verb the server lacks is left out")
    poll_s: float = Field(2.0, gt=0, le=60, description="seconds between two questions for a reply, at first")
    poll_most_s: float = Field(30.0, gt=0, le=600, description="the same, of a page that is long unanswered")
    polls_at_once: int = Field(4, ge=1, le=100, description="connections that ask for replies, beside the pages'")
    watch_s: float = Field(3600.0, ge=0, le=86400, description="longest time for which a reply is asked for")
    bits_per_s: float = Field(1200.0, ge=0, description="of POCSAG on the air; 0: air time is not accounted")

    def of_the_pager(self, page: Page) -> Iterator[Wish]:
        """Before PAGE: they hold for the one that follows them."""
        urgent = page.lane == "emergency"
        level = self.level_emergency if urgent else self.level_routine
        if level is not None:
            yield "LEVE", str(level)
        if self.coverage:
            yield "COVE", self.coverage
        if self.alert and urgent:
            yield "ALER", "1"

    def of_the_reply(self, page: Page) -> Iterator[Wish]:
        """After PAGE, of a two-way page; choices only where an answer is wanted."""
        yield "EXPT", str(math.ceil(page.seconds_left / 3600))
        if self.no_queue:
            yield ("NOQUEUE",)
        yield "ACKR", "1"
        if page.code:
            yield "RTYP", "MULTICHOICE" if self.choices else "TEXT"
            for choice in self.choices:
                key, _, label = choice.partition(" ")
                yield "MCRE", key.zfill(2), label

    def of_the_text(self) -> Iterator[Wish]:
        if self.caller:
            yield "CALL", self.caller
        if self.subject:
            yield "SUBJ", self.subject
