"""P6: how late deadlines are with a million pending and 200 a second falling due, against a thousand pending."""

import asyncio
import shutil
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer

from bench.arena import Arena
from bench.driving import reader
from bench.figure import Figure, percentile
from bench.pending import CASE_BYTES, put, quiet
from bench.site import Shares, Site
from shared.contracts.history import read_event
from shared.contracts.replies import DeadlinePassed
from shared.contracts.vocabulary import Lane

LANE: Lane = "emergency"
TOPIC = f"replies.{LANE}"
_FAR_MS = 30 * 86_400_000
_AHEAD_MS = 4_000
_PATIENCE_S = 60.0


async def run(arena: Arena) -> Figure:
    """Pending ones are due within a month, so that the index is as wide as it is deep."""
    sizes = arena.sizes
    name = f"deadlines: lateness p99, {sizes.pending:,} pending, {sizes.due_a_second} a second due"
    figure = Figure("P6", name, "ms", "≤ 1.2 × and ≤ 100 ms", most=1.2, most_ours=100.0)
    _refuse_small_disk(arena)
    async with arena.site() as ours, arena.site() as floor:
        for site, pending in ((ours, sizes.pending), (floor, sizes.pending_floor)):
            await _pend(site, pending)
            await site.start("ticker", "bench.ticking", "--lane", LANE, ready=False)
        for _ in range(arena.rounds):
            figure.ours.append(await _p99(arena, ours, f"{sizes.pending:,} pending", figure))
            figure.floor.append(await _p99(arena, floor, f"{sizes.pending_floor:,} pending", figure))
        arena.weigh(ours, "ticker")
    return figure


def _refuse_small_disk(arena: Arena) -> None:
    needed = arena.sizes.pending * CASE_BYTES * 2
    if shutil.disk_usage(arena.folder).free < needed:
        raise RuntimeError(f"{needed / 2**30:.0f} GiB of disk are needed")


async def _pend(site: Site, pending: int) -> None:
    first = now_ms() + 3_600_000
    await put(site, LANE, [first + n * _FAR_MS // pending for n in range(pending)])
    await site.store["dispatch_cases"].create_index([("lane", 1), ("ring_at", 1)], name="due", sparse=True)


async def _p99(arena: Arena, site: Site, whose: str, figure: Figure) -> float:
    wanted = arena.sizes.due_a_second * arena.sizes.due_seconds
    arena.noise.read()
    async with reader(site, TOPIC, end=True) as consumer:
        first = now_ms() + _AHEAD_MS
        await put(site, LANE, [first + n * 1000 // arena.sizes.due_a_second for n in range(wanted)])
        if now_ms() > first:
            raise RuntimeError("the deadlines were due before they were all written")
        shares = Shares(arena.stack, site)
        found = await _lateness(site, consumer, wanted)
    figure.notes.append(f"{whose}: p50 {percentile(found, 0.5):.0f} ms; {shares.words(wanted, 'deadline')}")
    return percentile(found, 0.99)


async def _lateness(site: Site, consumer: AIOKafkaConsumer, wanted: int) -> list[float]:
    """By the broker's time of append; the first ring of each counts."""
    late: dict[str, float] = {}
    async with asyncio.timeout(_PATIENCE_S):
        while len(late) < wanted:
            rung = await rings(consumer)
            for report_id, value in rung:
                late.setdefault(report_id, value)
            await quiet(site, [report_id for report_id, _ in rung])
    return list(late.values())


async def rings(consumer: AIOKafkaConsumer) -> Sequence[tuple[str, float]]:
    """Which case rang, and how many milliseconds late."""
    found: list[tuple[str, float]] = []
    for records in (await consumer.getmany(timeout_ms=200)).values():
        for record in records:
            passed = read_event(record.value)
            assert isinstance(passed, DeadlinePassed)
            found.append((passed.report_id, record.timestamp - passed.due_at.timestamp() * 1000))
    return found


def now_ms() -> int:
    return int(time.time() * 1000)
