"""P5: intake over HTTP, each report durable before it is answered. The floor: bare Starlette and aiokafka."""

import asyncio
import json
import sys

from bench.arena import Arena
from bench.figure import Figure
from bench.site import ROOT, Shares, Site


async def run(arena: Arena) -> Figure:
    """Without an `Idempotency-Key`; what one costs, a durable write of its own, stands in the notes."""
    figure = Figure("P5", "intake, accepted reports", "reports/s", "≥ 0.6 ×", least=0.6)
    few = max(1, arena.sizes.intake // 10)
    async with arena.site() as ours, arena.site() as floor:
        await ours.start("intake", "services.intake.main")
        web = ("web", "--topic", "reports.inquiry.routine", "--linger-ms", "5")
        await floor.start("floor", "bench.floors", *web)
        for site in (ours, floor):
            await drive(site, _name(site), few, arena.sizes.connections)
        for _ in range(arena.rounds):
            figure.ours.append(await _rate(arena, ours, figure))
            figure.floor.append(await _rate(arena, floor, figure))
        keyed = await drive(ours, "intake", few * 3, arena.sizes.connections, "--keys")
        figure.notes.append(f"intake with an Idempotency-Key on each: {keyed['rate']:,.0f} reports/s")
        arena.weigh(ours, "intake")
    return figure


async def _rate(arena: Arena, site: Site, figure: Figure) -> float:
    arena.noise.read()
    shares = Shares(arena.stack, site)
    done = await drive(site, _name(site), arena.sizes.intake, arena.sizes.connections)
    figure.notes.append(f"{shares.words(arena.sizes.intake, 'report')}, client {done['cpu_us']:,.0f} µs")
    return done["rate"]


def _name(site: Site) -> str:
    return next(iter(site.processes))


async def drive(site: Site, name: str, reports: int, connections: int, *more: str) -> dict[str, float]:
    """The client in its own process: reports a second, and the CPU that it takes itself."""
    host, port = site.address(name)
    # Behind the dashes, since a secret may begin with one.
    arguments = (*more, "--", host, str(port), site.secret, str(reports), str(connections))
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.http_client", *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    output, _ = await client.communicate()
    if client.returncode:
        raise RuntimeError(f"the client ended with {client.returncode}: {output.decode()}")
    found: dict[str, float] = json.loads(output)
    return found
