"""What break-glass was told, on this process's own disk: a file a report, whole or not there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ValidationError

from shared.contracts.notices import NoticeIssued
from shared.platform.clock import Clock
from shared.platform.logs import log
from shared.platform.whole_files import write_whole


class Told(BaseModel):
    """One report's notices, each with the devices that took it. `done`: Kafka has them, or they are void."""

    notices: list[NoticeIssued]
    done: bool = False


class GlassFiles:
    """By the report's event; a disk that is full or files that cannot be read stop no ringing."""

    def __init__(self, folder: Path, kept_h: float) -> None:
        self._folder, self._kept_s = folder, kept_h * 3600
        self._writing = asyncio.Lock()

    def read(self, report: UUID) -> Told | None:
        return _read(self._path(report))

    def undone(self) -> Iterator[tuple[UUID, Told]]:
        """What an earlier process took and Kafka does not have yet; one that cannot be read stops nobody else's."""
        for path in self._folder.glob("*.json"):
            if (told := _read(path)) and not told.done:
                yield UUID(path.stem), told

    async def keep(self, report: UUID, told: Told) -> None:
        """Without room on the disk a restart would ring again, which is better than not to ring."""
        await asyncio.shield(asyncio.ensure_future(self._write_in_turn(report, told.model_dump_json().encode())))

    def forget_old(self) -> None:
        """Long after the last call for a report can come."""
        oldest = Clock().now().timestamp() - self._kept_s
        for path in self._folder.glob("*.json"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _path(self, report: UUID) -> Path:
        return self._folder / f"{report.hex}.json"

    async def _write_in_turn(self, report: UUID, content: bytes) -> None:
        """A thread cannot be cancelled: what was said last is to be written last."""
        try:
            async with self._writing:
                await asyncio.to_thread(write_whole, self._path(report), content)
        except OSError as error:
            log.error("break-glass not kept", error=type(error).__name__)


def _read(path: Path) -> Told | None:
    try:
        return Told.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.error("break-glass unreadable", error=type(error).__name__)
        return None
