"""P4: the register from full topics: log, rows and numbers. The floor: one `insert_many` and one upsert a row."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient

from bench.arena import Arena
from bench.driving import fill
from bench.evening import events
from bench.figure import Figure
from bench.site import Shares, Site
from shared.contracts.event import Event
from shared.contracts.vocabulary import LANES

_PATIENCE_S = 180.0


async def run(arena: Arena) -> Figure:
    """What counts is committed: a batch is, when log, numbers and rows are durable."""
    figure = Figure("P4", "register from full topics", "events/s", "≥ 0.35 ×", least=0.35)
    before = 0
    async with arena.site() as ours, arena.site() as floor:
        for _ in range(arena.rounds):
            mix = events(arena.sizes.register)
            figure.ours.append(await _rate(arena, ours, figure, "register", mix, before))
            figure.floor.append(await _rate(arena, floor, figure, "floor", mix, before))
            before += len(mix)
            await _check(ours, before)
    return figure


async def _rate(arena: Arena, site: Site, figure: Figure, whose: str, mix: Sequence[Event], before: int) -> float:
    await fill(site, mix)
    arena.noise.read()
    if whose == "floor":
        await site.start("floor", "bench.floors", "register", ready=False)
        groups = [f"floor.register.{lane}" for lane in LANES]
    else:
        await site.start(whose, "services.register.main", ready=False)
        groups = [f"baoshi.register.{lane}" for lane in LANES]
    shares = Shares(arena.stack, site)
    found = await _committed_rate(site, groups, before, len(mix))
    figure.notes.append(shares.words(len(mix), "event"))
    if whose != "floor":
        arena.weigh(site, whose)
    await site.stop(whose)
    return found


async def _committed_rate(site: Site, groups: Sequence[str], before: int, wanted: int) -> float:
    """Without the first tenth, in which processes and caches warm up."""
    admin = AIOKafkaAdminClient(bootstrap_servers=site.settings.kafka)
    await admin.start()
    seen: list[tuple[float, int]] = []
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not seen or seen[-1][1] < wanted:
                done = [await admin.list_consumer_group_offsets(site.topic(g)) for g in groups]
                total = sum(max(0, place.offset) for offsets in done for place in offsets.values()) - before
                seen.append((time.perf_counter(), total))
                site.check_alive()
                await asyncio.sleep(0.1)
    finally:
        await admin.close()
    warm = next((s for s in seen if s[1] >= wanted / 10), seen[0])
    last = next(s for s in seen if s[1] >= wanted)
    return (last[1] - warm[1]) / max(0.001, last[0] - warm[0])


async def _check(site: Site, wanted: int) -> None:
    """A rate of what is not all there would be no rate."""
    logged = await site.store["events"].count_documents({})
    if logged != wanted:
        raise RuntimeError(f"the register has {logged} of {wanted} events")
