"""P2: an emergency while the routine lane works off a backlog, against the same without load."""

import asyncio

from aiokafka import AIOKafkaConsumer

from bench.arena import Arena
from bench.driving import OneAtATime, count, fill, one_at_a_time, reader
from bench.estate import inquiry, medical
from bench.figure import Figure, percentile
from bench.site import Site

ROUTINE = "dispatch.routine"
_SLICE, _MOST_VOID = 100, 5
_FACTS = 2
"""What dispatch says to an inquiry."""


async def run(arena: Arena) -> Figure:
    """What was measured while the backlog came to its end does not count."""
    figure = Figure("P2", "the same for medical beside a routine backlog, p99", "ms", "≤ 1.5 ×", most=1.5)
    async with arena.site() as site:
        await site.start("dispatch.emergency", "services.dispatch.main", "--lane", "emergency")
        async with one_at_a_time(site, "tasks.emergency") as way:
            await way.run(medical, arena.sizes.warm)
            for _ in range(arena.rounds):
                arena.noise.read()
                quiet = await way.run(medical, arena.sizes.latency_loaded)
                figure.floor.append(_p99(quiet, "without load", figure))
                figure.ours.append(await _loaded(arena, site, way, figure))
        arena.weigh(site, "dispatch.emergency")
    return figure


async def _loaded(arena: Arena, site: Site, way: OneAtATime, figure: Figure) -> float:
    """In slices; between two of them, while nothing is measured, the backlog is filled up again."""
    found: list[float] = []
    sizes, left, voids = arena.sizes, 0, 0
    arena.noise.read()
    await site.start(ROUTINE, "services.dispatch.main", "--lane", "routine")
    async with reader(site, "tasks.routine") as tasks, reader(site, "reports.inquiry.routine") as reports:
        while len(found) < sizes.latency_loaded:
            if left < sizes.backlog // 2:
                await fill(site, [inquiry() for _ in range(sizes.backlog)])
                await _until_more(tasks)
            measured = await way.run(medical, min(_SLICE, sizes.latency_loaded - len(found)))
            left = await count(reports) - await count(tasks) // _FACTS
            voids += left <= 0
            found += measured if left > 0 else []
            if voids > _MOST_VOID:
                raise RuntimeError("the routine backlog was worked off again and again while it was measured")
    arena.weigh(site, ROUTINE)
    await site.stop(ROUTINE)
    return _p99(found, "beside the backlog", figure)


async def _until_more(tasks: AIOKafkaConsumer) -> None:
    """The routine process is at work."""
    before = await count(tasks)
    async with asyncio.timeout(60):
        while await count(tasks) == before:
            await asyncio.sleep(0.05)


def _p99(found: list[float], whose: str, figure: Figure) -> float:
    middle, late = percentile(found, 0.5), percentile(found, 0.95)
    figure.notes.append(f"{whose}: p50 {middle:.1f}, p95 {late:.1f} ms")
    return percentile(found, 0.99)
