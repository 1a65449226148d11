"""Where a key stands in an estate's TOML: `tomllib` reads values and forgets lines."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|#[^\n]*|\n|[\[\]{},=]|[^\s\[\]{},=\"'#]+"
)
_HEADER = re.compile(r"[ \t]*(\[\[?)[ \t]*([\w.-]+)[ \t]*\]\]?")
Path = tuple[str, ...]


class Lines:
    """Of every key and every item of a list, counted from 1: `("rotations", "1", "teams", "2", "offset")`."""

    def __init__(self, text: str) -> None:
        self._at: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._table: Path = ()
        self._open: list[tuple[str, Path]] = []
        self._key = ""
        self._line, self._is_new = 1, True
        for token in self._tokens(text):
            self._read(token)

    def find(self, section: str, row: int = 0, key: str = "") -> int | None:
        """The nearest line known: the key's, else that of what it stands in. No section is the top of the file."""
        path = tuple(part for part in (section, str(row or ""), *key.split(".")) if part)
        return next((self._at[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._at), None)

    def _tokens(self, text: str) -> Iterator[str]:
        at = 0
        while at < len(text):
            header = None if self._open or not self._is_new else _HEADER.match(text, at)
            if header:
                self._begin(tuple(header[2].split(".")), is_row=header[1] == "[[")
            found = header or _TOKEN.search(text, at)
            if found is None:
                return
            if not header:
                yield found[0]
            self._is_new = found[0].endswith("\n")
            self._line += found[0].count("\n")
            at = found.end()

    def _begin(self, names: Path, *, is_row: bool) -> None:
        """A table's header; `[[rotations.teams]]` is one more team of the last rotation."""
        path: Path = ()
        for name in names[:-1]:
            path += (name, str(self._counts[*path, name])) if (*path, name) in self._counts else (name,)
        path += (names[-1],)
        self._at.setdefault(path, self._line)
        if is_row:
            path = self._item(path)
        self._table = path

    def _item(self, path: Path) -> Path:
        self._counts[path] = self._counts.get(path, 0) + 1
        item = (*path, str(self._counts[path]))
        self._at.setdefault(item, self._line)
        return item

    def _read(self, token: str) -> None:
        if token == "\n" or token.startswith("#"):
            return
        if token in "]}":
            self._open = self._open[:-1]
        elif token == "=":
            self._at.setdefault((*self._here(), self._key), self._line)
        elif token != ",":
            self._value(token)

    def _value(self, token: str) -> None:
        """A key, or the value of one, or an item of a list."""
        in_list = bool(self._open) and self._open[-1][0] == "["
        path = self._item(self._open[-1][1]) if in_list else (*self._here(), self._key)
        if token in "[{":
            self._open.append((token, path))
        elif not in_list:
            self._key = token.strip("\"'")

    def _here(self) -> Path:
        return self._open[-1][1] if self._open else self._table
