"""The guard's page over the whole installation: it rings, its answers reach the case, offline ones keep a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.pages.house import ESTATE, ORIGIN, House
from tests.support.browser import Language, Watched, a_context, a_page
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
PLACE = "1栋2单元{}"
AWAY = "ERR_INTERNET_DISCONNECTED|Failed to (load|fetch)|ERR_FAILED"


class Guard(NamedTuple):
    context: BrowserContext
    watched: Watched
    town: Installation

    @property
    def page(self) -> Page:
        return self.watched.page

    def task(self, task_id: str) -> Any:
        return self.page.locator(f"[data-task='{task_id}']")

    def key(self, task_id: str, name: str) -> Any:
        return self.task(task_id).get_by_role("button", name=name)


@asynccontextmanager
async def at_the_post(
    house: House, post: str, *, language: Language = "zh", size: str = "small-phone"
) -> AsyncIterator[Guard]:
    token = house.token("post", post)
    async with (
        a_context(house.browser, [ORIGIN], language=language, size=size, token=token) as context,
        a_page(context) as watched,
    ):
        # It asks what became of an answer that the register has not heard of yet.
        watched.forgive("404.*/v1/replies/")
        await watched.page.goto(house.installation.address("notify") + "/post")
        await expect(watched.page.locator("#need-help")).to_be_visible()
        yield Guard(context, watched, house.installation)


async def lift_to_hold(town: Installation, room: str) -> tuple[str, str, str]:
    """A fresh emergency: its report, the task of the guard who is to hold the lift, and that guard's post."""
    report = await town.file("medical", help=["ambulance"], place=PLACE.format(room), patient_phone="13800138000")
    task = await town.task(report, "hold_lift")
    assigned = await town.seen(report, "task.assigned", task_id=task)
    return report, task, assigned["to"]["post"]


async def withdraw(town: Installation, report: str) -> None:
    await town.amend(report, "withdraw", "customer_assistant", reason="试完")


async def test_a_new_task_rings_and_its_answers_reach_the_case(house: House) -> None:
    town = house.installation
    first, _, post = await lift_to_hold(town, "101")
    await withdraw(town, first)
    async with at_the_post(house, post) as guard:
        await guard.page.locator("#sound").click()
        report, task, again = await lift_to_hold(town, "102")
        assert again == post
        await expect(guard.task(task)).to_contain_text("控电梯")
        await expect(guard.page.locator("body")).to_have_class("post ringing")
        await guard.key(task, "明白").click()
        changed = await town.seen(report, "task.changed", task_id=task, what="acknowledged")
        assert changed["by"]["post"] == post and changed["by"]["person"].startswith("guard-")
        await guard.key(task, "出发").click()
        await town.seen(report, "task.changed", task_id=task, what="started")
        await guard.key(task, "到达").click()
        assert await town.ended(task) == "done"
        await expect(guard.task(task)).to_have_count(0)
        await withdraw(town, report)


async def test_what_must_be_recorded_is_asked_before_it_is_sent(house: House) -> None:
    """不知道 wants who was asked; nothing goes out before that."""
    town = house.installation
    report = await town.file("medical", help=["ambulance"], place=PLACE.format("201"), patient_phone="13800138000")
    meet = await town.seen(report, "task.assigned", step="meet")
    async with at_the_post(house, meet["to"]["post"]) as guard:
        task = meet["task_id"]
        await guard.key(task, "直接完成").click()
        dialog = guard.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="到达", exact=True).click()
        await dialog.get_by_role("button", name="不知道").click()
        await dialog.get_by_label("哪个门").fill("南门")
        await dialog.get_by_role("button", name="发送").click()
        await expect(dialog).to_contain_text("请写问了谁")
        await dialog.get_by_role("textbox", name="问了谁").fill("跟车医生")
        await dialog.get_by_role("button", name="发送").click()
        await expect(dialog).to_have_count(0)
        await expect(guard.page.locator(".refused")).to_have_count(0)
        assert await town.ended(task) == "arrived"
        ended = await town.seen(report, "task.ended", task_id=task)
        assert ended["record"]["plate"] == "不详,跟车医生" and ended["record"]["gate"] == "南门"
        await withdraw(town, report)


async def test_answers_made_offline_are_kept_over_a_reload_and_sent_with_their_time(house: House) -> None:
    town = house.installation
    report, task, post = await lift_to_hold(town, "301")
    async with at_the_post(house, post) as guard:
        guard.watched.forgive(AWAY)
        await expect(guard.task(task)).to_be_visible()
        await guard.page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        await guard.context.set_offline(True)
        await guard.key(task, "明白").click()
        await guard.key(task, "出发").click()
        await expect(guard.page.locator("#kept")).to_contain_text("2 条答复等待发送")
        await expect(guard.page.locator("#line")).to_contain_text("请留意对讲机")
        await guard.page.reload()
        await expect(guard.page.locator("#kept")).to_contain_text("2 条答复等待发送")
        assert not await town.events(report, "reply.started")
        await guard.context.set_offline(False)
        started = await town.seen(report, "reply.started", task_id=task)
        acknowledged = await town.seen(report, "reply.acknowledged", task_id=task)
        assert acknowledged["occurred_at"] <= started["occurred_at"] < started["accepted_at"]
        await expect(guard.page.locator("#kept")).to_be_empty()
        await withdraw(town, report)


async def test_another_posts_task_is_not_shown_and_the_register_is_closed(house: House) -> None:
    town = house.installation
    report, task, post = await lift_to_hold(town, "401")
    other = next(name for name in ("patrol-east", "patrol-west", "patrol-north") if name != post)
    async with at_the_post(house, other) as guard:
        guard.watched.forgive("status of 403")
        await expect(guard.page.locator("#tasks > *").first).not_to_contain_text("正在读取")
        await expect(guard.task(task)).to_have_count(0)
        asked = "async (url) => (await fetch(url, {credentials: 'include'})).status"
        assert await guard.page.evaluate(asked, town.address("register") + "/v1/reports") == 403
    await withdraw(town, report)


async def test_cannot_wants_a_reason_and_who_takes_it(house: House) -> None:
    town = house.installation
    report, task, post = await lift_to_hold(town, "501")
    async with at_the_post(house, post) as guard:
        await guard.key(task, "不能…").click()
        dialog = guard.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="发送").click()
        await expect(dialog).to_contain_text("请写原因")
        await dialog.get_by_role("button", name="离得太远").click()
        await dialog.get_by_role("button", name="发送").click()
        await expect(dialog).to_contain_text("请写明谁来办")
        await dialog.get_by_role("button", name="当班班长").click()
        await dialog.get_by_role("button", name="发送").click()
        declined = await town.seen(report, "reply.declined", task_id=task)
        assert (declined["reason"], declined["onward"]) == ("离得太远", "当班班长")
        await expect(guard.task(task)).to_have_count(0)
    await withdraw(town, report)


async def test_i_need_help_without_an_emergency_is_an_emergency_of_its_own(house: House) -> None:
    town = house.installation

    async def filed() -> Any:
        return await town.store["rows"].find_one({"category": "general", "kind": "danger", "place": "北巡逻岗"})

    report, task, _ = await lift_to_hold(town, "601")
    await withdraw(town, report)
    await town.seen(report, "task.withdrawn", task_id=task)
    async with at_the_post(house, "patrol-north") as guard:
        await expect(guard.page.locator("#tasks > *").first).not_to_contain_text("正在读取")
        held = await guard.page.locator(".task.emergency").count()
        await guard.page.locator("#need-help").click()
        await guard.page.get_by_role("button", name="马上要支援").click()
        if held:
            return
        assert await until(filed, 30)
        row = await filed()
        assert row["received_by"]["post"] == "patrol-north"
        await withdraw(town, row["_id"])


async def test_taking_over_is_signed_and_hands_each_task_on_by_name(house: House) -> None:
    """The signature is the name of whoever was chosen; another one does not do."""
    town = house.installation
    report, task, post = await lift_to_hold(town, "701")
    async with at_the_post(house, post) as guard:
        await guard.key(task, "明白").click()
        await town.seen(report, "task.changed", task_id=task, what="acknowledged")
        await guard.page.locator("#take-over").click()
        dialog = guard.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("控电梯")
        sign = dialog.get_by_role("button", name="签名接班")
        await sign.click()
        await expect(dialog).to_contain_text("请选接班人")
        name = dialog.get_by_role("group", name="接班人").get_by_role("button").first
        chosen = await name.inner_text()
        await name.click()
        await dialog.get_by_label("我已接清").check()
        await dialog.get_by_label("签名(写自己的姓名)").fill("别人")
        await sign.click()
        await expect(dialog).to_contain_text("签名须与所选姓名相同")
        await dialog.get_by_label("签名(写自己的姓名)").fill(chosen)
        await sign.click()
        await expect(guard.page.locator("#who")).to_contain_text(chosen)
    await withdraw(town, report)


async def test_a_cut_stream_is_said_and_never_shown_as_calm(house: House) -> None:
    async with at_the_post(house, "gate-north", language="en") as guard:
        guard.watched.forgive(AWAY)
        await expect(guard.page.locator("#line")).to_be_empty()
        await guard.context.set_offline(True)
        await expect(guard.page.locator("#line")).to_contain_text("Listen to the radio", timeout=10_000)
        await guard.context.set_offline(False)
        await expect(guard.page.locator("#line")).to_be_empty(timeout=30_000)


async def test_a_card_is_made_once_and_shown_in_either_language(house: House) -> None:
    town = house.installation
    token = house.token("head")
    async with (
        a_context(house.browser, [ORIGIN], token=token) as context,
        a_page(context) as watched,
    ):
        await watched.page.goto(town.address("notify") + "/post")
        await watched.page.get_by_role("button", name="做新卡:北门岗").last.click()
        code = await watched.page.get_by_role("img", name="打开岗位页面的二维码").get_attribute("src")
        await watched.page.get_by_role("link", name="English").click()
        english = watched.page.get_by_role("img", name="QR code that opens the post's page")
        await expect(english).to_have_attribute("src", code or "")
    links = [link async for link in town.store["post_links"].find({})]
    made = [(link["_id"], link["serial"]) for link in links if link["_id"].startswith(ESTATE)]
    assert made == [(f"{ESTATE}.gate-north", 1)]


async def test_who_signs_out_leaves_no_page_in_the_phone(house: House) -> None:
    notify = house.installation.address("notify")
    kept = """async () => {
      const pages = await (await caches.open("baoshi-post")).keys();
      return pages.map((page) => new URL(page.url).pathname).filter((path) => path === "/post").length;
    }"""
    async with (
        a_context(house.browser, [ORIGIN], token=house.token("head")) as context,
        a_page(context) as watched,
    ):
        page = watched.page
        await page.goto(f"{notify}/post?estate={ESTATE}&post=gate-north")
        await page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
        await page.reload()
        assert await until(lambda: _is(page, kept, 2), 10)
        await page.goto(f"{notify}/session")
        await page.get_by_role("button", name="退出登录").click()
        await expect(page.get_by_label("登录名")).to_be_visible()
        assert await until(lambda: _is(page, kept, 0), 10)


async def _is(page: Page, script: str, count: int) -> bool:
    return bool(await page.evaluate(script) == count)
