"""What is wrong with a playbook, and on which line."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_BLOCK = re.compile(r"\[\[(step|notice)\]\]")
Key = str | int


class Mistake(NamedTuple):
    """What is wrong, and where: written as `medical.toml:12: what`."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class PlaybookMistake(ValueError):
    """The playbooks cannot work; every mistake of every file is named at once."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))


class Source(NamedTuple):
    """A file's name and lines. TOML's reader gives no lines, so they are found again by the keys on the way."""

    file: str
    lines: tuple[str, ...]

    def mistake(self, block: tuple[str, int] | None, path: Sequence[Key], text: str) -> Mistake:
        return Mistake(self.file, self.line(block, path), text)

    def line(self, block: tuple[str, int] | None, path: Sequence[Key] = ()) -> int:
        """The line of the last key of `path` that stands in the block, counted from 1."""
        start, end = self._span(block)
        at, rest = self._begin(start, end, path)
        for key in rest:
            at = self._row(at, end, key) if isinstance(key, int) else self._key(at, end, key)
        return at + 1

    def _begin(self, start: int, end: int, path: Sequence[Key]) -> tuple[int, Sequence[Key]]:
        """The first key stands at a line's beginning, as `outcomes.known =`, `[always.cancelled]` or `limits =`."""
        for length in (2, 1):
            dotted = re.compile(rf"\[?{re.escape('.'.join(map(str, path[:length])))}(?!\w)")
            for n in range(start, end if len(path) >= length else start):
                if dotted.match(self.lines[n]):
                    return n, path[length:]
        return start, ()

    def _span(self, block: tuple[str, int] | None) -> tuple[int, int]:
        starts = [(found[1], n) for n, line in enumerate(self.lines) if (found := _BLOCK.match(line))]
        borders = [*(n for _, n in starts), len(self.lines)]
        if block is None:
            return 0, borders[0]
        kind, wanted = block
        mine = [place for place, (name, _) in enumerate(starts) if name == kind]
        place = mine[wanted]
        return borders[place], borders[place + 1]

    def _key(self, at: int, end: int, key: str) -> int:
        word = re.compile(rf"(?<![\w]){re.escape(key)}(?![\w])")
        return next((n for n in range(at, end) if word.search(_without_comment(self.lines[n]))), at)

    def _row(self, at: int, end: int, index: int) -> int:
        """Rows of an array stand on lines of their own, or all on the key's line."""
        rows = [n for n in range(at + 1, end) if self.lines[n].lstrip().startswith("{")]
        opened = _without_comment(self.lines[at]).rstrip().endswith("[")
        return rows[index] if opened and index < len(rows) else at


def _without_comment(line: str) -> str:
    """As far as a # that stands outside quotation marks."""
    quoted = False
    for n, letter in enumerate(line):
        quoted ^= letter == '"'
        if letter == "#" and not quoted:
            return line[:n]
    return line
