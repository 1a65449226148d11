"""N4: `kill -9` in the middle of sending: how many pages come twice, and whether any is lost."""

import asyncio
from collections import Counter

from bench.arena import Arena
from bench.driving import fill
from bench.estate import PAGERS, medical, paged
from bench.figure import Figure
from bench.pager_site import PagerSite, pager_site
from bench.site import Site
from shared.contracts.reports import ReportFiled
from shared.platform.estate_store import apply_estates

_LANE = ("notify.emergency", "services.notify.main", "--lane", "emergency")
_HOLDS_S = 0.5
_PATIENCE_S = 60.0
_PART = 3
_FIRST = 1000


async def run(arena: Arena) -> Figure:
    """`met`: in every round none was lost, and no more came twice than were under way at the kill."""
    count = arena.sizes.killed_pages
    figure = Figure(
        "N4", f"kill -9 while sending {count} pages: pages that came twice", "pages", "≤ in flight, none lost"
    )
    async with arena.site() as site, pager_site(_HOLDS_S) as pagers:
        await apply_estates(site.store, [paged(pagers.port, "leader-1")])
        await site.start("dispatch.emergency", "services.dispatch.main", "--lane", "emergency")
        for turn in range(arena.rounds):
            arena.noise.read()
            await site.start(*_LANE)
            before = len(pagers.pages)
            places = range(_FIRST + turn * count, _FIRST + (turn + 1) * count)
            in_flight = await _killed(site, pagers, places)
            await site.start(*_LANE)
            lost, twice, oftener = await _counted(pagers, before, places)
            figure.ours.append(float(twice))
            figure.also = figure.also and not lost and not oftener and twice <= in_flight
            figure.notes.append(f"{in_flight} under way at the kill, {lost} lost, {twice} twice, {oftener} oftener")
            await site.stop("notify.emergency")
    return figure


def _at(number: int) -> ReportFiled:
    """Each report at a place of its own, by which its page is known."""
    place = {"patient_place": f"3栋1单元{number}", "place": f"3栋1单元{number}", "place_short": f"B3-1-{number}"}
    return medical().model_copy(update=place)


async def _killed(site: Site, pagers: PagerSite, places: range) -> int:
    before = len(pagers.pages)
    await fill(site, [_at(place) for place in places])
    await pagers.until(before + len(places) // _PART, _PATIENCE_S)
    await asyncio.to_thread(site.processes["notify.emergency"].kill)
    del site.processes["notify.emergency"]
    return pagers.under_way


async def _counted(pagers: PagerSite, before: int, places: range) -> tuple[int, int, int]:
    """Lost, twice, oftener than twice; told by the place, since the code may be a new one.

    What comes again of an earlier round counts as oftener.
    """

    def pages() -> Counter[int]:
        leader = [p.text for p in pagers.pages[before:] if p.pager == PAGERS["leader-1"]]
        return Counter(int(text.split("B3-1-")[1].split(".")[0]) for text in leader if "AMBULANCE" in text)

    async with asyncio.timeout(_PATIENCE_S):
        while not pages().keys() >= set(places):
            await asyncio.sleep(0.1)
    await pagers.settle()
    found = pages()
    earlier = sum(n for place, n in found.items() if place not in places)
    ours = [found[place] for place in places]
    return ours.count(0), ours.count(2), earlier + sum(n > 2 for n in ours)
