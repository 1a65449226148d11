"""The desk opens while MongoDB is away, and keeps what was typed while intake itself is."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from deploy.local.stack import LocalStack
from shared.platform.sessions import Who, sessions_of
from tests.pages.desk import KEPT
from tests.support.browser import SESSION_COOKIE, Watched, a_context, a_page
from tests.support.estate import an_estate
from tests.support.installation import Installation
from tests.support.stack import new_names, private_stack

pytestmark = [pytest.mark.stack, pytest.mark.fault, pytest.mark.asyncio(loop_scope="session")]
SLOW = 60_000
TAKEN = re.compile("已发出|已存入本机")
"""Intake that has just started keeps what comes on its disk until it has looked at Kafka."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[LocalStack, Installation]]:
    """An installation on a Kafka and a MongoDB that nobody else uses, so that they may be stopped."""
    with private_stack() as local:
        folder: Path = tmp_path_factory.mktemp("away")
        installation = Installation(local.bootstrap, local.mongo_uri, new_names(), folder)
        try:
            await installation.prepare(an_estate())
            await installation.start()
            yield local, installation
        finally:
            await installation.stop()


def token_of(installation: Installation, login: str, person: str) -> str:
    who = Who(login, "前台", {"qinghe": frozenset({"customer_assistant"})}, {"qinghe": person})
    return sessions_of(installation.settings, installation.store).issue(who, 8).token


@pytest_asyncio.fixture(loop_scope="session")
async def desk(alone: tuple[LocalStack, Installation], browser: Browser) -> AsyncIterator[Watched]:
    _, installation = alone
    token = token_of(installation, "staff.desk", "desk-1")
    async with a_context(browser, ["http://127.0.0.1"], token=token) as context, a_page(context) as watched:
        watched.forgive("Failed to load resource|ERR_|CORS")
        await watched.page.goto(installation.address("intake") + "/desk")
        await expect(watched.page.locator("#status")).to_contain_text("一切正常")
        yield watched


async def test_while_mongodb_is_away_the_page_opens_and_a_report_is_taken(
    alone: tuple[LocalStack, Installation], desk: Watched
) -> None:
    local, installation = alone
    page, keys = desk.page, desk.page.keyboard
    local.mongo.process.pause()
    try:
        await expect(page.locator("#status")).to_contain_text("MongoDB 不通:报事仍可受理", timeout=SLOW)
        await page.reload()
        await page.locator("#classes button").first.wait_for()
        await keys.press("1")
        await keys.type("1栋1单元101")
        await keys.press("Control+Enter")
        await expect(page.locator("#call-head")).to_contain_text("已发出", timeout=SLOW)
        report = await page.evaluate(f"{KEPT}.report")
    finally:
        local.mongo.process.resume()
    filed = await installation.seen(report, "report.filed", 60)
    assert filed["patient_place"] == "1栋1单元101"


async def test_while_intake_itself_is_away_nothing_typed_is_lost(
    alone: tuple[LocalStack, Installation], desk: Watched
) -> None:
    _, installation = alone
    page, keys = desk.page, desk.page.keyboard
    intake = installation.processes["intake"]
    intake.kill()
    await expect(page.locator("#status")).to_contain_text("受理连不上", timeout=SLOW)
    await keys.press("1")
    await keys.type("3栋2单元202")
    await keys.press("Control+Enter")
    await expect(page.locator("#status")).to_contain_text("留在本页", timeout=SLOW)
    await installation.restart("intake")
    await expect(page.locator("#call-head")).to_contain_text(TAKEN, timeout=SLOW)
    report = await page.evaluate(f"{KEPT}.report")
    assert (await installation.seen(report, "report.filed", 60))["patient_place"] == "3栋2单元202"


async def test_while_intake_is_away_the_next_call_is_taken_and_both_arrive(
    alone: tuple[LocalStack, Installation], desk: Watched
) -> None:
    """The first is in the strip meanwhile; when it was taken the second, still typed, is as it was."""
    _, installation = alone
    page, keys, strip = desk.page, desk.page.keyboard, desk.page.locator("#status")
    installation.processes["intake"].kill()
    await expect(strip).to_contain_text("受理连不上", timeout=SLOW)
    await keys.press("1")
    await keys.type("3栋2单元301")
    await keys.press("Control+Enter")
    await expect(strip).to_contain_text("可先接下一个来电", timeout=SLOW)
    await keys.press("Escape")
    await keys.press("1")
    await keys.type("3栋2单元302")
    await installation.restart("intake")
    await expect(strip).to_contain_text(re.compile("先前的报事已受理:.*3栋2单元301"), timeout=SLOW)
    await keys.press("Control+Enter")
    await expect(page.locator("#call-head")).to_contain_text(TAKEN, timeout=SLOW)
    second = await page.evaluate(f"{KEPT}.report")
    assert (await installation.seen(second, "report.filed", 60))["patient_place"] == "3栋2单元302"
    await strip.get_by_role("button", name="打开").click()
    await expect(page.locator("#case .case-place")).to_contain_text("3栋2单元301", timeout=SLOW)


async def test_at_the_change_of_shift_what_was_not_sent_is_sent_on_by_whoever_comes(
    alone: tuple[LocalStack, Installation], desk: Watched
) -> None:
    """When the other signs in the door still promises nothing for one's report, and his next call is only typed."""
    _, installation = alone
    page, keys, strip = desk.page, desk.page.keyboard, desk.page.locator("#status")
    await page.route("**/v1/reports", lambda route: route.fulfill(status=503, json={}))
    await keys.press("1")
    await keys.type("3栋1单元401")
    await keys.press("Control+Enter")
    await expect(strip).to_contain_text("可先接下一个来电", timeout=SLOW)
    await keys.press("Escape")
    await keys.press("1")
    await keys.type("3栋1单元402")
    other = token_of(installation, "staff.late", "head-1")
    await page.context.add_cookies([{"name": SESSION_COOKIE, "value": other, "url": "http://127.0.0.1"}])
    await page.reload()
    await expect(strip).to_contain_text(re.compile("1 项还不知道是否收到.*3栋1单元401"), timeout=SLOW)
    await page.unroute("**/v1/reports")
    await expect(page.locator("#case .case-place")).to_contain_text("3栋1单元401", timeout=SLOW)
    await expect(strip).to_contain_text(re.compile("前一位值班人有一个来电没有发出:.*3栋1单元402"), timeout=SLOW)
    await strip.get_by_role("button", name="接过来").click()
    await expect(page.locator("#call-body [data-report=patient_place] input")).to_have_value("3栋1单元402")
    await expect(strip).to_contain_text("一切正常", timeout=SLOW)
    await keys.press("Control+Enter")
    await expect(page.locator("#call-head")).to_contain_text(TAKEN, timeout=SLOW)
    report = await page.evaluate(f"{KEPT}.report")
    assert (await installation.seen(report, "report.filed", 60))["patient_place"] == "3栋1单元402"
