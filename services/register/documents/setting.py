"""Text in lines that fit: Chinese breaks anywhere, other words between words where they fit at all."""

import re
from collections.abc import Callable, Iterator

_PIECES = re.compile(r"[ \t\u3000]+|[0-9A-Za-z.@/:_-]+|.", re.DOTALL)
_NOT_FIRST = frozenset("，。、；：！？）」』》】,.;:!?)]}%")
"""A line does not begin with these: they hang a little over the one before."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def broken(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """The lines of a text, none wider than `room` save for hanging punctuation and a single character."""
    return [line for part in _CONTROL.sub(" ", text).split("\n") for line in _lines(part, room, width)]


def _lines(text: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    line, used = "", 0.0
    for piece in _pieces(text, room, width):
        wide = width(piece)
        if line and used + wide > room and piece not in _NOT_FIRST:
            yield line.rstrip()
            line, used = ("", 0.0) if piece.isspace() else (piece, wide)
        else:
            line, used = line + piece, used + wide
    yield line.rstrip()


def _pieces(text: str, room: float, width: Callable[[str], float]) -> Iterator[str]:
    """A word that fits no line is taken apart."""
    for found in _PIECES.finditer(text):
        piece = found.group()
        yield from ([piece] if len(piece) == 1 or width(piece) <= room else piece)
