"""The board in a real Chromium over a real register: what is loudest, what is new, and what a pause looks like."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from shared.contracts.escalations import RungReached, RungSkipped
from tests.pages.board_case import BoardCase, a_board, an_emergency, answered
from tests.support.browser import Language, axe
from tests.support.lives import Life
from tests.support.stack import StackAddress

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
_PATIENCE_MS = 20_000
_IS_DRAWN = """
picture => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 110, height: 30 });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  return context.getImageData(0, 0, 110, 30).data.some((value) => value > 0);
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def board(
    stack: StackAddress, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[BoardCase]:
    async with a_board(stack, browser, tmp_path_factory.mktemp("board")) as one:
        yield one


async def _appears(page: Page, life: Life) -> None:
    await expect(page.locator(f'[data-report="{life.report_id}"]')).to_be_visible(timeout=_PATIENCE_MS)


async def test_what_is_on_kafka_comes_to_the_board_changes_and_goes(board: BoardCase) -> None:
    async with board.reading() as watched:
        page = watched.page
        await expect(page.locator("#n-open")).not_to_have_text("–", timeout=_PATIENCE_MS)
        life, task = an_emergency(place="清河大厦8栋")
        await board.tell(life)
        shown = page.locator(f'[data-report="{life.report_id}"]')
        await expect(shown).to_contain_text("清河大厦8栋", timeout=_PATIENCE_MS)
        await expect(shown).to_contain_text("急救病人")
        await expect(shown.locator(".state")).to_have_text("未回应")
        await expect(shown.locator(".clock").first).to_contain_text("还有")
        answered(life, task, "started")
        await board.tell(life)
        await expect(shown.locator(".state")).to_have_text("已出发", timeout=_PATIENCE_MS)
        life.ended(task, 2)
        life.closed(2)
        await board.tell(life)
        await expect(shown).to_have_count(0, timeout=_PATIENCE_MS)


async def test_a_line_by_hour_is_drawn_and_told_to_whoever_does_not_see_it(board: BoardCase) -> None:
    async with board.reading() as watched:
        line = watched.page.locator("#today img.spark").first
        await expect(line).to_be_visible(timeout=_PATIENCE_MS)
        await expect(line).to_have_attribute("alt", re.compile(r"^各小时:[\d ]+$"))
        await expect(line).to_have_js_property("naturalWidth", 110)
        assert await line.evaluate(_IS_DRAWN)


async def test_unassigned_overdue_work_is_above_all_and_the_largest(board: BoardCase) -> None:
    calm, calm_task = an_emergency(1, text="calm")
    answered(calm, calm_task)
    late, _ = an_emergency(30, limit=2, text="late")
    alone, task = an_emergency(20, limit=2, text="alone")
    for rung, role in ((1, "shift_leader"), (2, "security_supervisor")):
        alone.fact(RungSkipped, 3, task_id=task, clock="ack", rung=rung, role=role, why="nobody")
    alone.fact(RungReached, 3, task_id=task, clock="ack", rung=3, role="management_director")
    fresh, _ = an_emergency(0.1, text="fresh")
    lives = [calm, late, alone, fresh]
    await board.tell(*lives)
    async with board.reading("?estate=lanting") as watched:
        page = watched.page
        for life in lives:
            await _appears(page, life)
        order = await _order(page)
        assert [order.index(life.report_id) for life in (alone, late, fresh, calm)] == sorted(
            order.index(life.report_id) for life in lives
        )
        sizes = [await _alert_size(page, life) for life in (alone, late, fresh)]
        assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3
        first = page.locator(f'[data-report="{alone.report_id}"]')
        await expect(first.locator(".alert")).to_contain_text("无人办理 · 超时")
        await expect(first.locator(".rung").last).to_contain_text("管理处主任")
        await expect(page.locator("#n-unassigned")).to_have_text("1")
        assert not await axe(page)


async def test_many_cards_keep_their_order_over_all_groups_and_the_reader_his_place(board: BoardCase) -> None:
    many = [an_emergency(1, limit=60 + n, estate="bihai", text=f"many {n}") for n in range(40)]
    lives = [life for life, _ in many]
    await board.tell(*reversed(lives))
    async with board.reading("?estate=bihai") as watched:
        page = watched.page
        await expect(page.locator(".case")).to_have_count(40, timeout=_PATIENCE_MS)
        assert await page.locator(".group").count() > 1
        assert await _order(page) == [life.report_id for life in lives]
        first, task = many[0]
        await page.locator(f'[data-report="{first.report_id}"]').focus()
        answered(first, task)
        await board.tell(first)
        last = page.locator(".group").last.locator(".case").last
        await expect(last).to_have_attribute("data-report", first.report_id, timeout=_PATIENCE_MS)
        assert await _order(page) == [life.report_id for life in (*lives[1:], first)]
        await expect(last).to_be_focused()
        for life, one in many:
            life.ended(one, 2)
            life.closed(2)
        await board.tell(*lives)
        await expect(page.locator(".case")).to_have_count(0, timeout=_PATIENCE_MS)


async def _order(page: Page) -> list[str]:
    found: list[str] = await page.eval_on_selector_all(".case", "all => all.map((c) => c.dataset.report)")
    return found


async def _alert_size(page: Page, life: Life) -> float:
    selector = f'[data-report="{life.report_id}"] .alert'
    return float(await page.eval_on_selector(selector, "e => parseFloat(getComputedStyle(e).fontSize)"))


async def test_a_pause_is_shown_as_one_and_nothing_is_missing_after_it(board: BoardCase) -> None:
    register = board.installation.processes["register"].pid()
    assert register
    async with board.reading() as watched:
        page = watched.page
        await expect(page.locator("#n-open")).not_to_have_text("–", timeout=_PATIENCE_MS)
        await expect(page.locator("#paused")).to_be_hidden()
        os.kill(register, signal.SIGSTOP)
        try:
            await expect(page.locator("#paused")).to_be_visible(timeout=_PATIENCE_MS)
            await expect(page.locator("body")).to_have_class(re.compile("stopped"))
            await expect(page.locator("#paused")).to_contain_text("不是现状")
            await expect(page.locator("#none")).to_be_hidden()
            life, _ = an_emergency(text="meanwhile")
            await board.tell(life)
        finally:
            os.kill(register, signal.SIGCONT)
        await expect(page.locator("#paused")).to_be_hidden(timeout=_PATIENCE_MS)
        await _appears(page, life)


async def test_a_register_that_was_started_again_is_followed_again(board: BoardCase) -> None:
    async with board.reading() as watched:
        page = watched.page
        await expect(page.locator("#n-open")).not_to_have_text("–", timeout=_PATIENCE_MS)
        process = board.installation.processes["register"]
        await asyncio.to_thread(process.stop)
        life, _ = an_emergency(text="while it was away")
        await board.tell(life)
        await board.installation.restart("register")
        await _appears(page, life)
        await expect(page.locator("#paused")).to_be_hidden(timeout=_PATIENCE_MS)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_markup_in_a_place_is_text(board: BoardCase, language: Language) -> None:
    markup = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    life, _ = an_emergency(place=markup, text=f"markup {language}")
    await board.tell(life)
    async with board.reading(language=language) as watched:
        await _appears(watched.page, life)
        shown = watched.page.locator(f'[data-report="{life.report_id}"] .place')
        await expect(shown).to_contain_text(markup)
        assert await watched.page.locator(".case img, .case script").count() == 0
        assert not await axe(watched.page)


async def test_filters_stand_in_the_address_and_hide_no_alarm_silently(board: BoardCase) -> None:
    here, _ = an_emergency(estate="qinghe", text="here")
    there, _ = an_emergency(10, limit=1, estate="bihai", text="there")
    await board.tell(here, there)
    async with board.reading() as watched:
        page = watched.page
        await _appears(page, there)
        await page.select_option("#f-estate", "qinghe")
        await expect(page.locator(f'[data-report="{there.report_id}"]')).to_have_count(0)
        await _appears(page, here)
        await expect(page.locator("#outside")).to_contain_text("筛选之外还有")
        assert "estate=qinghe" in page.url
        await page.reload()
        await _appears(page, here)
        await expect(page.locator(f'[data-report="{there.report_id}"]')).to_have_count(0)


async def test_a_wall_has_no_controls_and_what_does_not_fit_comes_by_turns(board: BoardCase) -> None:
    lives = [an_emergency(1, text=f"wall {n}", estate="bihai")[0] for n in range(15)]
    await board.tell(*lives)
    async with board.reading("?wall=1&estate=bihai", size="wall") as watched:
        page = watched.page
        await expect(page.locator(".case")).not_to_have_count(0, timeout=_PATIENCE_MS)
        assert await page.locator("button, select, input, nav").count() == 0
        await expect(page.locator("#leaf")).to_be_visible(timeout=_PATIENCE_MS)
        seen: set[str] = set()
        wanted = {life.report_id for life in lives}
        async with asyncio.timeout(60):
            while not wanted <= seen:
                visible = "all => all.filter((c) => !c.hidden).map((c) => c.dataset.report)"
                seen |= set(await page.eval_on_selector_all(".case", visible))
                await asyncio.sleep(0.5)
        height = await page.evaluate("document.documentElement.scrollHeight")
        assert height <= 1080, "a wall is not scrolled"


async def test_the_past_is_never_taken_for_now(board: BoardCase) -> None:
    life, task = an_emergency(text="past", estate="qinghe", place="过去的地方")
    await board.tell(life)
    async with board.reading("?estate=qinghe") as watched:
        page = watched.page
        await _appears(page, life)
        await asyncio.sleep(3)
        seen = time.time()
        await asyncio.sleep(3)
        life.ended(task, 10)
        life.closed(10)
        await board.tell(life)
        await expect(page.locator(f'[data-report="{life.report_id}"]')).to_have_count(0, timeout=_PATIENCE_MS)
        ago = time.time() - seen
        await page.click("#replay-open")
        await expect(page.locator("#past")).to_contain_text("不是现在")
        await expect(page.locator("body")).to_have_class(re.compile("past"))
        await page.fill("#r-slider", str(3600 - round(ago)))
        await _appears(page, life)
        news, _ = an_emergency(text="news", estate="bihai", place="现在的地方")
        await board.tell(news)
        await expect(page.locator("#news")).to_contain_text("现在的地方", timeout=_PATIENCE_MS)
        await page.click("#r-now")
        await expect(page.locator("#past")).to_be_hidden()
        await expect(page.locator(f'[data-report="{life.report_id}"]')).to_have_count(0)


async def test_sound_is_armed_by_a_click_and_says_so(board: BoardCase) -> None:
    async with board.reading() as watched:
        page = watched.page
        await expect(page.locator("#sound-state")).to_contain_text("声音未开")
        await page.click("#sound")
        await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#sound-state")).to_have_text("声音已开")
