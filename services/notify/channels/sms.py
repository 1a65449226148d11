"""Phones without data: SMS through Kannel's HTTP interface (Kannel User's Guide 1.4, "Using SMS services")."""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Sequence

import httpx2 as httpx
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.notify.channels import channel
from services.notify.channels.channel import Channel, Heard, Outcome, Page, Refused, Retry, Sent, Site
from services.notify.channels.sms_inbound import (
    WANTED_REPORTS,
    Nonsense,
    answer_in,
    is_kannel,
    path_of,
    receipt_in,
    receipt_url,
)
from shared.domain.notifying.can import Can

_TO = re.compile(r"\+?\d{3,20}")
"""One number: Kannel takes several, with spaces between them."""
_TAKEN = re.compile(r"\s*[03]:")
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_GSM = str.maketrans("[]{}\\|~^`", "()()//-''")
"""What takes two septets, or is not in GSM 03.38 at all: 160 characters would not be one message any more."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ANSWER_BYTES = 4096


class Options(channel.Options):
    """Without `inbound_url` Kannel cannot reach us: no receipts and no answers."""

    url: str = Field(pattern=r"^https?://", description="sendsms of Kannel's smsbox")
    username: str = Field(description="its sendsms-user, whose password is the row's secret")
    sender: str | None = Field(None, pattern=r"^[\w+]{1,20}$", description="number that phones see and answer to")
    smsc: str | None = Field(
        None, pattern=r"^[\w.-]{1,40}$", description="smsc-id to send by; none: Kannel's choice"
    )
    parts: int = Field(1, ge=1, le=8, description="most parts of a message; also max-messages of the sendsms-user")
    inbound_url: str | None = Field(
        None, pattern=r"^https?://[^\s?#\"]+$", description="address at which Kannel reaches notify's line"
    )
    receipts: bool = Field(True, description="ask for delivery reports")
    answers: bool = Field(True, description="phones may answer")
    region: str = Field("CN", pattern=r"^[A-Z]{2}$", description="country whose numbers the file has without +code")
    connect_s: float = Field(3.0, gt=0, le=30, description="patience for a connection")
    answer_s: float = Field(8.0, gt=0, le=60, description="patience for Kannel's answer, connecting included")
    retry_s: float = Field(2.0, gt=0, le=60, description="seconds until the same page again")
    hear_s: float = Field(20.0, gt=0, le=120, description="seconds in which what Kannel says has to be durable")


class Sms(Channel[Options]):
    """A call of Kannel gets its 200 only when what it says is durable; else Kannel is to say it again."""

    takes = Options

    def __init__(self, site: Site, options: Options) -> None:
        super().__init__(site, options)
        self._client: httpx.AsyncClient | None = None

    @staticmethod
    def can(options: Options) -> Can:
        """A message holds 70 characters, or 160 of seven bits; each part of a longer one 67, or 153."""
        each, ascii_each = (70, 160) if options.parts == 1 else (67, 153)
        reached = options.inbound_url is not None
        return Can(
            receipt="delivered" if reached and options.receipts else "accepted",
            length=each * options.parts,
            charset="any",
            two_way=reached and options.answers,
            open=False,
            ascii_length=ascii_each * options.parts,
        )

    async def send(self, page: Page) -> Outcome:
        """What breaks off is sent again: two messages on a phone are better than none."""
        if not self.site.secret:
            return Refused("no_secret")
        if not _TO.fullmatch(page.address):
            return Refused("bad_address")
        if not _fits(page.text, self.can(self.options)):
            return Refused("too_long")
        try:
            async with asyncio.timeout(self.options.answer_s):
                status, said = await self._said(self._query(page))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Retry(self.options.retry_s, "no_connection")
        except (TimeoutError, httpx.TimeoutException):
            return Refused("no_answer")
        except (httpx.HTTPError, httpx.InvalidURL):
            return Retry(self.options.retry_s, "connection_lost")
        return outcome_of(status, said, self.options.retry_s)

    def routes(self) -> Sequence[Route]:
        """For Kannel alone: both want the key that stands in `answer_url`."""
        path = path_of(self.site)
        return [
            Route(f"{path}/receipt", self._for_kannel(self._on_receipt), methods=["GET"]),
            Route(f"{path}/answer", self._for_kannel(self._on_answer), methods=["GET"]),
        ]

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _query(self, page: Page) -> dict[str, str]:
        options, seven_bits = self.options, page.text.isascii()
        text = _CONTROL.sub(" ", page.text)
        query = {
            "username": options.username,
            "password": self.site.secret or "",
            "to": page.address,
            "text": text.translate(_GSM) if seven_bits else text,
            "charset": "UTF-8",
            "coding": "0" if seven_bits else "2",
            "priority": "3" if page.lane == "emergency" else "0",
            "validity": str(max(1, math.ceil(page.seconds_left / 60))),
        }
        query |= {"from": options.sender} if options.sender else {}
        query |= {"smsc": options.smsc} if options.smsc else {}
        if options.inbound_url and options.receipts:
            url = receipt_url(self.site, options.inbound_url, page.ref)
            query |= {"dlr-mask": str(WANTED_REPORTS), "dlr-url": url}
        return query

    async def _said(self, query: dict[str, str]) -> tuple[int, str]:
        if self._client is None:
            timeout = httpx.Timeout(self.options.answer_s, connect=self.options.connect_s)
            self._client = httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)
        async with self._client.stream("GET", self.options.url, params=query) as response:
            said = b""
            async for piece in response.aiter_bytes():
                said += piece
                if len(said) > _ANSWER_BYTES:
                    break
            return response.status_code, said.decode("utf-8", "replace")

    def _for_kannel(
        self, take: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if not is_kannel(self.site, request.query_params):
                return Response(status_code=403)
            try:
                return await take(request)
            except Nonsense:
                return Response(status_code=400)

        return endpoint

    async def _on_receipt(self, request: Request) -> Response:
        receipt = receipt_in(request.query_params)
        return await self._heard(receipt) if receipt else Response()

    async def _on_answer(self, request: Request) -> Response:
        return await self._heard(answer_in(self.site, request.url.query, self.options.region))

    async def _heard(self, heard: Heard) -> Response:
        """Without a body, which Kannel would send to the phone."""
        try:
            async with asyncio.timeout(self.options.hear_s):
                await self.site.hear(heard)
        except TimeoutError:
            return Response(status_code=503)
        return Response()


def outcome_of(status: int, said: str, retry_s: float) -> Outcome:
    """`0: Accepted for delivery` and `3: Queued for later delivery` are Kannel's only good answers."""
    if status in (200, 202):
        return Sent() if _TAKEN.match(said) else Refused("not_kannel")
    if status in _PASSING:
        return Retry(retry_s, f"http_{status}")
    return Refused("not_authorized" if said.startswith("Authorization failed") else f"http_{status}")


def _fits(text: str, can: Can) -> bool:
    """Kannel would cut what does not; a rare character takes two places."""
    if text.isascii():
        return len(text) <= (can.ascii_length or can.length)
    return len(text.encode("utf-16-be")) // 2 <= can.length
