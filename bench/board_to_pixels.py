"""B1: the board with 500 open reports on 50 estates while 200 events come each second: from Kafka to pixels.

A real Chromium has the page open. An event is seen when the frame that its card was drawn in was painted; a note,
which changes no word of its card, when the card bears the event's number.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from playwright.async_api import Page

from bench.arena import Arena
from bench.driving import fill
from bench.figure import Figure, percentile
from bench.open_reports import OpenReports, Sent
from bench.site import Busy, Shares, Site
from deploy.local.chromium import chromium
from shared.platform.admin_key import ensure_session_key
from shared.platform.caller import EVERYWHERE
from shared.platform.sessions import COOKIE, Sessions, Who

_ESTATES, _OPEN, _RATE = 50, 500, 200.0
_WARM_S, _COLLECT_S, _PATIENCE_S = 5.0, 5.0, 60.0
_WEIGH_EACH = 12
"""Collections of what was seen; to know the heap it is swept, and the page stands still for 0.1 s meanwhile."""
_FLAT, _FLAT_MIB = 1.1, 8.0
"""What memory may grow by between the first fifth and the end and still be called flat."""
_SEE = """
window.seenCards = [];
let drawn = [];
const painted = new MessageChannel();
painted.port1.onmessage = () => {
  const at = performance.timeOrigin + performance.now();
  for (const [id, v] of drawn) window.seenCards.push([id, v, at]);
  drawn = [];
};
function look(changes) {
  for (const change of changes) {
    for (const card of change.type === "attributes" ? [change.target] : change.addedNodes) {
      if (card.dataset?.report) drawn.push([card.dataset.report, Number(card.dataset.v)]);
    }
  }
  painted.port2.postMessage(0);
}
addEventListener("DOMContentLoaded", () => {
  const cards = document.getElementById("cards");
  new MutationObserver(look).observe(cards, { childList: true, subtree: true, attributeFilter: ["data-v"] });
});
"""


async def run(arena: Arena) -> Figure:
    """One run; its length is an option (`--board-seconds`), since memory says something only after a while."""
    wanted = "p99 ≤ 100 ms, memory flat"
    figure = Figure("B1", "board, from event on Kafka to pixels, p99", "ms", wanted, most_ours=100.0)
    async with arena.site() as site:
        reports = OpenReports(site, _ESTATES, _OPEN)
        await fill(site, await reports.prepare())
        await site.start("register", "services.register.main")
        await until_open(site, _OPEN)
        arena.noise.read()
        async with board_page(site) as page:
            await _measure(arena, site, page, reports, figure)
        arena.weigh(site, "register")
    return figure


async def _measure(arena: Arena, site: Site, page: Page, reports: OpenReports, figure: Figure) -> None:
    seconds = float(arena.sizes.board_seconds)
    await reports.go_on(_RATE, _WARM_S)
    reports.sent.clear()
    shares, busy = Shares(arena.stack, site), Busy()
    sizes, seen = await _watch(site, page, asyncio.create_task(reports.go_on(_RATE, seconds)))
    loads = [shares.words(len(reports.sent), "event"), busy.words()]
    found = await _all_seen(page, reports.sent, seen)
    figure.ours.append(percentile(found, 0.99))
    flat = [_is_flat([size[place] for size in sizes]) for place in (0, 1)]
    figure.also = all(flat)
    p50, p90 = percentile(found, 0.5), percentile(found, 0.9)
    figure.notes += [
        f"{len(found):,} events in {seconds:.0f} s, {_RATE:.0f} a second",
        f"{_OPEN} reports open on {_ESTATES} estates",
        f"p50 {p50:.0f} ms, p90 {p90:.0f} ms, worst {max(found):.0f} ms",
        *loads,
        _grown("page's heap", [size[0] for size in sizes]),
        _grown("register", [size[1] for size in sizes]),
    ]


async def _watch(
    site: Site, page: Page, going: asyncio.Task[None]
) -> tuple[list[tuple[float, float]], list[tuple[str, int, float]]]:
    """Memory of the page and the register meanwhile, and what was seen."""
    seen: list[tuple[str, int, float]] = []
    sizes = [await _sizes(site, page)]
    for collected in count(1):
        if going.done():
            break
        await asyncio.wait([going], timeout=_COLLECT_S)
        site.check_alive()
        seen += await _taken(page)
        if collected % _WEIGH_EACH == 0:
            sizes.append(await _sizes(site, page))
    await going
    return [*sizes, await _sizes(site, page)], seen


async def _all_seen(page: Page, sent: Sequence[Sent], seen: list[tuple[str, int, float]]) -> list[float]:
    """Latencies; raises when the board has not shown everything in a minute."""
    found = latencies(sent, seen)
    for _ in range(int(_PATIENCE_S)):
        if len(found) == len(sent):
            return found
        await asyncio.sleep(1)
        seen += await _taken(page)
        found = latencies(sent, seen)
    raise RuntimeError(f"the board showed {len(found)} of {len(sent)} events")


async def _taken(page: Page) -> list[tuple[str, int, float]]:
    """As one string: handed over value by value they would stand the page still for 50 ms each time."""
    found = json.loads(await page.evaluate("JSON.stringify(window.seenCards.splice(0))"))
    return [(report_id, v, at) for report_id, v, at in found]


async def _sizes(site: Site, page: Page) -> tuple[float, float]:
    return await heap_mib(page), site.pss_mib("register")


def latencies(sent: Iterable[Sent], seen: Iterable[tuple[str, int, float]]) -> list[float]:
    """Milliseconds; several events of a report that were drawn at once are all seen at that time."""
    by_report: dict[str, list[tuple[int, float]]] = {}
    for report_id, v, at in seen:
        by_report.setdefault(report_id, []).append((v, at))
    found: list[float] = []
    for one in sent:
        times = [at for v, at in by_report.get(one.report_id, ()) if v >= one.v]
        if times:
            found.append(min(times) - one.at_ms)
    return found


def _is_flat(sizes: list[float]) -> bool:
    first = sizes[: max(1, len(sizes) // 5)]
    last = sizes[-max(1, len(sizes) // 5) :]
    return min(last) <= min(first) * _FLAT + _FLAT_MIB


def _grown(what: str, sizes: list[float]) -> str:
    return f"{what}: {sizes[0]:.0f} MiB at first, {sizes[-1]:.0f} at the end, {max(sizes):.0f} at most"


async def heap_mib(page: Page) -> float:
    """What the page's scripts hold, after what they hold no more was collected."""
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    await session.send("Performance.enable")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    await session.detach()
    return float(next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize")) / 2**20


@asynccontextmanager
async def board_page(site: Site) -> AsyncIterator[Page]:
    """Open, signed in for all estates, and showing all that is open."""
    host, port = site.address("register")
    base = f"http://{host}:{port}"
    who = Who("bench", "bench", {EVERYWHERE: frozenset({"service_head"})}, {})
    sessions = Sessions(ensure_session_key(site.settings), site.store, site.settings.session_check_s)
    cookie: Any = {"name": COOKIE, "value": sessions.issue(who, 2).token, "url": base}
    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": 1920, "height": 1080})
        await context.add_cookies([cookie])
        page = await context.new_page()
        await page.add_init_script(_SEE)
        await page.goto(f"{base}/board")
        last = page.locator(".case").nth(_OPEN - 1)
        await last.wait_for(state="attached", timeout=_PATIENCE_S * 1000)
        yield page


async def until_open(site: Site, wanted: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while await site.store["rows"].count_documents({"state": "open", "open_tasks": 1}) < wanted:
            site.check_alive()
            await asyncio.sleep(0.2)
