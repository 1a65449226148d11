"""B3: the register of a month with 20,000 reports as xlsx, its memory and its loop meanwhile.

The floor: one cursor and xlsxwriter in constant memory, as many cells of text, without form or corrections.
"""

import asyncio
import io
import time
from calendar import monthrange
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx2 as httpx
from python_calamine import CalamineWorkbook

from bench.arena import Arena
from bench.estate import CODE
from bench.evening import events
from bench.figure import Figure
from bench.site import Site, answers
from bench.sizes import Sizes
from shared.contracts.event import Event
from shared.domain.registering.folding import as_document, fold

_NAME = "register"
_SHORT, _LONG = "2026-10", "2026-11"
"""A month with a tenth of the reports, and the one that is measured."""
_PATTERNS = 200
_CORRECTED_EVERY = 20
_BATCH = 1_000
_MOST_S = 5.0
_FLAT_MIB = 16.0
"""How much more the long month may take than the short one: what a heap gains by itself."""
_PATIENCE_S = 120.0


async def run(arena: Arena) -> Figure:
    """Flat: at its most the process takes hardly more for all of them than for a tenth of them."""
    count = arena.sizes.sheet
    name = f"the register of a month with {count:,} reports as xlsx"
    figure = Figure("B3", name, "s", "≤ 5 s, memory flat", most_ours=_MOST_S)
    async with arena.site() as site:
        patterns = _rows(arena.sizes)
        await _fill(site, patterns, _SHORT, count // 10)
        await _fill(site, patterns, _LONG, count)
        await site.start(_NAME, "services.register.main")
        await _asked(site, _SHORT)
        for _ in range(arena.rounds):
            arena.noise.read()
            short, long = await _asked(site, _SHORT), await _asked(site, _LONG)
            figure.ours.append(long.seconds)
            figure.floor.append(await _floor(site))
            grown = long.most_mib - short.most_mib
            figure.also = figure.also and grown <= _FLAT_MIB
            figure.notes.append(
                f"memory at most {short.most_mib:.0f} MiB for a tenth, {long.most_mib:.0f} MiB for all; "
                f"the loop answered a probe after {long.slowest_ms:.0f} ms at most; "
                f"{long.cpu_s:.1f} s of CPU; {long.size / 2**20:.1f} MiB"
            )
        _check(long.content, count)
        arena.weigh(site, _NAME)
    return figure


class _Asked:
    """One download, and what was seen of the process while it ran."""

    def __init__(self) -> None:
        self.seconds = self.cpu_s = self.most_mib = self.slowest_ms = 0.0
        self.content = b""

    @property
    def size(self) -> int:
        return len(self.content)


async def _asked(site: Site, month: str) -> _Asked:
    host, port = site.address(_NAME)
    query = {"estate": CODE, "month": month, "language": "zh"}
    headers = {"authorization": f"Bearer {site.secret}"}
    found = _Asked()
    watching = asyncio.create_task(_watch(site, found))
    began, cpu = time.perf_counter(), site.cpu_s(_NAME)
    async with httpx.AsyncClient(timeout=_PATIENCE_S) as client:
        answer = await client.get(f"http://{host}:{port}/v1/register.xlsx", params=query, headers=headers)
    found.seconds, found.cpu_s = time.perf_counter() - began, site.cpu_s(_NAME) - cpu
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    if answer.status_code != 200:
        raise RuntimeError(f"no register: {answer.text[:200]}")
    found.content = answer.content
    return found


async def _watch(site: Site, found: _Asked) -> None:
    while True:
        found.most_mib = max(found.most_mib, await asyncio.to_thread(site.pss_mib, _NAME))
        began = time.perf_counter()
        await answers(*site.address(_NAME), "/health/live")
        found.slowest_ms = max(found.slowest_ms, (time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.1)


async def _floor(site: Site) -> float:
    """Seconds of the bare writer, in a process of its own; its start is not counted."""
    said = await site.run("bench.sheet_floor", _LONG)
    return float(said)


def _rows(sizes: Sizes) -> list[dict[str, Any]]:
    """As the register folds them: of stories that the rules have played through."""
    stories: dict[str, list[Event]] = {}
    for event in events(_PATTERNS * 6):
        stories.setdefault(event.report_id, []).append(event)
    told = islice(stories.items(), min(_PATTERNS, sizes.sheet))
    return [fold(report_id, [as_document(event) for event in story]) for report_id, story in told]


async def _fill(site: Site, patterns: list[dict[str, Any]], month: str, count: int) -> None:
    """So many rows with their numbers, evenly over the month."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    step = timedelta(days=monthrange(first.year, first.month)[1] - 1) / count
    rows = ((number, _row(patterns, month, number, first + number * step)) for number in range(1, count + 1))
    for batch in _batches(rows):
        await site.store["rows"].insert_many([row for _, row in batch], ordered=False)
        await site.store["numbers"].insert_many([_number(row, number) for number, row in batch], ordered=False)


def _row(patterns: list[dict[str, Any]], month: str, number: int, at: datetime) -> dict[str, Any]:
    row = dict(patterns[number % len(patterns)])
    row |= {"_id": f"{row['lane']}.{row['category']}.{CODE}.{month[-2:]}{number:030x}"}
    row |= {"received_at": at, "sorted_at": at, "happened_at": at}
    if number % _CORRECTED_EVERY == 0:
        entry = {"event_id": number.to_bytes(12), "at": at, "what": "amendment.place_corrected", "state": "taken"}
        row["corrections"] = [{**entry, "by": row["received_by"], "was": {"place": "3栋"}, "to": {"place": "5栋"}}]
    return row


def _number(row: dict[str, Any], number: int) -> dict[str, Any]:
    year = row["sorted_at"].year * 100 + row["sorted_at"].month
    return {
        "_id": row["_id"],
        "report_id": row["_id"],
        "estate": CODE,
        "series": "",
        "year": year,
        "number": number,
    }


def _batches(rows: Iterable[tuple[int, dict[str, Any]]]) -> Iterable[list[tuple[int, dict[str, Any]]]]:
    going = iter(rows)
    while batch := list(islice(going, _BATCH)):
        yield batch


def _check(content: bytes, count: int) -> None:
    """A time for a sheet that is not all there would be no time."""
    lines = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    wanted = 1 + count + count // _CORRECTED_EVERY
    if len(lines) != wanted:
        raise RuntimeError(f"the sheet has {len(lines)} of {wanted} lines")
