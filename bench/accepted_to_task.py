"""P1: from the report to its task on Kafka, one at a time. The floor: two hops with a durable write between."""

from bench.arena import Arena
from bench.driving import OneAtATime, one_at_a_time
from bench.estate import inquiry
from bench.figure import Figure, percentile
from bench.floors import write_facts
from bench.site import Shares, Site


async def start_floor(site: Site, topic: str, *arguments: str) -> None:
    """The bare loop, which says as many and as long facts as dispatch does to an inquiry."""
    facts = write_facts(site.folder, inquiry())
    loop = ("loop", "--topic", topic, "--facts", str(facts), *arguments)
    await site.start("floor", "bench.floors", *loop, ready=False)


async def run(arena: Arena) -> Figure:
    sizes = arena.sizes
    name = f"report accepted → its task on Kafka, p99 of {sizes.latency:,}"
    figure = Figure("P1", name, "ms", "≤ 1.6 ×", most=1.6)
    async with arena.site() as ours, arena.site() as floor:
        await ours.start("dispatch.routine", "services.dispatch.main", "--lane", "routine")
        await start_floor(floor, "reports.inquiry.routine", "--write")
        async with one_at_a_time(ours, "tasks.routine") as way, one_at_a_time(floor, "tasks.routine") as bare:
            for lane in (way, bare):
                await lane.run(inquiry, sizes.warm)
            for _ in range(arena.rounds):
                shares = Shares(arena.stack, ours)
                figure.ours.append(await _p99(arena, way, "ours", figure))
                figure.notes.append(shares.words(sizes.latency, "report"))
                figure.floor.append(await _p99(arena, bare, "floor", figure))
        arena.weigh(ours, "dispatch.routine")
    return figure


async def _p99(arena: Arena, way: OneAtATime, whose: str, figure: Figure) -> float:
    arena.noise.read()
    found = await way.run(inquiry, arena.sizes.latency)
    figure.notes.append(f"{whose}: p50 {percentile(found, 0.5):.1f}, p95 {percentile(found, 0.95):.1f} ms")
    return percentile(found, 0.99)
