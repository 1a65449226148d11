"""Where a key stands in an estate's TOML: `tomllib` reads values and forgets lines."""

import re

_TABLE = re.compile(r"\s*\[\[?\s*([\w-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([\w-]+)\s*=\s*(\[?)")
_INLINE_ROW = re.compile(r"\s*\{")


class Lines:
    """Rows count from 1 within their section; row 0 is the section itself, section "" the top of the file."""

    def __init__(self, text: str) -> None:
        self._at: dict[tuple[str, int, str], int] = {}
        self._section, self._row = "", 0
        self._array, self._count = "", 0
        for number, line in enumerate(text.splitlines(), start=1):
            self._read(line, number)

    def find(self, section: str, row: int = 0, key: str = "") -> int | None:
        """The nearest line known: the key's, else its row's, else its section's."""
        wanted = ((section, row, key), (section, row, ""), (section, 0, ""), ("", 0, section), ("", 0, key))
        return next((self._at[place] for place in wanted if place in self._at), None)

    def _read(self, line: str, number: int) -> None:
        if table := _TABLE.match(line):
            self._open(table[1], line.lstrip().startswith("[["))
            self._at.setdefault((self._section, self._row, ""), number)
        elif key := _KEY.match(line):
            self._at.setdefault((self._section, self._row, key[1]), number)
            if self._section == "" and key[2]:
                self._array, self._count = key[1], 0
        elif _INLINE_ROW.match(line):
            self._count += 1
            self._at[(self._array, self._count, "")] = number

    def _open(self, section: str, is_row: bool) -> None:
        row = self._row + 1 if is_row and section == self._section else int(is_row)
        self._section, self._row = section, row
