"""One stream of changes, fanned out to everybody who watches; a viewer costs a queue of pieces and nothing more."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from pydantic_core import to_json

from services.register.live.frames import Change, View, frame

_EACH_S = 0.005
"""For each viewer, how long what follows a change is waited for."""


class Written(NamedTuple):
    """A row as it was written; `line` is None when it is not on the board."""

    report_id: str
    estate: str
    v: int
    line: dict[str, Any] | None


class Viewer:
    """Somebody's queue. It never holds more than `most` pieces: who is slower than that is told to load anew."""

    def __init__(self, view: View, most: int) -> None:
        self.view, self._most = view, most
        self._pieces: deque[bytes] = deque()
        self._some = asyncio.Event()
        self.lost = self.ended = False

    def give(self, piece: bytes) -> None:
        if not self.lost:
            self._pieces.append(piece)
            if len(self._pieces) > self._most:
                self.lose()
        self._some.set()

    def lose(self) -> None:
        """What waits for it is dropped, and so is all else until it was told."""
        self._pieces.clear()
        self.lost = True
        self._some.set()

    def end(self) -> None:
        self.ended = True
        self._some.set()

    async def take(self) -> list[bytes]:
        """Whatever waits, once something does."""
        await self._some.wait()
        self._some.clear()
        pieces = list(self._pieces)
        self._pieces.clear()
        return pieces


class Hub:
    """Marks are `<epoch>-<n>`: an epoch is one unbroken run of changes, `n` counts them."""

    def __init__(self, ring: int, queue: int, gather_ms: int) -> None:
        self._ring: deque[Change] = deque(maxlen=ring)
        self._queue, self._gather_s = queue, gather_ms / 1000
        self._epoch, self._n = secrets.token_hex(5), 0
        self._viewers: dict[View, set[Viewer]] = {}
        self._fresh: list[Change] = []
        self._sent_at, self._waiting = 0.0, False

    @property
    def mark(self) -> str:
        """Where the stream is now: whoever reads the rows after it misses nothing that comes after this mark."""
        return f"{self._epoch}-{self._n}"

    @property
    def watched(self) -> bool:
        return bool(self._viewers)

    def join(self, view: View, last: str | None) -> Viewer:
        """With all that came after `last`, or told that it is not known any more. Nothing falls between."""
        self._send()
        viewer = Viewer(view, self._queue)
        if last is not None:
            missed = self._since(last)
            if missed is None:
                viewer.lose()
            elif piece := _piece(view, missed):
                viewer.give(piece)
        self._viewers.setdefault(view, set()).add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        group = self._viewers.get(viewer.view, set())
        group.discard(viewer)
        if not group:
            self._viewers.pop(viewer.view, None)

    def take(self, written: Iterable[Written]) -> None:
        """The first after a pause goes out at once, what follows closely goes together."""
        for row in written:
            self._n += 1
            self._fresh.append(Change(self._epoch, self._n, *row))
        if self._fresh and not self._waiting:
            loop = asyncio.get_running_loop()
            wait = self._sent_at + self._apart_s() - loop.time()
            if wait <= 0:
                self._send()
            else:
                self._waiting = True
                loop.call_later(wait, self._send)

    def begin_anew(self) -> None:
        """Some changes were missed: nobody's mark is good any more, and everybody loads anew."""
        self._epoch, self._n = secrets.token_hex(5), 0
        self._ring.clear()
        self._fresh.clear()
        for viewer in self._all():
            viewer.lose()

    def pulse(self, told: dict[str, Any]) -> None:
        """Everybody hears that the stream lives, and up to where it has come."""
        self._send()
        piece = frame("pulse", to_json(told), self.mark)
        for viewer in self._all():
            viewer.give(piece)

    def end(self) -> None:
        for viewer in self._all():
            viewer.end()

    async def pieces(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """Until the viewer's end; `reset` stands in place of what was lost."""
        try:
            while not viewer.ended:
                pieces = await viewer.take()
                if viewer.lost:
                    viewer.lost = False
                    pieces = [frame("reset", b"{}", self.mark)]
                if pieces:
                    yield b"".join(pieces)
        finally:
            self.leave(viewer)

    def _apart_s(self) -> float:
        """Few viewers are told sooner: what is gathered saves a write for each of them."""
        viewers = sum(map(len, self._viewers.values()))
        return min(self._gather_s, viewers * _EACH_S)

    def _send(self) -> None:
        self._waiting = False
        self._sent_at = asyncio.get_running_loop().time()
        fresh, self._fresh = self._fresh, []
        if not fresh:
            return
        self._ring.extend(fresh)
        for view, viewers in self._viewers.items():
            if piece := _piece(view, fresh):
                for viewer in viewers:
                    viewer.give(piece)

    def _since(self, last: str) -> list[Change] | None:
        """None: an earlier epoch, or longer ago than the ring reaches."""
        epoch, _, number = last.rpartition("-")
        if epoch != self._epoch or not (number.isascii() and number.isdigit()) or len(number) > 18:
            return None
        n, first = int(number), self._ring[0].n if self._ring else self._n + 1
        if not first - 1 <= n <= self._n:
            return None
        return list(islice(self._ring, n - first + 1, None))

    def _all(self) -> list[Viewer]:
        return [viewer for group in self._viewers.values() for viewer in group]


def _piece(view: View, changes: Sequence[Change]) -> bytes:
    """Of a report that changed more than once only the last, since each line is whole."""
    last = {change.report_id: change.n for change in changes}
    return b"".join(c.frame(view) for c in changes if last[c.report_id] == c.n and view.wants(c))
