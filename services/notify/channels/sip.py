"""DECT and Wi-Fi handsets: page-mode MESSAGE of SIP (RFC 3428) through a registrar or to the handset itself.

The 200 to a page is the handset's own, or that of a server that answers for it only with a 202: hence `delivered`.
"""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from pydantic import Field, IPvAnyNetwork

from services.notify.channels import channel
from services.notify.channels.channel import Answer, Channel, Outcome, Page, Refused, Retry, Sent, Sign
from services.notify.channels.sip_digest import credentials
from services.notify.channels.sip_listening import Requests, listening
from services.notify.channels.sip_messages import COOKIE, Message, parameters, written
from services.notify.channels.sip_sending import Timers, Wire, connected, final_answer
from shared.domain.notifying.can import Can
from shared.platform.logs import log

_ALLOW = ("Allow", "MESSAGE, OPTIONS")
_ACCEPT = ("Accept", "text/plain")
_PASSING = frozenset({408, 413, 491, 500, 502, 503, 504})
"""Answers that say nothing of the handset's will: the same page again, after a while."""
_ADDRESS = re.compile(r"(?:sip:)?([^@\s<>\"]+)(?:@(\[[\da-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?)?")
_LONGEST_PAUSE_S = 60.0


class Options(channel.Options):
    """Without `host` a device's address says where its handset is: `4001@192.168.7.21`."""

    host: str | None = Field(None, description="registrar or proxy that knows the handsets")
    port: int = Field(5060, ge=1, le=65535, description="its port, or that of handsets")
    transport: Literal["udp", "tcp"] = Field("udp", description="how pages go out; both are listened to")
    domain: str | None = Field(
        None, pattern=r"^[\w.:\[\]-]+$", description="domain of the addresses; `host` by default"
    )
    user: str = Field("baoshi", pattern=r"^[\w.+-]{1,40}$", description="user part of our own address")
    username: str | None = Field(None, pattern=r'^[^"\\\s]{1,80}$', description="for digest; `user` by default")
    length: int = Field(160, ge=16, le=240, description="characters that the handsets show; 240 fit a UDP packet")
    timeout_s: float = Field(8.0, gt=0, le=32, description="seconds until a page without an answer is given up")
    t1_s: float = Field(0.5, gt=0, le=5, description="T1: seconds until a request is repeated over UDP")
    t2_s: float = Field(4.0, gt=0, le=10, description="T2: the longest time between two repetitions")
    retry_s: float = Field(
        2.0, gt=0, le=60, description="seconds until the same page again, where nobody says another"
    )
    listen_host: str = Field("0.0.0.0", description="address on which answers are listened for")
    listen_port: int | None = Field(
        None, ge=1, le=65535, description="port for answers, UDP and TCP; none: no answers"
    )
    listen_to: list[IPvAnyNetwork] = Field([], description="networks whose answers are taken; empty: everybody's")
    relisten_s: float = Field(2.0, gt=0, le=60, description="seconds until a port that was taken is tried again")
    hear_s: float = Field(20.0, gt=0, le=30, description="seconds in which an answer has to be durable, else 503")
    remember_s: float = Field(32.0, gt=0, le=120, description="seconds in which a repeated answer is known as one")


class Sip(Channel[Options]):
    """An answer is acknowledged with 200 only when it is durable."""

    takes = Options

    @staticmethod
    def can(options: Options) -> Can:
        return Can("delivered", options.length, "any", two_way=options.listen_port is not None, open=False)

    async def send(self, page: Page) -> Outcome:
        target = target_of(page.address, self.options)
        if target is None:
            return Refused("bad_address")
        uri, host, port = target
        try:
            async with (
                asyncio.timeout(self.options.timeout_s),
                connected(self.options.transport, host, port) as wire,
            ):
                answer = await self._answered(wire, uri, page)
        except TimeoutError:
            return Retry(self.options.retry_s, "no_answer")
        except (OSError, UnicodeError):
            return Retry(self.options.retry_s, "no_connection")
        return outcome_of(answer, self.options.retry_s)

    async def listen(self) -> None:
        if self.options.listen_port is None:
            await super().listen()
        while True:
            try:
                async with listening(self._requests(), self.options.listen_host, self.options.listen_port or 0):
                    await asyncio.Event().wait()
            except OSError as failure:
                log.warning("sip port not free", port=self.options.listen_port, error=type(failure).__name__)
            await asyncio.sleep(self.options.relisten_s)

    def _requests(self) -> Requests:
        allowed = [str(network) for network in self.options.listen_to]
        return Requests(self._decide, self.options.hear_s, self.options.remember_s, allowed)

    async def _answered(self, wire: Wire, uri: str, page: Page) -> Message:
        call, tag = secrets.token_hex(16), secrets.token_hex(8)
        answer = await self._asked(wire, uri, page, (call, tag, "1"), ())
        if answer.status not in (401, 407) or self.site.secret is None:
            return answer
        theirs, ours = ("www-authenticate", "Authorization") if answer.status == 401 else (
            "proxy-authenticate", "Proxy-Authorization"
        )  # fmt: skip
        who = self.options.username or self.options.user
        proof = credentials(answer.all(theirs), "MESSAGE", uri, who, self.site.secret, secrets.token_hex(8))
        return await self._asked(wire, uri, page, (call, tag, "2"), [(ours, proof)]) if proof else answer

    async def _asked(
        self, wire: Wire, uri: str, page: Page, known: tuple[str, str, str], more: Sequence[tuple[str, str]]
    ) -> Message:
        call, tag, number = known
        branch, transport = COOKIE + secrets.token_hex(12), self.options.transport
        domain = self.options.domain or self.options.host or wire.here
        headers = [
            ("Via", f"SIP/2.0/{transport.upper()} {wire.here};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.options.user}@{domain}>;tag={tag}"),
            ("To", f"<{uri}>"),
            ("Call-ID", call),
            ("CSeq", f"{number} MESSAGE"),
            # A server that keeps it for a handset that is away does not keep it longer than it means anything.
            ("Expires", str(max(1, int(page.seconds_left)))),
            ("Priority", "emergency" if page.lane == "emergency" else "normal"),
            ("Content-Type", "text/plain;charset=UTF-8"),
            *more,
        ]
        text = "".join(c if c.isprintable() else " " for c in page.text)
        timers = Timers(self.options.t1_s, self.options.t2_s) if transport == "udp" else None
        request = written(f"MESSAGE {uri} SIP/2.0", headers, text.encode())
        return await final_answer(wire, request, lambda m: (m.branch, m.method) == (branch, "MESSAGE"), timers)

    async def _decide(self, request: Message) -> tuple[str, Sequence[tuple[str, str]]]:
        if request.method == "OPTIONS":
            await self._hear_sign(request)
            return "200 OK", [_ALLOW, _ACCEPT]
        if request.method != "MESSAGE":
            return "405 Method Not Allowed", [_ALLOW]
        if required := request.get("require"):
            return "420 Bad Extension", [("Unsupported", required)]
        kind, _, _ = (request.get("content-type") or "text/plain").partition(";")
        if kind.strip().lower() != "text/plain" or request.get("content-encoding"):
            return "415 Unsupported Media Type", [_ACCEPT]
        if not request.caller:
            return "403 Forbidden", ()
        await self.site.hear(self._answer(request))
        return "200 OK", ()

    async def _hear_sign(self, request: Message) -> None:
        if request.caller:
            await self.site.hear(Sign(self.site.estate, self.site.row.id, request.caller, alive=True))

    def _answer(self, request: Message) -> Answer:
        charset = parameters(request.get("content-type")).get("charset", "utf-8")
        try:
            words = request.body.decode(charset, "replace")
        except (LookupError, ValueError):
            words = request.body.decode("utf-8", "replace")
        # The same for every copy, also when another process of ours hears it after a crash; RFC 3261, 8.2.2.2.
        said = (request.get("call-id"), request.get("cseq"), parameters(request.get("from")).get("tag", ""))
        said_id = hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]
        return Answer(self.site.estate, self.site.row.id, request.caller, said_id, words)


def target_of(address: str, options: Options) -> tuple[str, str, int] | None:
    """The handset's URI, and the host and port to which a request for it goes; None: it cannot be an address."""
    found = _ADDRESS.fullmatch(address)
    if found is None or int(found[3] or 0) > 65535 or not (options.host or found[2]):
        return None
    domain = found[2] or options.domain or options.host
    uri = f"sip:{quote(found[1], safe='-_.!~*()&=+$,?/')}@{domain}" + (f":{found[3]}" if found[3] else "")
    if options.host is not None:
        return uri, options.host, options.port
    return uri, found[2].strip("[]"), int(found[3] or options.port)


def outcome_of(answer: Message, retry_s: float) -> Outcome:
    """What a final answer means for the page."""
    status = answer.status or 0
    if 200 <= status < 300:
        return Sent("accepted" if status == 202 else "delivered")
    if status not in _PASSING:
        return Refused(f"sip_{status}")
    asked = re.match(r"\d{1,4}", answer.get("retry-after"))
    return Retry(min(max(float(asked[0]), retry_s), _LONGEST_PAUSE_S) if asked else retry_s, f"sip_{status}")
