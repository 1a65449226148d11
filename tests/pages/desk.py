"""What a customer assistant does at the desk's page, by its keys."""

from playwright.async_api import Page, expect

KEPT = "JSON.parse(sessionStorage.getItem('baoshi.desk.call.' + document.documentElement.dataset.who) ?? '{}')"
"""The call in hand, as its tab keeps it for whoever is signed in."""


async def take_call(page: Page, place: str) -> None:
    """An emergency patient who wants an ambulance, sent without a mouse but for the kind of help."""
    await page.locator("#classes").wait_for()
    await page.keyboard.press("1")
    await page.locator("#call-body [data-report=patient_place] input").fill(place)
    await page.locator("#call-body [data-report=patient_phone] input").fill("13800138000")
    await page.locator("#call-body [data-report=help] button[value=ambulance]").first.click()
    await page.keyboard.press("Control+Enter")


async def sent(page: Page) -> str:
    """The report's id, once the page looks at its case."""
    link = page.locator("#case-body a[href*='/reports/']").first
    await link.wait_for(timeout=60_000)
    return str(await link.get_attribute("href")).rsplit("/", 1)[1]


async def says(page: Page, what: str) -> None:
    """In the strip that says what is away."""
    await expect(page.locator("#status")).to_contain_text(what, timeout=60_000)
