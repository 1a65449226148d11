"""A call is taken at the desk, the guard's page rings, he answers there, desk and board see it: nobody reloads."""

import pytest
from playwright.async_api import expect

from tests.pages.desk import sent, take_call
from tests.pages.house import House
from tests.pages.table import PAGES
from tests.support.browser import Language

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]
DESK, POST, BOARD = (next(row for row in PAGES if row.name == name) for name in ("desk", "post", "board"))
WORDS = {"zh": ("明白", "已明白"), "en": ("Got it", "Acknowledged")}
PATIENCE_MS = 60_000
"""What other processes need on a machine that is busy; how long it took is not judged."""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_call_rings_at_the_post_and_its_answer_is_seen(house: House, language: Language) -> None:
    town = house.installation
    button, answered = WORDS[language]
    async with house.opened(DESK, language=language) as desk, house.opened(BOARD, language=language) as board:
        await take_call(desk.page, "3栋1单元1203")
        report = await sent(desk.page)
        task = await town.task(report, "hold_lift")
        to = (await town.seen(report, "task.assigned", task_id=task))["to"]
        card = board.page.locator(f"[data-report='{report}']")
        await expect(card).to_be_visible(timeout=PATIENCE_MS)
        async with house.opened(POST, language=language, size="small-phone", post=to["post"]) as guard:
            mine = guard.page.locator(f"[data-task='{task}']")
            await expect(mine).to_be_visible(timeout=PATIENCE_MS)
            await mine.get_by_role("button", name=button).click()
        await town.seen(report, "task.changed", task_id=task, what="acknowledged")
        line = desk.page.locator(f"#case-body [data-task='{task}']")
        await expect(line).to_contain_text(answered, timeout=PATIENCE_MS)
        # Where many tasks press more, it stands among the rest that a click shows.
        await expect(card.locator(".task.acknowledged").first).to_be_attached(timeout=PATIENCE_MS)
        await town.amend(report, "withdraw", "customer_assistant", reason="试完")


async def test_a_board_whose_stream_is_cut_says_so_and_misses_nothing(house: House) -> None:
    town = house.installation
    async with house.opened(BOARD) as board:
        board.forgive("Failed to load resource|ERR_")
        paused = board.page.locator("#paused")
        await expect(paused).to_be_hidden(timeout=PATIENCE_MS)
        town.processes["register"].pause()
        try:
            await expect(paused).to_be_visible(timeout=PATIENCE_MS)
            report = await town.file("security", kind="fight", place="南门", text="两人推搡")
        finally:
            town.processes["register"].resume()
        await expect(board.page.locator(f"[data-report='{report}']")).to_be_visible(timeout=PATIENCE_MS)
        await expect(paused).to_be_hidden(timeout=PATIENCE_MS)
        await town.amend(report, "withdraw", "customer_assistant", reason="试完")
