"""A resident's text full of markup runs nothing and draws nothing: it is read as it was written."""

import pytest

from tests.pages.evening import MARKUP
from tests.pages.house import House
from tests.pages.table import PageRow, there

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
DRAWN = "document.querySelectorAll('img[src=x], script:not([src]):not([type]), [onerror]').length"


@pytest.mark.parametrize("row", there(), ids=lambda row: row.name)
async def test_no_page_runs_what_a_resident_wrote(house: House, row: PageRow) -> None:
    """A dialog of its script, or a refusal of its style, would be a fault of the watched page."""
    async with house.opened(row) as watched:
        assert await watched.page.evaluate(DRAWN) == 0


@pytest.mark.parametrize("row", [row for row in there() if row.name == "report"], ids=lambda row: row.name)
async def test_the_reports_own_page_shows_it_letter_by_letter(house: House, row: PageRow) -> None:
    path = row.path.format(report=house.evening.marked)
    async with house.opened(row, at=house.installation.address(row.service) + path) as watched:
        await watched.page.get_by_text(MARKUP[:40]).first.wait_for()
        assert await watched.page.evaluate(DRAWN) == 0
