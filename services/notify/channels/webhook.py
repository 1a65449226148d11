"""Webhooks, signed by the Standard Webhooks specification 1.0.0; the device's address is the URL."""

import asyncio
import json
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2 as httpx
from pydantic import Field
from standardwebhooks import Webhook as Signer
from standardwebhooks.webhooks import EmptyWebhookSecretError

from services.notify.channels import channel
from services.notify.channels.channel import Channel, Outcome, Page, Refused, Retry, Sent, Site
from services.notify.channels.webhook_addresses import Forbidden, addresses_of
from shared.domain.notifying.can import Can

_SECRET = "whsec_"
_PASSING = frozenset({408, 409, 425, 429})
_SAYS_WHEN = frozenset({429, 503})
_AGENT = "Baoshi-Webhooks"
_SHOWN = frozenset(
    {
        *("ref", "estate", "text", "lane", "code", "drill", "report_id", "task_id", "step"),
        *("clause", "outcomes", "record", "guard"),
    }
)
"""What of a page is told; not its address, and nothing that would differ when it is sent again."""


class Options(channel.Options):
    """By default only to the internet, and only encrypted."""

    http: bool = Field(False, description="allow http://, where nobody between can listen or change")
    private: bool = Field(False, description="allow addresses that are not the internet's, such as 192.168.1.5")
    ca: str | None = Field(None, description="file of the certificates that are trusted; none: the machine's own")
    retries_s: tuple[float, ...] = Field(
        (0.0, 1.0, 2.0, 4.0, 8.0), max_length=20, description="seconds before each further try of a page"
    )
    longest_pause_s: float = Field(10.0, ge=0, le=60, description="longest Retry-After that is waited for")
    try_s: float = Field(5.0, gt=0, le=60, description="patience for one try, looking up the name included")
    length: int = Field(400, ge=70, le=4000, description="characters of one text")


class Webhook(Channel[Options]):
    """A 2xx is `accepted`; after the last try, or what no try mends, it is refused.

    The receiver knows a page again by its `webhook-id`, the same over tries and after a crash.
    """

    takes = Options

    def __init__(self, site: Site, options: Options) -> None:
        super().__init__(site, options)
        self._client: httpx.AsyncClient | None = None

    @staticmethod
    def can(options: Options) -> Can:
        return Can("accepted", options.length, "any", two_way=False, open=False)

    async def send(self, page: Page) -> Outcome:
        """All tries of a page go to addresses that were looked up once."""
        url, signers = target_of(page.address, http=self.options.http), signers_of(self.site.secret)
        if isinstance(url, Refused):
            return url
        if not signers:
            return Refused("bad_secret")
        try:
            self._client = self._client or _client(self.options.ca)
        except OSError:
            return Refused("bad_ca")
        return await self._tried(self._client, _Host(url, self.options.private), signers, page)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _tried(self, client: httpx.AsyncClient, host: "_Host", signers: list[Signer], page: Page) -> Outcome:
        outcome = Retry(0.0, "no_answer")
        for pause in (0.0, *self.options.retries_s):
            await asyncio.sleep(max(pause, min(outcome.after, self.options.longest_pause_s)))
            found = await self._once(client, host, signers, page)
            if not isinstance(found, Retry):
                return found
            outcome = found
        return Refused(outcome.reason)

    async def _once(self, client: httpx.AsyncClient, host: "_Host", signers: list[Signer], page: Page) -> Outcome:
        try:
            async with asyncio.timeout(self.options.try_s):
                request = request_for(page, host.url, await host.address(), signers, datetime.now(UTC))
                # The answer's body is left unread, however long it is.
                answer = await client.send(request, stream=True)
                await answer.aclose()
        except Forbidden:
            return Refused("private_address")
        except httpx.InvalidURL:
            return Refused("bad_address")
        except (TimeoutError, httpx.TimeoutException):
            return Retry(0.0, "no_answer")
        except (OSError, UnicodeError, httpx.ConnectError):
            return Retry(0.0, "no_connection")
        except httpx.HTTPError:
            return Retry(0.0, "connection_lost")
        return outcome_of(answer.status_code, answer.headers.get("retry-after", ""), datetime.now(UTC))


class _Host:
    """One page's receiver: its name is looked up once, and each try takes the next of its checked addresses."""

    def __init__(self, url: httpx.URL, private: bool) -> None:
        self.url, self._private = url, private
        self._addresses: list[str] = []

    async def address(self) -> str:
        """Raises Forbidden, OSError."""
        if not self._addresses:
            port = self.url.port or (443 if self.url.scheme == "https" else 80)
            name = self.url.raw_host.decode("ascii")
            self._addresses = await addresses_of(name, port, private=self._private)
        self._addresses.append(self._addresses.pop(0))
        return self._addresses[-1]


def _client(ca: str | None) -> httpx.AsyncClient:
    """No connection is kept: one to an address belongs to the name for which its certificate was checked."""
    verify = ssl.create_default_context(cafile=ca) if ca else True
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(verify=verify, limits=limits, timeout=None, follow_redirects=False, trust_env=False)


def target_of(address: str, *, http: bool) -> httpx.URL | Refused:
    """Not with a name or password in it: those would stand in the directory."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return Refused("bad_address")
    if url.scheme == "http" and not http:
        return Refused("not_https")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or not 0 < (url.port or 443) < 65536:
        return Refused("bad_address")
    return url


def signers_of(secret: str | None) -> list[Signer]:
    """One for each secret, since in a rotation the old one is valid too; empty where one of them is none."""
    try:
        words = (secret or "").split()
        return [Signer(word) for word in words] if all(word.startswith(_SECRET) for word in words) else []
    except (ValueError, EmptyWebhookSecretError):
        return []


def request_for(page: Page, url: httpx.URL, address: str, signers: list[Signer], now: datetime) -> httpx.Request:
    """To the address, with the host's name in `Host` and in TLS, whose certificate is checked for the name."""
    body = body_of(page, now)
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Connection": "close",
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "webhook-id": page.ref,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(page.ref, now, body) for signer in signers),
    }
    extensions = {"sni_hostname": url.raw_host.decode("ascii")}
    return httpx.Request(
        "POST", url.copy_with(host=address), content=body.encode(), headers=headers, extensions=extensions
    )


def body_of(page: Page, now: datetime) -> str:
    """`type`, `timestamp` and `data`, as the specification has it."""
    data = {name: value for name, value in page._asdict().items() if name in _SHOWN}
    about = {"type": f"page.{page.lane}", "timestamp": (page.sent_at or now).isoformat(), "data": data}
    return json.dumps(about, ensure_ascii=False, separators=(",", ":"))


def outcome_of(status: int, retry_after: str, now: datetime) -> Outcome:
    """What an answer means; 410 says that this receiver wants no more."""
    if 200 <= status < 300:
        return Sent()
    if 300 <= status < 400:
        return Refused("redirect")
    if status in _PASSING or status >= 500:
        return Retry(_seconds(retry_after, now) if status in _SAYS_WHEN else 0.0, f"http_{status}")
    return Refused("gone" if status == 410 else f"http_{status}")


def _seconds(retry_after: str, now: datetime) -> float:
    """As seconds or as a date (RFC 9110, 10.2.3); 0 where it is neither."""
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        when = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds())
