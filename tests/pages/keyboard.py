"""Whether a page can be used without a mouse: what Tab reaches, and whether one sees it (WCAG 2.1.1, 2.4.7)."""

from typing import NamedTuple

from playwright.async_api import JSHandle, Page

PRESSES = 400
"""More than any page has to press; where Tab has gone round sooner it ends sooner."""

_USABLE = """
() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex='0']")]
  .filter((e) => !e.disabled && !e.closest("[inert]") && e.checkVisibility({visibilityProperty: true}))
"""
# Of radio buttons, tabs and options Tab reaches one, and arrows the others.
_LEFT = """
(all, reached) => {
  const went = new Set(reached.map((i) => all[i]));
  const widget = "[role=tablist], [role=radiogroup], [role=listbox], [role=toolbar]";
  const group = (e) => e.type === "radio" ? all.filter((o) => o.type === "radio" && o.name === e.name)
    : [...(e.closest(widget)?.querySelectorAll("*") ?? [e])];
  const classes = (e) => [...e.classList].map((c) => `.${c}`).join("");
  const named = (e) => e.tagName.toLowerCase() + (e.id ? `#${e.id}` : classes(e));
  return all.filter((e) => e.isConnected && !e.disabled && !group(e).some((o) => went.has(o))).map(named);
}
"""
# The ring may be drawn around what the control stands in, as a radio button's label.
_HERE = """
(all) => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const ringed = (o) => {
    const style = getComputedStyle(o);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const seen = [e, e.closest("label"), e.parentElement, e.nextElementSibling].some((o) => o && ringed(o));
  const box = e.getBoundingClientRect();
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return [all.indexOf(e), seen, inside, e.outerHTML.slice(0, 120)];
}
"""


class Walk(NamedTuple):
    """`left`: what Tab does not reach; `unseen`: what has the focus without a ring, or out of sight."""

    left: list[str]
    unseen: list[str]


async def tab_through(page: Page) -> Walk:
    """From the top of the page, until Tab comes back to where it was."""
    # A walk that begins in the middle would call what lies above unreachable.
    await page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    usable = await page.evaluate_handle(_USABLE)
    try:
        reached, unseen = await _walk(page, usable)
        return Walk(await usable.evaluate(_LEFT, reached), unseen)
    finally:
        await usable.dispose()


async def _walk(page: Page, usable: JSHandle) -> tuple[list[int], list[str]]:
    reached: list[int] = []
    unseen: list[str] = []
    for _ in range(PRESSES):
        await page.keyboard.press("Tab")
        here = await usable.evaluate(_HERE)
        if here is None:
            break
        index, seen, inside, what = here
        if index in reached[:-1]:
            break
        # Tab stops several times within a date's field, whose parts are the browser's.
        if index >= 0 and index in reached:
            continue
        if index >= 0:
            reached.append(index)
        if not (seen and inside):
            unseen.append(what)
    return reached, unseen
