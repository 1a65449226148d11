"""P8: what each process takes of memory at the end of a load that goes through all of them."""

import asyncio
import time

from bench.accepting import drive
from bench.arena import Arena
from bench.figure import Figure
from bench.site import Site

SERVICES: dict[str, tuple[str, ...]] = {
    "intake": ("services.intake.main",),
    "dispatch.emergency": ("services.dispatch.main", "--lane", "emergency"),
    "dispatch.routine": ("services.dispatch.main", "--lane", "routine"),
    "escalation.emergency": ("services.escalation.main", "--lane", "emergency"),
    "escalation.routine": ("services.escalation.main", "--lane", "routine"),
    "register": ("services.register.main",),
}
_SETTLE_S = 240.0


async def run(arena: Arena) -> Figure:
    """The biggest process counts, here and in the loads of the other figures of the same run."""
    figure = Figure("P8", "memory of the biggest process under load", "MiB PSS", "≤ 150 MiB", most_ours=150.0)
    for _ in range(arena.rounds if not arena.memory else 1):
        async with arena.site() as site:
            for name, arguments in SERVICES.items():
                await site.start(name, *arguments)
            arena.noise.read()
            await _load(arena, site)
            arena.weigh(site, *SERVICES)
            figure.ours.append(max(arena.memory[name] for name in SERVICES))
    found = sorted(((m, n) for n, m in arena.memory.items() if n in SERVICES), reverse=True)
    figure.notes.append(", ".join(f"{name} {mib:.0f}" for mib, name in found))
    return figure


async def _load(arena: Arena, site: Site) -> None:
    """Four inquiries to one emergency, then until the register has seen everything there is for a while."""
    emergencies = arena.sizes.load // 5
    routine = arena.sizes.load - emergencies
    await asyncio.gather(
        drive(site, "intake", routine, arena.sizes.connections),
        drive(site, "intake", emergencies, 4, "--category", "medical"),
    )
    began = time.monotonic()
    while await site.store["numbers"].estimated_document_count() < arena.sizes.load:
        if time.monotonic() - began > _SETTLE_S:
            raise RuntimeError("the register did not come to its end")
        await asyncio.sleep(0.5)
