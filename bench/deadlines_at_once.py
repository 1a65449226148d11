"""P7: thousands of deadlines at one instant, half of them emergencies: when all are published, and which first."""

import asyncio
from contextlib import AsyncExitStack

from aiokafka import AIOKafkaConsumer

from bench.arena import Arena
from bench.deadlines import now_ms, rings
from bench.driving import reader
from bench.figure import Figure
from bench.pending import put, quiet
from bench.site import Site
from shared.contracts.vocabulary import LANES

_AHEAD_MS = 5_000
_PATIENCE_S = 60.0


async def run(arena: Arena) -> Figure:
    """`met` also needs that in every round the last emergency was published before the last routine one."""
    name = f"{arena.sizes.at_once:,} deadlines at one instant, all published"
    figure = Figure("P7", name, "s", "≤ 2 s, emergencies first", most_ours=2.0)
    async with arena.site() as site:
        for lane in LANES:
            await site.start(f"ticker.{lane}", "bench.ticking", "--lane", lane, ready=False)
        for _ in range(arena.rounds):
            arena.noise.read()
            last = await _round(arena, site)
            figure.ours.append(max(last.values()))
            figure.also = figure.also and last["emergency"] < last["routine"]
            figure.notes.append(", ".join(f"last {lane} after {s:.2f} s" for lane, s in last.items()))
    return figure


async def _round(arena: Arena, site: Site) -> dict[str, float]:
    each = arena.sizes.at_once // len(LANES)
    async with AsyncExitStack() as readers:
        said = {
            lane: await readers.enter_async_context(reader(site, f"replies.{lane}", end=True)) for lane in LANES
        }
        due = now_ms() + _AHEAD_MS
        for lane in LANES:
            await put(site, lane, [due] * each)
        if now_ms() > due:
            raise RuntimeError("the deadlines were due before they were all written")
        return {lane: await _last(site, consumer, each) for lane, consumer in said.items()}


async def _last(site: Site, consumer: AIOKafkaConsumer, wanted: int) -> float:
    """Seconds from the instant to the last of the first rings."""
    late: dict[str, float] = {}
    async with asyncio.timeout(_PATIENCE_S):
        while len(late) < wanted:
            for case, value in await rings(consumer):
                late.setdefault(case, value)
    await quiet(site, list(late))
    return max(late.values()) / 1000
