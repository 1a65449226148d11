"""The characters of ESPA 4.4.4 (ESPA, November 1984; annotated: gscott.me.uk/ESPA.4.4.4): blocks and who is asked.

Nothing here waits or sends. Characters have seven bits; a block is `SOH header STX records ETX BCC`.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import xor
from typing import NamedTuple

SOH, STX, ETX, EOT, ENQ, ACK, NAK, RS, US = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x1E, 0x1F
CALL_TO_PAGER = "1"
ALARM, NORMAL = "1", "3"
"""Priorities; `2` is high."""
STANDARD = "3"
"""The type of a call without speech."""
_SEVEN_BITS = 0x7F
_LONGEST = 1024
"""Characters of a block; what is longer has lost its ETX."""


class Asked(NamedTuple):
    """`address ENQ`: a poll after EOT, a selection after a poll."""

    address: str


class Control(NamedTuple):
    """ACK, NAK or EOT. `prefix`: the digit before a NAK says why; `1` is a transmission error."""

    what: int
    prefix: str = ""


class Block(NamedTuple):
    """`sound`: its block check fits. `records` in their order, which a careless sender may repeat."""

    header: str
    records: tuple[tuple[str, str], ...]
    sound: bool


Token = Asked | Control | Block


def block_check(covered: bytes) -> int:
    """The longitudinal parity of everything after SOH, ETX included, is even with it."""
    return reduce(xor, covered, 0) & _SEVEN_BITS


def block(header: str, records: Iterable[tuple[str, str]]) -> bytes:
    """A block as it goes over the line; no text can end it early."""
    units = (seven_bit(kind) + bytes([US]) + seven_bit(data) for kind, data in records)
    covered = seven_bit(header) + bytes([STX]) + bytes([RS]).join(units) + bytes([ETX])
    return bytes([SOH]) + covered + bytes([block_check(covered)])


def seven_bit(text: str) -> bytes:
    """Control characters become spaces, what ASCII has not becomes `?`."""
    return "".join(c if c.isprintable() else " " for c in text).encode("ascii", "replace")


def asked(*addresses: str) -> bytes:
    """Polls the first; a second one is selected in the same breath."""
    return b"".join(address.encode("ascii") + bytes([ENQ]) for address in addresses)


class Tokens:
    """Bytes as they come in, tokens out; garbage between them is passed over."""

    def __init__(self) -> None:
        self._covered: bytearray | None = None
        self._before = ""

    def forget(self) -> None:
        """What was begun is not going to be finished."""
        self._covered, self._before = None, ""

    def feed(self, data: bytes) -> Iterator[Token]:
        """The tokens that are complete with these bytes."""
        for byte in data:
            token = self._outside(byte & _SEVEN_BITS) if self._covered is None else self._inside(byte)
            if token is not None:
                yield token

    def _outside(self, byte: int) -> Token | None:
        before, self._before = self._before, chr(byte) if 0x20 < byte < _SEVEN_BITS else ""
        if byte == SOH:
            self._covered = bytearray()
        elif byte == ENQ and before:
            return Asked(before)
        elif byte in (ACK, NAK, EOT):
            return Control(byte, before if byte == NAK and before.isdigit() else "")
        return None

    def _inside(self, byte: int) -> Token | None:
        byte, covered = byte & _SEVEN_BITS, self._covered
        assert covered is not None
        # First of all: a check may look like any control character, and is none.
        if covered and covered[-1] == ETX:
            self.forget()
            return _read(bytes(covered), byte)
        if byte == EOT:
            self.forget()
            return Control(EOT)
        if byte == SOH:
            covered.clear()
        elif len(covered) == _LONGEST:
            self.forget()
        else:
            covered.append(byte)
        return None


def _read(covered: bytes, check: int) -> Block:
    header, _, rest = covered[:-1].partition(bytes([STX]))
    units = (record.partition(bytes([US])) for record in rest.split(bytes([RS])) if record)
    records = tuple((_text(kind), _text(data)) for kind, _, data in units)
    return Block(_text(header), records, block_check(covered) == check)


def _text(data: bytes) -> str:
    return data.decode("ascii").strip()


class Turns:
    """Whose turn it is on a line with several stations; forgets it at every EOT."""

    def __init__(self) -> None:
        self.polled: str | None = None

    def hears(self, token: Token | None) -> tuple[str | None, str | None]:
        """Who is polled by this token, who is selected by it; silence ends a turn too."""
        if token is None or (isinstance(token, Control) and token.what == EOT):
            self.polled = None
        elif isinstance(token, Asked):
            if self.polled is None:
                self.polled = token.address
                return token.address, None
            return None, token.address
        return None, None
