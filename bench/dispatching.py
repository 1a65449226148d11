"""P3: dispatch from a full topic. The floor: a bare loop with as many records in and out, and no database."""

from bench.accepted_to_task import start_floor
from bench.arena import Arena
from bench.driving import fill, rate, stamps, until_count
from bench.estate import facts_of, inquiry
from bench.figure import Figure
from bench.site import Shares, Site

TOPIC, OUT = "reports.inquiry.routine", "tasks.routine"


async def run(arena: Arena) -> Figure:
    """The topic is filled anew before the process starts; the rate is by when the broker appended the facts."""
    figure = Figure("P3", "dispatch from a full topic", "reports/s", "≥ 0.35 ×", least=0.35)
    async with arena.site() as ours, arena.site() as floor:
        for turn in range(1, arena.rounds + 1):
            figure.ours.append(await _rate(arena, ours, figure, "dispatch.routine", turn))
            figure.floor.append(await _rate(arena, floor, figure, "floor", turn))
    return figure


async def _rate(arena: Arena, site: Site, figure: Figure, whose: str, turn: int) -> float:
    reports = arena.sizes.dispatch
    facts = reports * len(facts_of(inquiry()))
    await fill(site, [inquiry() for _ in range(reports)])
    arena.noise.read()
    if whose == "floor":
        await start_floor(site, TOPIC, "--linger-ms", "5")
    else:
        await site.start(whose, "services.dispatch.main", "--lane", "routine", ready=False)
    shares = Shares(arena.stack, site)
    await until_count(site, [OUT], facts * turn, seconds=120)
    figure.notes.append(shares.words(reports, "report"))
    if whose != "floor":
        arena.weigh(site, whose)
    await site.stop(whose)
    return rate(await stamps(site, OUT, facts), facts / reports)
