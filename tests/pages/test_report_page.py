"""The report's page in a real Chromium: in order, markup inert, masked until it is revealed, in both languages."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from deploy.local.chromium import chromium
from shared.platform.sessions import COOKIE
from tests.support.lives import Life, a_paged_life
from tests.support.report_register import ReportRegister, a_report_register
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
PHONE = "13800138005"
MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'


@pytest.fixture
async def register(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[ReportRegister]:
    async with a_report_register(stack, names, tmp_path) as one:
        yield one


@asynccontextmanager
async def opened(
    register: ReportRegister, life: Life, role: str, language: str = "zh", width: int = 1280, scheme: str = "light"
) -> AsyncIterator[tuple[Page, list[str]]]:
    """The page, and what it said on its console that is an error."""
    faults: list[str] = []
    async with chromium() as browser:
        context = await browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        session = register.session(role)  # type: ignore[arg-type]
        cookies = {COOKIE: session[COOKIE], "baoshi_language": language}
        await context.add_cookies([{"name": n, "value": v, "url": register.address} for n, v in cookies.items()])
        page = await context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{register.address}/reports/{life.report_id}")
        await picture(page, f"{role}-{language}-{width}-{scheme}")
        yield page, faults


async def picture(page: Page, name: str) -> None:
    """For looking at, where `BAOSHI_PICTURES` names a folder."""
    if folder := os.environ.get("BAOSHI_PICTURES"):
        await page.screenshot(path=f"{folder}/report-{name}.png", full_page=True)


async def test_the_whole_story_in_order_and_nothing_that_people_wrote_is_run(register: ReportRegister) -> None:
    life = a_paged_life(text=f"{MARKUP} 老人昏倒,电话{PHONE}")
    await register.take(life)
    async with opened(register, life, "guard", width=390, scheme="dark") as (page, faults):
        story = page.locator("ol.story")
        await expect(story.locator("> li")).to_have_count(4)
        whole = await story.inner_text()
        order = ["报事登记", "受理", "赶到病人家", "S3.1.2 · v3", "升级", "无人回应", "到达", "更正"]
        places = [whole.rindex(word) for word in order]
        assert places == sorted(places)
        assert "<script>" in whole and await page.locator("ol.story img").count() == 0
        assert await page.title() == "2026-000001 · 报事"
        await expect(page.locator("h1")).to_contain_text("9栋2单元1505")
        pages = await story.locator("li.page").all_inner_texts()
        assert "已呼" in pages[0] and "拒收" in pages[0] and "已送达" in pages[1] and "已回复" in pages[1]
        correction = story.locator("li.k-correction")
        await expect(correction.locator("ins")).to_have_text("9栋2单元1505")
        assert await page.locator("#reveal").count() == 0 and PHONE not in await page.content()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert not faults, faults


async def test_masked_then_revealed_with_a_reason_then_covered(register: ReportRegister) -> None:
    life = a_paged_life()
    await register.take(life)
    async with opened(register, life, "customer_assistant") as (page, faults):
        body = page.locator("main")
        await expect(body).not_to_contain_text(PHONE)
        await page.fill("#reason", "回电住户")
        await page.click("#reveal button")
        await expect(page.locator("[data-row=patient_phone]")).to_have_text(PHONE)
        await expect(page.locator("[data-row=reporter]")).to_have_text("尤女士")
        await expect(page.locator("ol.story blockquote")).to_contain_text(PHONE)
        await expect(page.locator("ol.story")).to_contain_text("13900139001")
        await picture(page, "revealed")
        await expect(page.locator("#times-looked")).to_have_text("1")
        assert PHONE not in page.url
        await page.click("#cover")
        await expect(body).not_to_contain_text(PHONE)
        assert await register.mongo["readings"].count_documents({"why": "回电住户"}) == 1
        await page.reload()
        await expect(body).not_to_contain_text(PHONE)
        await expect(page.locator("details.reveals")).to_contain_text("回电住户")
        assert not faults, faults


async def test_news_are_announced_and_the_reader_is_not_moved(register: ReportRegister) -> None:
    life = a_paged_life()
    await register.take(life)
    async with opened(register, life, "service_head", "en") as (page, faults):
        await expect(page.locator("h1")).to_contain_text("Emergency patient")
        text = await page.locator("main").inner_text()
        assert "Acknowledged" in text and "Correction" in text and "GO TO THE PATIENT" in text
        await expect(page.locator("#changed")).to_be_hidden()
        await page.wait_for_timeout(1000)
        earlier = len(life.events)
        life.closed(14)
        await register.take_events(life.events[earlier:])
        await expect(page.locator("#changed")).to_be_visible()
        await expect(page.locator("ol.story > li")).to_have_count(4)
        await page.click("#renew")
        await expect(page.locator("ol.story > li")).to_have_count(5)
        await expect(page.locator("ol.story")).to_contain_text("Closed")
        assert not faults, faults


async def test_a_drill_is_unmistakable(register: ReportRegister) -> None:
    life = a_paged_life(drill=True)
    await register.take(life)
    async with opened(register, life, "service_head", "en", width=320) as (page, _):
        await expect(page.locator(".drill-mark")).to_contain_text("Drill")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
