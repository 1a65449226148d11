"""Lines of SNPP (RFC 1861): what may go out in one, and what replies mean. Nothing here waits or sends."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE = re.compile(r"([2-9]\d\d)(?!\d)(-?)\s*(.*)")
_HELP = 214
"""Comes a line at a time and is always followed by another code."""
_LONGEST = 8192
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]+")
_TAGS = re.compile(r"(?=\S*\d)([!-~]{1,39})\s+(?=\S*\d)([!-~]{1,39})(?:\s|$)")
_STAMP = re.compile(r"\S+\s+\d{8,14}(?:\s?[+-]\d{1,4})?(?:\s+|$)")
"""`<Sequence> <Date&Time>`, which goes before what MSTA says; some servers leave it out."""
_DELIVERED = range(860, 890)
_CHOSEN, _WRITTEN, _EXPIRED, _UNKNOWN_TAG = 888, 889, 780, 550


class Reply(NamedTuple):
    """`code` by its first digit: 2 done, 3 go on, 4 over and out, 5 no; of two-way pages 7 no, 8 done, 9 queued."""

    code: int
    text: str

    @property
    def is_done(self) -> bool:
        return self.code // 100 in (2, 8, 9)

    @property
    def is_unknown_verb(self) -> bool:
        return self.code == 500


class Replies:
    """Bytes as they come in, replies out: whole ones, however the lines were cut and however many there were."""

    def __init__(self) -> None:
        self._rest = b""
        self._before: list[str] | None = None

    def feed(self, data: bytes) -> Iterator[Reply | None]:
        """The replies that are complete with these bytes; None is what no server of SNPP says."""
        *lines, self._rest = re.split(rb"[\r\n]", self._rest + data)
        for line in lines:
            if text := plain(line.decode("utf-8", "replace")).strip():
                yield from self._line(text)
        if len(self._rest) > _LONGEST:
            self._rest = b""
            yield None

    def _line(self, line: str) -> Iterator[Reply | None]:
        found = _LINE.fullmatch(line)
        if found is None:
            # Between the first and the last line of a reply anything may stand.
            if self._before is None:
                yield None
            return
        code, more, text = int(found[1]), found[2], found[3]
        if code == _HELP or more:
            self._before = [*(self._before or []), *([] if code == _HELP else [text])][:20]
            return
        whole, self._before = [*(self._before or []), text], None
        yield Reply(code, " ".join(filter(None, whole)))


class Status(NamedTuple):
    """What MSTA says of a page. `refused`: why it will not come any more; `known` False: nor will an answer."""

    delivered: bool = False
    words: str | None = None
    key: str | None = None
    refused: str | None = None
    known: bool = True


def plain(text: str) -> str:
    """Nothing that ends a line or a string on the way: CR, LF and NUL never pass."""
    return _UNSAFE.sub(" ", text)


def line(verb: str, *words: str) -> bytes:
    """Seven bits and one line, whatever the words."""
    return plain(" ".join((verb, *words))).strip().encode("ascii", "replace") + b"\r\n"


def data(text: str) -> bytes:
    """After DATA: lines of which those that begin with a dot begin with two, and the one dot that ends them."""
    lines = (plain(part).encode("ascii", "replace") for part in re.split(r"\r\n|\r|\n", text))
    return b"".join(b"." * part.startswith(b".") + part + b"\r\n" for part in lines) + b".\r\n"


def tags(reply: Reply) -> str | None:
    """`<Message_Tag> <Pass_Code>` of a two-way page that was taken; `960 OK, QUEUED` has none."""
    found = _TAGS.match(reply.text) if reply.code >= 800 else None
    return f"{found[1]} {found[2]}" if found else None


def is_delivered(reply: Reply) -> bool:
    return reply.code in _DELIVERED


def status(reply: Reply) -> Status:
    """From a reply to MSTA; what says nothing of the page, such as a fault of the server, is asked again."""
    rest = reply.text[stamp.end() :] if (stamp := _STAMP.match(reply.text)) else reply.text
    if reply.code == _CHOSEN:
        key = (rest.split() or ["?"])[0]
        return Status(delivered=True, words=rest, key=key.lstrip("0") or key)
    if reply.code == _WRITTEN:
        return Status(delivered=True, words=rest)
    if reply.code // 100 == 7:
        return Status(refused="expired" if reply.code == _EXPIRED else f"refused_{reply.code}")
    return Status(delivered=is_delivered(reply), known=not (reply.is_unknown_verb or reply.code == _UNKNOWN_TAG))
