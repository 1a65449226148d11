"""Pages of A4 for print: a head and a foot on each, with its number and how many there are in all."""

from typing import IO, NamedTuple

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from services.register.documents.fonts import Face
from services.register.documents.setting import broken

MEDIA_TYPE = "application/pdf"
LEADING = 1.25
_PT_FOOT = 7.5
_TOTAL = "pages-in-all"
_BOTTOM = 14 * mm
_SIDE = 8 * mm
_INK, _RULE = 0.0, 0.55


class Feet(NamedTuple):
    """What stands at the foot of every page: a note, which page it is, and of how many."""

    note: str
    page: str
    total: str


def feet_of(note: str, language: str) -> Feet:
    return Feet(note, "page {}", "of {}") if language == "en" else Feet(note, "第 {} 页", "共 {} 页")


class Pages:
    """Draws from the top; `y` is how far down the page it has come. Text is set in the one font only."""

    def __init__(self, file: IO[bytes], face: Face, size: tuple[float, float], title: str, feet: Feet) -> None:
        self.face, self.width, self.height = face, *size
        self._feet, self._number = feet, 0
        self._canvas = Canvas(file, pagesize=size, pageCompression=1, invariant=1, initialFontName=face.name)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("Baoshi 报事")
        self.y = 0.0

    @property
    def left(self) -> float:
        return _SIDE

    @property
    def room(self) -> float:
        """How wide the text may be."""
        return self.width - 2 * _SIDE

    @property
    def rest(self) -> float:
        """How much of the page is left below."""
        return self.y - _BOTTOM

    def begin(self) -> None:
        """The next page; the foot of the one before is drawn as it ends."""
        if self._number:
            self._end_page()
        self._number += 1
        self.y = self.height - 10 * mm

    def finish(self) -> None:
        self._end_page()
        self._canvas.beginForm(_TOTAL, 0, -2, 30 * mm, 4 * mm)
        self._canvas.setFont(self.face.name, _PT_FOOT)
        self._canvas.drawString(0, 0, self._feet.total.format(self._number))
        self._canvas.endForm()
        self._canvas.save()

    def text(self, x: float, y: float, text: str, size: float) -> None:
        self._canvas.setFillGray(_INK)
        self._canvas.setFont(self.face.name, size)
        self._canvas.drawString(x, y, self.face.settable(text))

    def centred(self, text: str, size: float) -> None:
        shown = self.face.settable(text)
        self.y -= size
        self.text((self.width - self.face.width(shown, size)) / 2, self.y, shown, size)
        self.y -= size * (LEADING - 1)

    def both_sides(self, left: str, right: str, size: float) -> None:
        """One line: what stands left, and what stands right."""
        self.y -= size
        self.text(self.left, self.y, left, size)
        shown = self.face.settable(right)
        self.text(self.left + self.room - self.face.width(shown, size), self.y, shown, size)
        self.y -= size * (LEADING - 0.6)

    def broken(self, text: str, room: float, size: float) -> list[str]:
        return broken(self.face.settable(text), room, lambda piece: self.face.width(piece, size))

    def box(self, x: float, top: float, width: float, height: float, *, shade: float | None = None) -> None:
        self._canvas.setStrokeGray(_RULE)
        self._canvas.setLineWidth(0.4)
        if shade is not None:
            self._canvas.setFillGray(shade)
        self._canvas.rect(x, top - height, width, height, stroke=1, fill=int(shade is not None))

    def rule(self, x: float, y: float, width: float) -> None:
        self._canvas.setStrokeGray(_INK)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(x, y, x + width, y)

    def _end_page(self) -> None:
        size, y = _PT_FOOT, 8 * mm
        self.text(self.left, y, self._feet.note, size)
        page = self._feet.page.format(self._number) + " "
        right = self.left + self.room - 30 * mm
        self.text(right - self.face.width(page, size), y, page, size)
        self._canvas.saveState()
        self._canvas.translate(right, y)
        # The form is written when the last page is known; until then the pages only name it.
        self._canvas.doForm(_TOTAL)
        self._canvas.restoreState()
        self._canvas.showPage()
