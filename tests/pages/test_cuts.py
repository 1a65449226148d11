"""Kafka is cut, then MongoDB: the desk says so, takes calls on, and shows who was told when they are back."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.stack import LocalStack
from tests.pages.desk import says, sent, take_call
from tests.pages.house import a_house
from tests.pages.table import PAGES
from tests.support.stack import StackAddress

pytestmark = [
    pytest.mark.fault,
    pytest.mark.stack,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(600),
]
DESK = next(row for row in PAGES if row.name == "desk")
PROVOKED = "Failed to load resource|ERR_"
"""What is away answers 503, or nothing."""
PATIENCE_MS = 120_000


async def test_the_desk_takes_calls_while_kafka_or_mongodb_is_away(
    own_stack: LocalStack, browser: Browser, tmp_path: Path
) -> None:
    stack = StackAddress(own_stack.bootstrap, own_stack.mongo_uri)
    async with a_house(stack, browser, tmp_path) as house, house.opened(DESK) as desk:
        desk.forgive(PROVOKED)
        await says(desk.page, "一切正常")
        own_stack.kafka.pause()
        try:
            await says(desk.page, "Kafka 不通")
            await take_call(desk.page, "3栋1单元1204")
            await expect(desk.page.locator("#call-head")).to_contain_text("已存入本机", timeout=PATIENCE_MS)
        finally:
            own_stack.kafka.resume()
        await somebody_was_told(desk.page)
        await says(desk.page, "一切正常")
        own_stack.mongo.pause()
        try:
            await says(desk.page, "MongoDB 不通")
            await desk.page.locator("#tool-new").click()
            await take_call(desk.page, "3栋1单元1205")
            await expect(desk.page.locator("#call-head .badge.good")).to_be_visible(timeout=PATIENCE_MS)
        finally:
            own_stack.mongo.resume()
        await somebody_was_told(desk.page)
        assert (await house.installation.get(f"/v1/reports/{await sent(desk.page)}")).status_code == 200


async def somebody_was_told(page: Page) -> None:
    await expect(page.locator("#case-body [data-task]").first).to_be_visible(timeout=PATIENCE_MS)
