"""The font that PDF is set in: it has to hold Chinese and Latin, and to be TrueType, which can be embedded."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase.pdfmetrics import getFont, registerFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from shared.contracts.event import Words
from shared.platform.errors import Rejected

PLACES = (
    "/usr/share/fonts/**/wqy-microhei.ttc",
    "/usr/local/share/fonts/**/wqy-microhei.ttc",
    "~/.local/share/fonts/**/wqy-microhei.ttc",
    "/usr/share/fonts/**/wqy-zenhei.ttc",
    "/usr/share/fonts/**/uming.ttc",
    "/usr/share/fonts/**/ukai.ttc",
)
"""Usual places of fonts that fit, best first. What is OpenType by Adobe's outlines, such as Noto CJK, does not."""
PEERS = Path(__file__).resolve().parents[3] / ".local" / "peers"
"""Where `make setup` unpacks what the machine lacks (deploy/local/peers.py)."""
UNPACKED = "*/usr/share/fonts/**/wqy-microhei.ttc"
_NEEDED = "报事登记表Aa0-:(("
_MISSING = "〓"
"""What printers set for a character that they have no type for."""
_NO_FONT = Words(
    zh="没有可用的中文TrueType字体,无法生成PDF:请执行 make setup,或安装fonts-wqy-microhei,"
    "或设置BAOSHI_REGISTER_FONT;xlsx和csv不受影响",
    en="No PDF without a TrueType font that holds Chinese: run make setup, install fonts-wqy-microhei, or set "
    "BAOSHI_REGISTER_FONT; xlsx and csv need none",
)


class Face:
    """One font, embedded by the characters that a document uses."""

    def __init__(self, path: Path) -> None:
        self.name = f"baoshi-{path.stem}"
        registerFont(TTFont(self.name, str(path)))
        font = getFont(self.name)
        self._there: frozenset[int] = frozenset(font.face.charToGlyph)
        self._widths, self._default = font.face.charWidths, font.face.defaultWidth

    def holds(self, text: str) -> bool:
        return all(ord(character) in self._there for character in text)

    def settable(self, text: str) -> str:
        """The same text with a mark for what the font has no glyph for."""
        if self.holds(text):
            return text
        return "".join(c if ord(c) in self._there or not c.isprintable() else _MISSING for c in text)

    def width(self, text: str, size: float) -> float:
        widths, default = self._widths, self._default
        found: float = sum(widths.get(ord(character), default) for character in text) * size / 1000
        return found


def find_face(chosen: Path | None, unpacked: Path = PEERS) -> Face:
    """The font of the settings, else the first that fits. Raises `Rejected` with 503, saying how to get one."""
    for path in [chosen] if chosen else _found(unpacked):
        face = _face(path)
        if face is not None:
            return face
    raise Rejected(503, "no-font", _NO_FONT)


def _found(unpacked: Path) -> Iterable[Path]:
    for place in PLACES:
        root, _, pattern = place.partition("**/")
        yield from sorted(Path(root).expanduser().rglob(pattern))
    yield from sorted(unpacked.glob(UNPACKED))


@lru_cache(maxsize=8)
def _face(path: Path) -> Face | None:
    try:
        face = Face(path)
    except (TTFError, OSError):
        return None
    return face if face.holds(_NEEDED) else None
