"""Before anything is measured broker, database and driver work a little, so that no figure pays for their start."""

from bench.arena import Arena
from bench.driving import fill, stamps
from bench.estate import inquiry
from bench.pending import put

_TOPIC = "reports.inquiry.routine"


async def run(arena: Arena) -> None:
    """As many records and documents as a round of dispatch has."""
    some = arena.sizes.dispatch
    async with arena.site() as site:
        await fill(site, [inquiry() for _ in range(some)])
        await stamps(site, _TOPIC, some)
        await put(site, "routine", range(some))
