"""Sheets of xlsx, written row by row: typed cells, a frozen head with filters, and no cell ever a formula."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from shared.domain.registering.paper import Cell

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_TIMES = {"datetime": "yyyy-mm-dd hh:mm", "date": "yyyy-mm-dd", "timedelta": "[h]:mm:ss", "share": "0%"}
_LONGEST = 32_767
"""Characters of a cell in Excel; xlsxwriter leaves a longer text out altogether."""
_CUT = "…"
_SHADED = "#EDEDED"


class Head(NamedTuple):
    """A column's heading and its width in characters; `share`: a part of one, shown in percent."""

    text: str
    width: float
    share: bool = False


class Book:
    """A workbook in a file that is open; rows are written in order and are not kept in memory."""

    def __init__(self, file: IO[bytes], title: str) -> None:
        # Rows wait in files there; what was given up goes with the object.
        self._folder = TemporaryDirectory(prefix="baoshi-xlsx-")
        self._book = Workbook(file, {**_OPTIONS, "tmpdir": self._folder.name})
        self._book.set_properties({"title": title})
        self._head = self._format({"bold": True, "bg_color": "#D9E2F3", "border": 1})
        self._plain = self._formats({})
        self._marked = self._formats({"bg_color": _SHADED})

    def _format(self, more: dict[str, object]) -> Format:
        return self._book.add_format({"text_wrap": True, "valign": "top", **more})

    def _formats(self, more: dict[str, object]) -> dict[str, Format]:
        times = {name: self._format({"num_format": shown, **more}) for name, shown in _TIMES.items()}
        return {"text": self._format(more), **times}

    def sheet(self, name: str, heads: Sequence[Head]) -> "Sheet":
        """To be filled before the next one is asked for."""
        sheet = self._book.add_worksheet(name)
        for place, head in enumerate(heads):
            sheet.set_column(place, place, head.width)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head.text, self._head)
        return Sheet(sheet, heads, self._plain, self._marked)

    def close(self) -> None:
        self._book.close()
        self._folder.cleanup()


class Sheet:
    """`marked` rows are shaded, such as a correction below its report."""

    def __init__(
        self, sheet: Worksheet, heads: Sequence[Head], plain: dict[str, Format], marked: dict[str, Format]
    ) -> None:
        self._sheet, self._heads, self._plain, self._marked = sheet, heads, plain, marked
        self._row = 0

    def write(self, rows: Iterable[tuple[bool, Sequence[Cell]]]) -> None:
        for marked, cells in rows:
            self._row += 1
            formats = self._marked if marked else self._plain
            if marked:
                self._sheet.set_row(self._row, None, formats["text"])
            for place, cell in enumerate(cells):
                if cell is not None:
                    self._write(place, cell, formats)

    def filter(self) -> None:
        """Over all rows that were written."""
        self._sheet.autofilter(0, 0, self._row, len(self._heads) - 1)

    def _write(self, place: int, cell: str | float | date | timedelta, formats: dict[str, Format]) -> None:
        """By its type, never by what a text looks like."""
        sheet, row, text = self._sheet, self._row, formats["text"]
        if isinstance(cell, str):
            sheet.write_string(row, place, cell if len(cell) <= _LONGEST else cell[: _LONGEST - 1] + _CUT, text)
        elif isinstance(cell, (datetime, date, timedelta)):
            sheet.write_datetime(row, place, cell, formats[type(cell).__name__])
        else:
            sheet.write_number(row, place, cell, formats["share"] if self._heads[place].share else text)
