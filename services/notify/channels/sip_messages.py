"""Messages of SIP (RFC 3261) as far as page-mode MESSAGE (RFC 3428) needs them: read, write, cut out of a stream.

Nothing here waits or sends. Why by hand: docs/decisions/0015-sip-by-hand.md.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

LARGEST = 64 * 1024
"""Bytes of a message; a UDP datagram holds no more."""
COOKIE = "z9hG4bK"
"""Begins every branch that is unique (RFC 3261, 8.1.1.7)."""
_LONG = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "c": "content-type", "l": "content-length",
    "e": "content-encoding", "m": "contact", "s": "subject", "k": "supported",
}  # fmt: skip
_LINE, _FOLD = re.compile(r"\r?\n"), re.compile(r"\r?\n[ \t]+")
_HEADS = re.compile(rb"\r?\n\r?\n")
_USER = re.compile(r"(?:sips?|tel|im|pres):([^@;>?\s]+)", re.I)
_PARAMETER = re.compile(r';\s*([\w.-]+)\s*(?:=\s*("[^"]*"|[^;,\s"]*))?')


class Malformed(ValueError):
    """Not SIP, or not all of it."""


class Message(NamedTuple):
    """`first`: the request or status line. `headers`: names lower-case and long, values unfolded."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    def get(self, name: str) -> str:
        """Its first value, or nothing."""
        return next(iter(self.all(name)), "")

    @property
    def status(self) -> int | None:
        """None for a request."""
        return int(self.first.split(" ")[1]) if self.first.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """Of a request, or of the request that a response answers."""
        return self.get("cseq").split()[-1] if self.status is not None else self.first.split(" ")[0]

    @property
    def via(self) -> str:
        """The topmost hop only, where several stand in one header."""
        return self.get("via").split(",")[0].strip()

    @property
    def branch(self) -> str:
        return parameters(self.via).get("branch", "")

    @property
    def transaction(self) -> tuple[str, ...]:
        """The same for every copy of one request (RFC 3261, 17.2.3)."""
        if self.branch.startswith(COOKIE):
            return self.branch, self.via.split(";")[0].split()[-1].lower(), self.method
        return self.get("call-id"), self.get("cseq"), parameters(self.get("from")).get("tag", ""), self.via

    @property
    def caller(self) -> str:
        """The user part of From, unescaped."""
        found = _USER.search(self.get("from"))
        return unquote(found[1]) if found else ""


def read(data: bytes) -> Message:
    """One whole message; what lies beyond its Content-Length is not part of it. Raises `Malformed`."""
    head = _HEADS.search(data)
    if head is None:
        raise Malformed("no end of headers")
    try:
        first, *lines = _LINE.split(_FOLD.sub(" ", data[: head.start()].decode()))
        headers = tuple(_header(line) for line in lines)
        message = Message(first, headers, data[head.end() :])
        length = int(message.get("content-length") or len(message.body))
    except ValueError as broken:
        raise Malformed("broken headers") from broken
    if not 0 <= length <= len(message.body):
        raise Malformed("shorter than it says")
    _must_be_complete(message)
    return message._replace(body=message.body[:length])


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.strip().lower()
    if not colon or not name:
        raise Malformed("a header without a colon")
    return _LONG.get(name, name), value.strip()


def _must_be_complete(message: Message) -> None:
    parts = message.first.split(" ", 2)
    is_status = parts[0] == "SIP/2.0" and len(parts) > 1 and re.fullmatch(r"[1-6]\d\d", parts[1])
    if not is_status and (
        len(parts) != 3 or parts[2] != "SIP/2.0" or not re.fullmatch(r"[\w.!%*+`'~-]{1,32}", parts[0])
    ):
        raise Malformed("neither a request nor a response")
    if not all(message.get(name) for name in ("via", "from", "to", "call-id")):
        raise Malformed("a header that must be there is not")
    if not re.fullmatch(r"\d+\s+\S+", message.get("cseq")) or len(message.via.split(";")[0].split()) < 2:
        raise Malformed("no CSeq or no Via")


class Stream:
    """Cuts what comes over TCP into messages; Content-Length is what parts them (RFC 3261, 18.3)."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete with these bytes. Raises `Malformed`: the stream is of no more use."""
        self._held += data
        while True:
            # Empty lines between messages keep a connection alive.
            self._held = self._held.lstrip(b"\r\n")
            head = _HEADS.search(self._held)
            if head is None:
                break
            found = re.search(
                rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*$", _lines(self._held, head), re.I | re.M
            )
            if found is None:
                raise Malformed("no Content-Length")
            end = head.end() + int(found[1])
            if end > LARGEST:
                raise Malformed("too large")
            if len(self._held) < end:
                break
            whole, self._held = self._held[:end], self._held[end:]
            yield read(whole)
        if len(self._held) > LARGEST:
            raise Malformed("too large")


def _lines(data: bytes, head: "re.Match[bytes]") -> bytes:
    return data[: head.start()].replace(b"\r\n", b"\n")


def written(first: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """A message as it goes out; no value can begin a header of its own."""
    lines = [first, *(f"{name}: {' '.join(value.split())}" for name, value in headers)]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def response(request: Message, status: str, source: tuple[str, int], more: Sequence[tuple[str, str]] = ()) -> bytes:
    """`status` with its words. `source`: where the request came from, for the way back (RFC 3581)."""
    first, *others = request.all("via")
    top, comma, rest = first.partition(",")
    top = re.sub(r";\s*rport(?:=[^;]*)?(?=;|$)", f";rport={source[1]}", top.strip()) + f";received={source[0]}"
    to = request.get("to")
    if "tag" not in parameters(to) and not status.startswith("100"):
        # The same for every copy of the request, so that it can be told from another one's.
        to += f";tag={hashlib.sha256(' '.join(request.transaction).encode()).hexdigest()[:16]}"
    same = [(name, request.get(name.lower())) for name in ("From", "Call-ID", "CSeq")]
    vias = [("Via", value) for value in (top + comma + rest, *others)]
    return written(f"SIP/2.0 {status}", [*vias, *same, ("To", to), *more])


def way_back(request: Message, source: tuple[str, int]) -> tuple[str, int]:
    """Over UDP: the source where `rport` asks for it, else the port that Via names."""
    if "rport" in parameters(request.via):
        return source
    port = re.search(r":(\d{1,5})$", request.via.split(";")[0].strip())
    return source[0], int(port[1]) if port else 5060


def parameters(value: str) -> dict[str, str]:
    """What stands behind semicolons, outside of the brackets of an address."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"(?=\s*<)|<[^>]*>', "", value)
    return {found[1].lower(): (found[2] or "").strip('"') for found in _PARAMETER.finditer(outside)}
