"""`make pictures`: each page in both languages, on a phone and on the wall, as PNG in `docs/pictures`."""

import asyncio
import io
import sys
import tempfile
from itertools import product
from pathlib import Path

from PIL import Image

from deploy.local.chromium import chromium
from tests.pages.house import House, a_house
from tests.pages.table import PageRow, there
from tests.support.browser import Language, Scheme
from tests.support.page_files import ROOT
from tests.support.stack import StackAddress, session_stack

PICTURES = ROOT / "docs" / "pictures"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SIZES: tuple[tuple[str, Scheme], ...] = (("phone", "light"), ("wall", "dark"))
"""As they are looked at: a phone in the day, the wall of a control room at night."""
COLOURS = 128
SETTLE_S = 2.0
"""For what a page still draws when it has its data."""


async def draw(house: House, row: PageRow, language: Language, size: str, scheme: Scheme) -> Path:
    """What stands on the screen, in few colours: a tenth of the bytes, and no different to the eye."""
    async with house.opened(row, language=language, size=size, scheme=scheme) as watched:
        for key in row.keys:
            await watched.page.keyboard.press(key)
        await asyncio.sleep(SETTLE_S)
        drawn = await watched.page.screenshot(animations="disabled")
    path = PICTURES / f"{row.name}-{size}-{language}.png"
    with Image.open(io.BytesIO(drawn)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


async def draw_all(stack: StackAddress, folder: Path, wanted: list[str]) -> None:
    """Those pages, or all that there are."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    rows = [row for row in there() if not wanted or row.name in wanted]
    async with chromium() as browser, a_house(stack, browser, folder) as house:
        for row, language, (size, scheme) in product(rows, LANGUAGES, SIZES):
            path = await draw(house, row, language, size, scheme)
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} kB")


def main(wanted: list[str]) -> None:
    with session_stack() as stack, tempfile.TemporaryDirectory() as folder:
        asyncio.run(draw_all(stack, Path(folder), wanted))


if __name__ == "__main__":
    main(sys.argv[1:])
