"""What every page owes whoever opens it: no error, nothing its policy forbids, WCAG 2.2 AA, keys, any screen."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.pages.house import House
from tests.pages.keyboard import tab_through
from tests.pages.table import PAGES, PageRow, templates, there
from tests.support.browser import SIZES, Language, Scheme, axe

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
every_page = pytest.mark.parametrize("row", there(), ids=lambda row: row.name)
both_languages = pytest.mark.parametrize("language", ["zh", "en"])
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OUTSIDE = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .slice(0, 5).map((e) => e.outerHTML.slice(0, 90))"""
SCREENS: tuple[tuple[str, Scheme], ...] = (("office", "light"), ("", "dark"))
"""Without a name: the narrowest that the page is made for."""


async def test_the_table_has_every_page_and_no_other() -> None:
    assert set(templates()) == {row.template for row in PAGES}


@every_page
@both_languages
async def test_it_says_nothing_on_the_console_and_fits_every_screen(
    house: House, row: PageRow, language: Language
) -> None:
    async with house.opened(row, language=language, size="wall") as watched:
        assert await watched.page.evaluate("document.documentElement.lang") == _tag(language)
        sizes = list(SIZES)
        for size in sizes[sizes.index(row.narrow) :]:
            await _resize(watched.page, size)
            if await watched.page.evaluate(WIDER) > 0:
                pytest.fail(f"scrolls sideways at {size}: {await watched.page.evaluate(OUTSIDE)}")


@every_page
@both_languages
async def test_axe_finds_nothing_serious(house: House, row: PageRow, language: Language) -> None:
    """On the phone in the dark and at the office in the light."""
    async with house.opened(row, language=language) as watched:
        found: list[Any] = []
        for size, scheme in SCREENS:
            await _resize(watched.page, size or row.narrow)
            await watched.page.emulate_media(color_scheme=scheme)
            found += [(size, scheme, *violation) for violation in await axe(watched.page)]
        assert found == []


@every_page
async def test_the_keyboard_reaches_everything_and_one_sees_where(house: House, row: PageRow) -> None:
    async with house.opened(row) as watched:
        left, unseen = await tab_through(watched.page)
        assert (left, unseen) == ([], [])


@every_page
async def test_a_stranger_sees_no_report(house: House, row: PageRow) -> None:
    async with house.opened(row._replace(reader="nobody", ready="body")) as watched:
        watched.forgive("status of 401")
        assert row.template in ("session", "post", "post_choose") or "/session?next=" in watched.page.url
        assert "1201" not in await watched.page.inner_text("body")


@every_page
async def test_the_other_language_is_one_click_away(house: House, row: PageRow) -> None:
    async with house.opened(row) as watched:
        await watched.page.locator("a[hreflang=en]").first.click()
        await watched.page.wait_for_selector("html[lang=en]")
        await watched.page.wait_for_selector(row.ready)


async def _resize(page: Page, size: str) -> None:
    width, height = SIZES[size]
    await page.set_viewport_size({"width": width, "height": height})


def _tag(language: Language) -> str:
    return "zh-CN" if language == "zh" else "en"
