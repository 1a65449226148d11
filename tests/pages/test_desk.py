"""A call is taken at the desk in a real browser, over the whole installation."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.pages.desk import KEPT
from tests.pages.evening import MARKUP
from tests.pages.house import ESTATE, House
from tests.pages.table import PAGES
from tests.support.browser import SIZES, Watched, axe
from tests.support.installation import until

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
ROW = next(row for row in PAGES if row.name == "desk")
LATE = 30_000


@pytest_asyncio.fixture(loop_scope="session")
async def desk(house: House) -> AsyncIterator[Watched]:
    """Somebody at the desk, with the page as it opens."""
    async with house.opened(ROW) as watched:
        # What the register has not heard of yet, or has no list of.
        watched.forgive("status of 404")
        yield watched


async def call_of(house: House, page: Page) -> str:
    """The report that the page has filed, once the register has it."""
    await page.locator(".case-place").wait_for(timeout=LATE)
    kept = await page.evaluate(f"{KEPT}.report")
    house.installation.filed.append(kept)
    return str(kept)


async def filed_of(house: House, report: str) -> dict[str, Any]:
    return await house.installation.seen(report, "report.filed")


def sends(page: Page, path: str) -> list[Any]:
    """What the page posts to such an address, as it does."""
    found: list[Any] = []
    page.on("request", lambda r: found.append(r.post_data_json) if r.method == "POST" and path in r.url else None)
    return found


async def test_a_call_is_taken_by_the_keyboard_alone(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("1")
    await keys.type("3栋1单元1201")
    await keys.press("Tab")
    await keys.type("13800138000")
    for _ in range(2):
        await keys.press("Tab")
    await keys.press("Space")
    await expect(page.locator("#call [value=ambulance]")).to_have_attribute("aria-pressed", "true")
    await keys.press("Control+Enter")
    report = await call_of(house, page)
    filed = await filed_of(house, report)
    assert report.startswith(f"emergency.medical.{ESTATE}.")
    assert (filed["patient_place"], filed["patient_phone"]) == ("3栋1单元1201", "+8613800138000")
    assert filed["help"] == ["ambulance"] and filed["channel"] == "phone"
    assert filed["by"] == {"role": "customer_assistant", "person": "desk-1"}
    await expect(page.locator("#told")).to_contain_text("当班班长", timeout=LATE)
    await expect(page.locator("#send-state")).to_have_text("")


async def test_an_emergency_goes_out_with_its_class_alone_and_is_completed(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("1")
    await expect(page.locator("#send")).to_contain_text("只报类别也可")
    await keys.press("Control+Enter")
    report = await call_of(house, page)
    assert (await filed_of(house, report)).get("patient_place") is None
    await keys.type("1栋1单元502")
    await keys.press("Control+Enter")
    placed = await house.installation.seen(report, "amendment.place_corrected")
    assert placed["place"] == "1栋1单元502"
    await expect(page.locator(".case-place")).to_have_text("1栋1单元502", timeout=LATE)


async def test_what_the_caller_must_not_be_told_stands_beside_the_questions(desk: Watched) -> None:
    await desk.page.keyboard.press("1")
    await expect(desk.page.locator("#call .never").first).to_contain_text("不懂不装懂")
    first, second = await desk.page.locator("#call .field label").all_inner_texts(), ["病人住址", "病人联系电话"]
    assert first[:2] == second


async def test_by_what_way_it_came_decides_what_is_asked(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("4")
    await expect(page.locator("#call .part")).to_contain_text("不懂不装懂")
    await page.locator("#call .channel").select_option("written")
    await expect(page.locator("#call .part")).to_contain_text("书面")
    await page.locator("#call [data-report=text] textarea").fill("物业费怎么算?")
    await keys.press("Control+Enter")
    filed = await filed_of(house, await call_of(house, page))
    assert (filed["channel"], filed["form"]) == ("written", "written")


async def test_sent_twice_it_is_filed_once(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    posted = sends(page, "/v1/reports")
    await keys.press("2")
    await keys.type("3栋2单元")
    await page.evaluate(
        """() => { for (let n = 0; n < 3; n += 1) document.dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", ctrlKey: true, bubbles: true})); }"""
    )
    await page.locator("#send").evaluate("(send) => { send.click(); send.click(); }")
    await call_of(house, page)
    assert len(posted) == 1


async def test_a_time_out_is_sent_again_under_the_same_key(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    desk.forgive("net::ERR_FAILED")
    seen: list[str] = []

    async def lose_the_answer(route: Route) -> None:
        """The door takes the first one, and the page never hears of it."""
        seen.append(route.request.headers["idempotency-key"])
        if len(seen) == 1:
            await route.fetch()
            return await route.abort()
        return await route.continue_()

    await page.route("**/v1/reports", lose_the_answer)
    await keys.press("5")
    await keys.type("3栋架空层")
    await keys.press("Control+Enter")
    await expect(page.locator("#status")).to_contain_text("还不知道是否收到", timeout=LATE)
    report = await call_of(house, page)
    assert len(seen) == 2 and len(set(seen)) == 1
    assert len(await house.installation.events(report, "report.filed")) == 1


async def test_a_wrong_place_is_read_back_before_it_is_corrected(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("1")
    await keys.type("1栋1单元303")
    await keys.press("Control+Enter")
    report = await call_of(house, page)
    posted = sends(page, "/amendments")
    await page.locator("#call [data-report=patient_place] input").fill("1栋1单元305")
    await keys.press("Control+Enter")
    correct = page.locator("dialog button.primary")
    await expect(page.locator("dialog .read-aloud")).to_have_text("1栋1单元305")
    await expect(correct).to_be_disabled()
    await keys.press("Escape")
    assert posted == [], "not read back, not sent"
    await page.locator("#send").click()
    await page.locator("#read-back").check()
    await correct.click()
    assert (await house.installation.seen(report, "amendment.place_corrected"))["place"] == "1栋1单元305"


async def test_what_is_refused_is_said_beside_its_field(desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    desk.forgive("status of 422")
    await keys.press("2")
    await page.locator("#call [data-report=reporter_phone] input").fill("abc")
    await keys.press("Control+Enter")
    field = page.locator("#call [data-report=reporter_phone]")
    await expect(field.locator(".why")).to_contain_text("不是电话号码", timeout=LATE)
    await expect(field.locator("input")).to_be_focused()
    await expect(field.locator("input")).to_have_value("abc")


async def test_what_is_typed_outlives_a_reload_and_no_sending(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("3")
    await page.locator("#call [data-report=text] textarea").fill("楼上半夜装修")
    await page.reload()
    await expect(page.locator("#call [data-report=text] textarea")).to_have_value("楼上半夜装修")
    await keys.press("Control+Enter")
    await call_of(house, page)
    assert "楼上半夜装修" not in await page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


async def test_single_keys_rest_in_fields_and_can_be_switched_off(desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("4")
    await keys.type("7")
    await expect(page.locator("#classes [aria-pressed=true]")).to_have_attribute("data-category", "inquiry")
    await keys.press("Escape")
    await page.locator("#shortcuts").uncheck()
    await keys.press("6")
    await expect(page.locator("#classes [aria-pressed=true]")).to_have_attribute("data-category", "inquiry")


async def test_who_rings_again_is_answered_without_a_new_case(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    posted = sends(page, "/v1/reports")
    await keys.press("f")
    await keys.type("1201")
    await page.locator("#found .line").first.click()
    await page.locator(".case-place").wait_for(timeout=LATE)
    await page.get_by_role("button", name="再次来电", exact=True).click()
    await expect(page.locator(".read-aloud-list")).to_contain_text("起,已")
    await page.locator("dialog [data-field=asked_what] input").fill("人到哪了")
    await page.locator("dialog [data-field=said_what] input").fill("在路上")
    await page.locator("dialog").get_by_text("否", exact=True).click()
    await page.get_by_role("button", name="已答复,记下").click()

    async def noted() -> bool:
        ended = house.installation.store["events"].find({"type": "task.ended", "body.record.said_what": "在路上"})
        return bool(await ended.to_list())

    assert await until(noted, 30)
    assert [body for body in posted if "category" in (body or {})] == []


async def test_an_answer_heard_on_the_radio_is_entered_for_the_guard(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("1")
    await keys.type("3栋1单元601")
    await page.locator("#call [value=ambulance]").click()
    await keys.press("Control+Enter")
    report = await call_of(house, page)
    await expect(page.locator("#told")).to_contain_text("当班班长", timeout=LATE)
    await keys.press("Escape")
    await keys.press("r")
    await page.locator("dialog [data-radio*=tell_leader]").click(timeout=LATE)
    await page.locator("[data-heard=acknowledge]").click()
    await expect(page.locator("dialog [role=alert]")).to_have_text("写下听到的原话")
    await page.locator("#radio-words").fill("南门明白")
    await page.locator("[data-heard=acknowledge]").click()
    heard = await house.installation.seen(report, "reply.acknowledged")
    assert heard["by"]["role"] == "shift_leader" and heard["words"] == "南门明白"
    assert heard["heard_by"] == {"role": "customer_assistant", "person": "desk-1"}
    await expect(page.locator("[data-task*=tell_leader] .state")).to_contain_text("已明白", timeout=LATE)


async def test_reports_of_one_event_are_linked_only_by_hand(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    first = await house.installation.file("disaster", kind="fire", place="3栋2单元9楼")
    await house.installation.seen(first, "task.assigned")
    await keys.press("6")
    await keys.type("3栋2单元901")
    await page.locator("#call [value=fire]").click()
    link = page.locator(f"[data-link='{first}']")
    await link.wait_for(timeout=LATE)
    assert await page.evaluate(f"{KEPT}.same ?? null") is None
    await link.click()
    await expect(page.locator("#call-same")).to_be_visible()
    await keys.press("Control+Enter")
    report = await call_of(house, page)
    assert (await filed_of(house, report))["same_event_as"] == first


async def test_a_drill_cannot_be_mistaken_and_asks_before_an_emergency(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    posted = sends(page, "/v1/reports")
    await keys.press("d")
    await keys.press("Enter")
    await expect(page.locator("#drill-banner")).to_contain_text("演习 DRILL")
    await keys.press("1")
    await keys.press("Control+Enter")
    await expect(page.locator("dialog")).to_contain_text("这是演习吗")
    assert posted == []
    await keys.press("Enter")
    report = await call_of(house, page)
    assert (await filed_of(house, report))["drill"] is True
    await page.reload()
    await expect(page.locator("#drill-banner")).to_be_hidden()


async def test_the_gate_opens_a_case_by_one_key(house: House) -> None:
    async with house.opened(ROW._replace(reader="gate", ready="#tool-gate")) as watched:
        await watched.page.keyboard.press("g")
        await watched.page.locator("dialog [data-gate=gate-north]").click()
        await expect(watched.page.locator("dialog .read-aloud")).to_have_text("北门岗", timeout=LATE)
        await watched.page.keyboard.press("Escape")
        posted = sends(watched.page, "/v1/reports")
        await watched.page.keyboard.press("g")
        await expect(watched.page.locator("dialog .read-aloud")).to_have_text("北门岗", timeout=LATE)
        assert await watched.page.locator("#classes").is_hidden(), "a gate takes no calls"
    (body,) = posted
    assert (body["category"], body["help"], body["channel"], body["place"]) == (
        "medical",
        ["ambulance"],
        "gate",
        "北门岗",
    )
    assert body["by"] == {"role": "gate_guard", "person": "gate-1", "post": "gate-north"}


async def test_markup_is_read_as_it_was_said(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("7")
    await keys.type(MARKUP[:40])
    await page.locator("#call [data-report=text] textarea").fill(MARKUP)
    await keys.press("Control+Enter")
    await call_of(house, page)
    await expect(page.locator(".case-place")).to_have_text(MARKUP[:40], timeout=LATE)
    assert await page.locator("main img").count() == 0
    await page.locator("#find").fill("onerror")
    await page.locator("#found .line").first.wait_for(timeout=LATE)
    assert await page.locator("main img").count() == 0


async def test_the_card_has_both_languages(desk: Watched) -> None:
    await desk.page.keyboard.press("1")
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("b")
    card = desk.page.locator("dialog table")
    await expect(card.locator("[lang='zh-CN']").nth(1)).to_contain_text("病人住址")
    await expect(card.locator("[lang=en]").nth(1)).to_contain_text("Patient's address")


async def test_earlier_reports_of_the_room_stand_beside_the_call(house: House, desk: Watched) -> None:
    earlier = await house.installation.file("repair", place="1栋2单元707", text="水管漏水")
    await house.installation.seen(earlier, "task.assigned")
    await desk.page.keyboard.press("7")
    await desk.page.keyboard.type("1栋2单元707")
    await expect(desk.page.locator("#room")).to_contain_text("水管漏水", timeout=LATE)


async def test_a_hand_over_is_signed_by_both_sides(house: House, desk: Watched) -> None:
    page = desk.page
    await page.keyboard.press("h")
    await page.locator("#handover-note").fill("3栋电梯待修")
    await page.locator("#give").click()
    await expect(page.locator("dialog [role=status]")).to_contain_text("等对方签名", timeout=LATE)
    async with house.opened(ROW._replace(reader="head")) as night:
        await night.page.locator("#estate").select_option(ESTATE)
        await night.page.keyboard.press("Escape")
        await night.page.keyboard.press("h")
        given = night.page.locator("dialog li", has_text="3栋电梯待修")
        await given.locator(".take").click(timeout=LATE)
        await expect(given.locator(".badge.good")).to_be_visible(timeout=LATE)


async def test_in_the_middle_of_a_call_everything_can_be_read_and_reached(house: House, desk: Watched) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("1")
    await keys.type("3栋1单元1402")
    await page.locator("#call [value=ambulance]").click()
    await keys.press("Control+Enter")
    await call_of(house, page)
    await page.locator(".own").first.wait_for(timeout=LATE)
    for name in ("office", "phone"):
        width, height = SIZES[name]
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert await axe(page) == [], (name, scheme)
    width, height = SIZES["office"]
    await page.set_viewport_size({"width": width, "height": height})
    assert await page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    await expect(page.locator("#send")).to_be_in_viewport(ratio=1)
