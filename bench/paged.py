"""N1: from the report to its page at the pager server, one at a time. The floor: bare loops, the same dialogue."""

import time
from collections.abc import Callable

from aiokafka import AIOKafkaProducer

from bench.arena import Arena
from bench.estate import PAGERS, medical, paged, record
from bench.figure import Figure, percentile
from bench.floors import write_facts
from bench.pager_site import PagerSite, pager_site
from bench.site import Site
from shared.contracts.reports import ReportFiled
from shared.platform.estate_store import apply_estates

_LEADER = PAGERS["leader-1"]
MOST_MS = 500.0


async def run(arena: Arena) -> Figure:
    """`met` also needs ours at 500 ms or less."""
    name = f"report accepted → bytes of the leader's page at the pager server, p99 of {arena.sizes.pages:,}"
    figure = Figure("N1", name, "ms", "≤ 2.5 ×, ≤ 500 ms", most=2.5, most_ours=MOST_MS)
    async with arena.site() as ours, arena.site() as floor, pager_site() as devices, pager_site() as bare:
        await apply_estates(ours.store, [paged(devices.port)])
        await ours.start("dispatch.emergency", "services.dispatch.main", "--lane", "emergency")
        await ours.start("notify.emergency", "services.notify.main", "--lane", "emergency")
        facts = write_facts(floor.folder, medical())
        topic = ("--topic", "reports.medical.emergency", "--write")
        await floor.start("floor", "bench.floors", "loop", *topic, "--facts", str(facts), ready=False)
        pages = ("page", "--topic", "tasks.emergency", "--pagers", str(bare.port))
        await floor.start("floor.page", "bench.floors", *pages, ready=False)
        for site, pagers in ((ours, devices), (floor, bare)):
            await one_at_a_time(site, pagers, medical, max(10, arena.sizes.warm // 5))
        for _ in range(arena.rounds):
            for whose, site, pagers in (("ours", ours, devices), ("floor", floor, bare)):
                arena.noise.read()
                found = await one_at_a_time(site, pagers, medical, arena.sizes.pages)
                getattr(figure, whose).append(percentile(found, 0.99))
                figure.notes.append(
                    f"{whose}: p50 {percentile(found, 0.5):.1f}, p95 {percentile(found, 0.95):.1f} ms"
                )
        arena.weigh(ours, "notify.emergency")
    return figure


async def one_at_a_time(site: Site, pagers: PagerSite, new: Callable[[], ReportFiled], times: int) -> list[float]:
    """Milliseconds from sending each report to the leader's page, each after the one before."""
    producer = AIOKafkaProducer(bootstrap_servers=site.settings.kafka, acks="all", enable_idempotence=True)
    found: list[float] = []
    async with producer:
        for _ in range(times):
            sent, before = record(new()), len(pagers.pages)
            began = time.perf_counter()
            key, topic = sent.key.encode(), site.topic(sent.topic)
            await producer.send_and_wait(topic, sent.value, key=key, headers=sent.headers)
            page = await pagers.next_of(_LEADER, before)
            found.append((page.at - began) * 1000)
            # Its other pages are out before the next report: one emergency at a time.
            await pagers.settle()
    return found
