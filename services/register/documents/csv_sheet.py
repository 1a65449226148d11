"""The register as CSV: UTF-8 with a mark of its order, so that Excel reads Chinese, and no cell ever a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO

from shared.domain.registering.form import Line
from shared.domain.registering.paper import Cell

MEDIA_TYPE = "text/csv; charset=utf-8"
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_QUOTE = "'"


class CsvSheet:
    """A text that a spreadsheet would take for a formula gets a quote before it (OWASP, CSV injection)."""

    def __init__(self, file: IO[bytes], headings: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        self._rows = csv.writer(self._text)
        self._rows.writerow(headings)

    def write(self, lines: Iterable[Line]) -> None:
        self._rows.writerows([written(cell) for cell in line.cells] for line in lines)

    def close(self) -> None:
        """The file below stays open."""
        self._text.flush()
        self._text.detach()


def written(cell: Cell) -> str:
    """Times as `2026-11-20 09:00:00`, nothing for what is missing."""
    if cell is None:
        return ""
    text = str(cell)
    return _QUOTE + text if isinstance(cell, str) and text.startswith(_BEGINS_A_FORMULA) else text
