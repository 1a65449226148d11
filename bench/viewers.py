"""B2: 200 viewers of the board on one register, from an event on Kafka to its line at each of them.

All of them are read, but of every tenth the lines are looked at: the driver shares the machine with the register.
"""

import asyncio
import json
import re
import time
from typing import cast

from bench.arena import Arena
from bench.board_to_pixels import latencies, until_open
from bench.driving import fill
from bench.figure import Figure, percentile
from bench.open_reports import OpenReports
from bench.site import Shares, Site

_ESTATES, _OPEN, _RATE = 50, 500, 200.0
_WARM_S = 3.0
_EVERY = 10
_LINE = re.compile(rb"event: line\ndata: (.*)\n")


class Viewer(asyncio.Protocol):
    """Reads and counts; keeps what came and when, if it is one of those that are looked at."""

    def __init__(self, request: bytes, *, kept: bool) -> None:
        self._request, self._kept = request, kept
        self.bytes = 0
        self.pieces: list[tuple[float, bytes]] = []
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._kept:
            self.pieces.append((time.time() * 1000, data))

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True

    def lines(self) -> list[tuple[str, int, float]]:
        """Report, `v` and when its last byte was there; each piece is a chunk of its own, so none cuts a line."""
        whole = b"".join(piece for _, piece in self.pieces)
        ends: list[tuple[int, float]] = []
        end = 0
        for at, piece in self.pieces:
            end += len(piece)
            ends.append((end, at))
        found: list[tuple[str, int, float]] = []
        place = 0
        for match in _LINE.finditer(whole):
            while ends[place][0] < match.end():
                place += 1
            line = json.loads(match.group(1))
            found.append((line["report_id"], line["v"], ends[place][1]))
        return found


async def run(arena: Arena) -> Figure:
    """Every viewer gets the same; a stream that was broken off, or told to begin anew, is no figure."""
    figure = Figure("B2", f"{arena.sizes.viewers} viewers on one register, p99", "ms", "≤ 300 ms", most_ours=300.0)
    for _ in range(arena.rounds):
        async with arena.site() as site:
            reports = OpenReports(site, _ESTATES, _OPEN)
            await fill(site, await reports.prepare())
            await site.start("register", "services.register.main")
            await until_open(site, _OPEN)
            arena.noise.read()
            await _round(arena, site, reports, figure)
            arena.weigh(site, "register")
    return figure


async def _round(arena: Arena, site: Site, reports: OpenReports, figure: Figure) -> None:
    viewers = await _watch(site, arena.sizes.viewers)
    await reports.go_on(_RATE, _WARM_S)
    reports.sent.clear()
    shares = Shares(arena.stack, site)
    await reports.go_on(_RATE, arena.sizes.viewers_seconds)
    await asyncio.sleep(2)
    kept = viewers[::_EVERY]
    if any(viewer.closed or b"event: reset" in b"".join(p for _, p in viewer.pieces) for viewer in kept):
        raise RuntimeError("a viewer's stream was broken off")
    found = [ms for viewer in kept for ms in latencies(reports.sent, viewer.lines())]
    if len(found) < len(reports.sent) * len(kept):
        raise RuntimeError(f"viewers were told of {len(found)} of {len(reports.sent) * len(kept)} events")
    figure.ours.append(percentile(found, 0.99))
    told = [viewer.bytes for viewer in viewers]
    figure.notes += [
        f"p50 {percentile(found, 0.5):.0f} ms, worst {max(found):.0f} ms; {_RATE:.0f} events a second for "
        f"{arena.sizes.viewers_seconds} s; {min(told) / 1000:,.0f} to {max(told) / 1000:,.0f} kB a viewer",
        shares.words(len(reports.sent), "event"),
    ]


async def _watch(site: Site, count: int) -> list[Viewer]:
    host, port = site.address("register")
    head = f"GET /v1/board/stream HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {site.secret}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    viewers: list[Viewer] = []
    for number in range(count):
        _, viewer = await loop.create_connection(
            lambda kept=number % _EVERY == 0: Viewer(head, kept=kept),  # type: ignore[misc]
            host,
            port,
        )
        viewers.append(viewer)
    async with asyncio.timeout(30):
        while not all(viewer.bytes for viewer in viewers):
            await asyncio.sleep(0.1)
    return viewers
