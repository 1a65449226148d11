"""One lane's spool on disk: append-only files, fsynced before anybody is answered. Used by one thread at a time."""

import contextlib
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from services.intake.frames import Frame, Waiting, frames
from shared.platform.logs import log

SUFFIX = ".seg"
DAMAGED = ".damaged"
_ROOM = 64 * 1024


class SpoolFull(Exception):
    """The spool's limit, or the disk's: nothing is promised, the caller is told to phone."""


class Position(NamedTuple):
    """How far into a segment."""

    segment: int
    end: int


class _Segment:
    """`good`: bytes known to be whole and durable. `sent`: bytes known to be in Kafka."""

    def __init__(self, number: int, path: Path, good: int = 0, damaged: bool = False) -> None:
        self.number, self.path, self.good, self.damaged, self.sent = number, path, good, damaged, 0


class Segments:
    """Records in the order in which they came; a file goes only when Kafka has all of it."""

    def __init__(self, directory: Path, most_bytes: int, segment_bytes: int) -> None:
        self._directory, self._most, self._segment_bytes = directory, most_bytes, segment_bytes
        self._segments: dict[int, _Segment] = {}
        self._file: int | None = None
        self._last = 0
        self.size = 0

    def open(self, tell: Callable[[list[Waiting]], object] = lambda _: None) -> int:
        """Finds what an earlier process left, tells it file by file, and cuts torn tails; how many records wait."""
        _make_durably(self._directory)
        numbers = [int(p.stem) for p in self._directory.iterdir() if p.stem.isdigit()]
        self._last = max(numbers, default=0)
        return sum(self._recover(path, tell) for path in sorted(self._directory.glob(f"*{SUFFIX}")))

    @property
    def full(self) -> bool:
        """Whether an event of ordinary size would still find room."""
        return self.size + _ROOM > self._most

    def append(self, content: bytes) -> None:
        """Durable when it returns. After a failed write or fsync nothing more goes into that file."""
        if self.size + len(content) > self._most:
            raise SpoolFull("limit")
        try:
            file = self._current()
            _write_all(file, content)
            os.fsync(file)
        except OSError as error:
            self._abandon()
            raise SpoolFull(type(error).__name__) from error
        segment = self._segments[self._last]
        segment.good += len(content)
        self.size += len(content)
        if segment.good >= self._segment_bytes:
            self._close()

    def read(self, most: int) -> list[tuple[Waiting, Position]]:
        """The oldest records not known to be in Kafka; all of one segment."""
        for segment in list(self._segments.values()):
            found = list(islice(frames(_unsent(segment), segment.sent), most))
            if found:
                return [(f.waiting, Position(segment.number, f.end)) for f in found]
            segment.damaged = True
            self._remove(segment)
        return []

    def forget(self, position: Position) -> None:
        """Kafka has everything up to here."""
        segment = self._segments[position.segment]
        segment.sent = position.end
        if segment.sent >= segment.good:
            self._remove(segment)

    def close(self) -> None:
        self._close()

    def _recover(self, path: Path, tell: Callable[[list[Waiting]], object]) -> int:
        content = path.read_bytes()
        found = list(frames(content))
        good = found[-1].end if found else 0
        if good < len(content):
            log.error("tail of the spool cut, kept beside it", segment=path.name, bytes=len(content) - good)
            path.with_suffix(".cut").write_bytes(content[good:])
            os.truncate(path, good)
        if not found:
            path.unlink()
            return 0
        number = int(path.stem)
        self._segments[number] = _Segment(number, path, good, damaged=_has_gap(found))
        self.size += good
        tell([frame.waiting for frame in found])
        return len(found)

    def _current(self) -> int:
        if self._file is None:
            self._last += 1
            path = self._directory / f"{self._last:020d}{SUFFIX}"
            self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            self._segments[self._last] = _Segment(self._last, path)
            _sync(self._directory)
        return self._file

    def _abandon(self) -> None:
        """What was half written was promised to nobody; it is cut where the disk allows it."""
        segment = self._segments.get(self._last)
        if self._file is None or segment is None:
            return
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, segment.good)
        self._close()
        if not segment.good:
            self._remove(segment)

    def _remove(self, segment: _Segment) -> None:
        if segment.number == self._last:
            self._close()
        self.size -= segment.good
        del self._segments[segment.number]
        if segment.damaged:
            log.error("damaged segment of the spool kept aside", segment=segment.path.name)
            segment.path.rename(segment.path.with_suffix(DAMAGED))
        else:
            segment.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None


def _unsent(segment: _Segment) -> bytes:
    with segment.path.open("rb") as file:
        file.seek(segment.sent)
        return file.read(segment.good - segment.sent)


def _has_gap(found: list[Frame]) -> bool:
    ends = [0, *(f.end for f in found)]
    return any(frame.start != end for frame, end in zip(found, ends, strict=False))


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def _make_durably(directory: Path) -> None:
    """Each new directory is fsynced into the one above it."""
    missing = [d for d in (directory, *directory.parents) if not d.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _sync(made.parent)
    _sync(directory)


def _sync(directory: Path) -> None:
    file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
