"""N3: thousands of tasks unanswered at one instant, half of them emergencies: when the next rungs' pages go out.

The whole chain: the tickers, escalation, notify. Handed to its channel means that the attempt is recorded, which is
when the outbox begins to send it.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from aiokafka import AIOKafkaConsumer

from bench.arena import Arena
from bench.driving import fill, reader
from bench.estate import CODE, paged
from bench.figure import Figure
from bench.pager_site import PagerSite, pager_site
from bench.site import Shares, Site
from shared.contracts.event import Addressee, Words
from shared.contracts.tasks import TaskAssigned
from shared.contracts.vocabulary import LANES, Lane, Role
from shared.platform.clock import floor_ms
from shared.platform.estate_store import apply_estates

_ASKED: dict[Lane, tuple[Role, str, str]] = {
    "emergency": ("shift_leader", "leader-1", "supervisor-1"),
    "routine": ("customer_assistant", "desk-1", "head-1"),
}
"""Whom the task is for, and who holds the next rung."""
_AHEAD_S = 75
_PATIENCE_S = 90.0
_ATTEMPTED = ("ce_type", b"delivery.attempted")


async def run(arena: Arena) -> Figure:
    """`met` also needs that the last emergency was handed over before the last routine one."""
    count = arena.sizes.escalations
    name = f"{count:,} escalations at one instant, all handed to channels"
    figure = Figure("N3", name, "s", "≤ 5 s, emergencies first", most_ours=5.0)
    async with arena.site() as site, pager_site() as pagers:
        await apply_estates(site.store, [paged(pagers.port)])
        for lane in LANES:
            await site.start(f"escalation.{lane}", "services.escalation.main", "--lane", lane)
            await site.start(f"notify.{lane}", "services.notify.main", "--lane", lane)
        arena.noise.read()
        last, shares = await _round(arena, site, pagers, count)
        figure.ours.append(max(last.values()))
        figure.also = last["emergency"] < last["routine"]
        figure.notes.append(", ".join(f"last {lane} after {s:.2f} s" for lane, s in last.items()))
        figure.notes.append(shares)
        for lane in LANES:
            arena.weigh(site, f"notify.{lane}")
    return figure


async def _round(arena: Arena, site: Site, pagers: PagerSite, count: int) -> tuple[dict[Lane, float], str]:
    """One round: the tasks' own pages have to be out before the instant, which takes most of the time."""
    due = floor_ms(datetime.now(UTC)) + timedelta(seconds=_AHEAD_S)
    tasks = [_task(lane, due) for lane in LANES for _ in range(count // 2)]
    before = len(pagers.pages)
    await fill(site, tasks)
    await pagers.until(before + len(tasks), _AHEAD_S)
    await pagers.settle()
    if datetime.now(UTC) >= due:
        raise RuntimeError("the tasks' own pages were not out before the instant")
    shares = Shares(arena.stack, site)
    async with AsyncExitStack() as readers:
        said = {
            lane: await readers.enter_async_context(reader(site, f"deliveries.{lane}", end=True)) for lane in LANES
        }
        found = await asyncio.gather(*(_last(said[lane], lane, count // 2, due) for lane in LANES))
    return dict(zip(LANES, found, strict=True)), shares.words(count, "escalation")


def _task(lane: Lane, due: datetime) -> TaskAssigned:
    category, step = ("medical", "tell_leader") if lane == "emergency" else ("inquiry", "answer_now")
    role, person, _ = _ASKED[lane]
    report, now = f"{lane}.{category}.{CODE}.{uuid4().hex}", due - timedelta(seconds=_AHEAD_S)
    return TaskAssigned.model_validate(
        {
            "event_id": uuid4(),
            "report_id": report,
            "estate_id": CODE,
            "occurred_at": now,
            "accepted_at": now,
            "case_version": 1,
            "index": 0,
            "task_id": f"{report}.{step}.1",
            "step": step,
            "n": 1,
            "clause": ("S2a",),
            "playbook": category,
            "playbook_version": 1,
            "to": Addressee(role=role, person=person),
            "words": Words(zh="请处理", en="PLEASE ACT."),
            "ack_wait": _AHEAD_S,
            "assigned_at": now,
        }
    )


async def _last(consumer: AIOKafkaConsumer, lane: Lane, wanted: int, due: datetime) -> float:
    """Seconds from the instant to the broker's time of the last attempt to ring the next rung."""
    device, late = f'"pager-{_ASKED[lane][2]}"'.encode(), list[float]()
    until = time.monotonic() + _PATIENCE_S
    while len(late) < wanted:
        if time.monotonic() > until:
            raise RuntimeError(f"{len(late)} of {wanted} {lane} escalations were handed over")
        late += await _attempts(consumer, device, due)
    return max(late)


async def _attempts(consumer: AIOKafkaConsumer, device: bytes, due: datetime) -> Sequence[float]:
    found = (await consumer.getmany(timeout_ms=500)).values()
    rows = [r for some in found for r in some if _ATTEMPTED in r.headers and device in (r.value or b"")]
    return [r.timestamp / 1000 - due.timestamp() for r in rows]
