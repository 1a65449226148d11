"""The register as PDF, to be printed and signed: A4 across, the head on every page, long texts wrapped."""

from collections.abc import Iterable, Sequence
from typing import IO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm

from services.register.documents.fonts import Face
from services.register.documents.pdf_pages import LEADING, Pages, feet_of
from shared.domain.registering.form import FORM, Line
from shared.domain.registering.paper import Cell, Paper

_PT, _PT_TITLE, _PT_SIGN = 6.2, 14.0, 9.0
_PAD = 0.7 * mm
_WHOLE = 150 * mm
"""What fits a page below its head; only a higher line is taken apart."""
_SHADE_HEAD, _SHADE_CORRECTION = 0.88, 0.94
_SIGNED = (
    ("登记人(客户助理)", "Kept by (customer assistant)"),
    ("审核人(客户服务中心主任)", "Checked by (service head)"),
    ("日期", "Date"),
)
"""Who signs the month."""


class PdfSheet:
    """Written line by line; a line that is higher than a page goes on on the next one."""

    def __init__(
        self, file: IO[bytes], face: Face, heads: Sequence[str], title: str, about: str, paper: Paper
    ) -> None:
        self._heads, self._title, self._about, self._paper = heads, title, about, paper
        self._widths = [column.width * mm for column in FORM]
        note = paper.pick("姓名、电话已按岗位遮盖", "names and phones masked by role") if paper.hidden else ""
        self._pages = Pages(file, face, landscape(A4), f"{title} {about}", feet_of(note, paper.language))
        self._begin()

    def write(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._row([shown(cell) for cell in line.cells], _SHADE_CORRECTION if line.correction else None)

    def close(self) -> None:
        """Signature lines stand on the last page, below all entries."""
        if self._pages.rest < 22 * mm:
            self._begin()
        pages = self._pages
        pages.y -= 12 * mm
        each = pages.room / len(_SIGNED)
        for place, words in enumerate(_SIGNED):
            label, x = self._paper.pick(*words) + self._paper.pick(":", ": "), pages.left + place * each
            pages.text(x, pages.y, label, _PT_SIGN)
            begins = x + pages.face.width(label, _PT_SIGN) + mm
            pages.rule(begins, pages.y - mm, x + each - 4 * mm - begins)
        pages.finish()

    def _begin(self) -> None:
        self._pages.begin()
        self._pages.centred(self._title, _PT_TITLE)
        self._pages.both_sides(self._paper.estate_name, self._about, _PT_SIGN)
        self._row(list(self._heads), _SHADE_HEAD)

    def _row(self, texts: list[str], shade: float | None) -> None:
        pairs = zip(texts, self._widths, strict=True)
        cells = [self._pages.broken(text, width - 2 * _PAD, _PT) for text, width in pairs]
        while any(cells):
            tall = self._height(max(map(len, cells)))
            if tall > self._pages.rest and (tall <= _WHOLE or self._pages.rest < self._height(2)):
                self._begin()
            fit = max(1, int((self._pages.rest - 2 * _PAD) / (_PT * LEADING)))
            self._draw([cell[:fit] for cell in cells], shade)
            cells = [cell[fit:] for cell in cells]

    def _height(self, lines: int) -> float:
        return lines * _PT * LEADING + 2 * _PAD

    def _draw(self, cells: list[list[str]], shade: float | None) -> None:
        pages = self._pages
        height, x = self._height(max(map(len, cells))), pages.left
        for cell, width in zip(cells, self._widths, strict=True):
            pages.box(x, pages.y, width, height, shade=shade)
            for place, text in enumerate(cell):
                pages.text(x + _PAD, pages.y - _PAD - _PT * (place * LEADING + 0.9), text, _PT)
            x += width
        pages.y -= height


def shown(cell: Cell) -> str:
    """A time without its seconds, as a form has it."""
    if cell is None:
        return ""
    return f"{cell:%Y-%m-%d %H:%M}" if hasattr(cell, "hour") else str(cell)
