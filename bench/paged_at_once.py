"""N2: as many emergencies as devices, all filed at once at as many estates: when the last device has its page."""

import asyncio
import time

from aiokafka import AIOKafkaProducer

from bench.arena import Arena
from bench.estate import CODE, PAGERS, medical, paged, record
from bench.figure import Figure
from bench.pager_site import PagerSite, pager_site
from bench.site import Site
from shared.platform.estate_store import apply_estates

_PATIENCE_S = 60.0


async def run(arena: Arena) -> Figure:
    """Each estate's leader has a pager, nobody else, so each emergency is one page."""
    count = arena.sizes.page_estates
    name = f"{count} emergencies for {count} devices at once, the last page"
    figure = Figure("N2", name, "s", "≤ 2 s", most_ours=2.0)
    codes = [f"{CODE}-{n:02d}" for n in range(count)]
    async with arena.site() as site, pager_site() as pagers:
        await apply_estates(site.store, [paged(pagers.port, "leader-1", code=code) for code in codes])
        await site.start("dispatch.emergency", "services.dispatch.main", "--lane", "emergency")
        await site.start("notify.emergency", "services.notify.main", "--lane", "emergency")
        await _at_once(site, pagers, codes)
        for _ in range(arena.rounds):
            arena.noise.read()
            first, last = await _at_once(site, pagers, codes)
            figure.ours.append(last)
            figure.notes.append(f"first page after {first * 1000:.0f} ms, last after {last * 1000:.0f} ms")
    return figure


async def _at_once(site: Site, pagers: PagerSite, codes: list[str]) -> tuple[float, float]:
    records, before = [record(medical(code)) for code in codes], len(pagers.pages)
    producer = AIOKafkaProducer(bootstrap_servers=site.settings.kafka, acks="all", enable_idempotence=True)
    async with producer:
        began = time.perf_counter()
        sending = [
            producer.send_and_wait(site.topic(r.topic), r.value, r.key.encode(), headers=r.headers) for r in records
        ]
        await asyncio.gather(*sending)
        await pagers.until(before + len(codes), _PATIENCE_S)
    await pagers.settle()
    found = [p.at - began for p in pagers.pages[before:] if p.pager == PAGERS["leader-1"]]
    return min(found), sorted(found)[len(codes) - 1]
