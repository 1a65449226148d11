"""Break-glass: an emergency that intake has on its disk reaches people though Kafka, and MongoDB too, may be away.

What was told is kept on this process's own disk until Kafka has it as notices under the same ids, with the devices
that have it already, so that the later records ring nobody a second time.
"""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

from services.notify.channels.channel import Page, Retry, Sent
from services.notify.channels.table import can_of
from services.notify.settings import NotifySettings
from services.notify.stations import Stations
from shared.contracts.event import Words
from shared.contracts.notices import NoticeIssued
from shared.contracts.reports import ReportFiled
from shared.domain.estates.roster import Estate
from shared.domain.notifying.addressing import Way, owners, ways
from shared.domain.notifying.break_glass import notices
from shared.domain.notifying.state import SERVICE
from shared.domain.notifying.wording import text_for
from shared.domain.playbooks.format import Playbooks
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.logs import log
from shared.platform.metrics import PAGES
from shared.platform.publishing import Publisher
from shared.platform.records import outgoing
from shared.platform.retrying import until_it_works

_TOPIC = "notices.emergency"
_AGAIN_S = 5.0


class Told(BaseModel):
    """One report's notices, each with the devices that took it. `done`: Kafka has them."""

    notices: list[NoticeIssued]
    done: bool = False


class Glass:
    """A file a report in `folder`; a report that comes again finds its file and rings nobody."""

    def __init__(
        self,
        settings: NotifySettings,
        folder: Path,
        directory: Directory,
        stations: Stations,
        publisher: Publisher,
        playbooks: Playbooks,
    ) -> None:
        self._settings, self._folder, self._directory = settings, folder, directory
        self._stations, self._publisher, self._playbooks = stations, publisher, playbooks
        self._clock = Clock.of(settings)
        self._at_work: dict[UUID, asyncio.Task[None]] = {}

    async def take(self, filed: ReportFiled) -> None:
        """Durable when it returns; the ringing goes on after it. `Unavailable`: no directory was ever read."""
        if self._path(filed.event_id).exists():
            return
        estate = await self._directory.estate(filed.estate_id)
        estate = estate or Estate(estate=filed.estate_id, zh=filed.estate_id, en=filed.estate_id)
        told = Told(notices=notices(filed, estate, self._playbooks.kinds, self._clock.now()))
        await asyncio.to_thread(self._write, filed.event_id, told)
        log.warning("break-glass", report=filed.report_id)
        self._work(filed.event_id, told)

    def resume(self) -> None:
        """What an earlier process took and Kafka does not have yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob("*.json"):
            told = Told.model_validate_json(path.read_bytes())
            if told.done and _is_old(path, self._settings):
                path.unlink()
            elif not told.done:
                self._work(UUID(path.stem), told)

    async def stop(self) -> None:
        for task in self._at_work.values():
            task.cancel()
        await asyncio.gather(*self._at_work.values(), return_exceptions=True)

    def _work(self, report: UUID, told: Told) -> None:
        self._at_work[report] = asyncio.create_task(self._tell(report, told))
        self._at_work[report].add_done_callback(lambda _: self._at_work.pop(report, None))

    async def _tell(self, report: UUID, told: Told) -> None:
        """Rings each until a device takes it or Kafka is back, and tells Kafka then."""
        ringing = [asyncio.create_task(self._ring(report, told, n)) for n in range(len(told.notices))]
        try:
            await self._until_kafka(ringing)
        finally:
            for task in ringing:
                task.cancel()
        records = [outgoing(notice, _TOPIC, SERVICE) for notice in told.notices]
        await until_it_works(SERVICE, "break-glass", lambda: self._publisher.publish(records))
        told.done = True
        await asyncio.to_thread(self._write, report, told)

    async def _until_kafka(self, ringing: Iterable[asyncio.Task[None]]) -> None:
        """All rung, or the broker there again: then the lane's own process rings who was not reached."""
        waiting = asyncio.gather(*ringing)
        while not waiting.done():
            await asyncio.wait([waiting], timeout=_AGAIN_S)
            if not waiting.done() and self._publisher.ready:
                return

    async def _ring(self, report: UUID, told: Told, number: int) -> None:
        while not told.notices[number].already:
            notice = told.notices[number]
            estate = await self._directory.estate(notice.estate_id)
            found = await self._first_that_takes_it(estate, notice) if estate else None
            if found:
                told.notices[number] = notice.model_copy(update={"already": (found,)})
                await asyncio.to_thread(self._write, report, told)
            elif estate is None or not estate.devices:
                return
            else:
                await asyncio.sleep(_AGAIN_S)

    async def _first_that_takes_it(self, estate: Estate, notice: NoticeIssued) -> str | None:
        now = self._clock.now()
        for way in ways(estate, owners(estate, notice.to, now), "emergency", now, can_of):
            if await self._sent(estate, notice, way):
                return way.device.id
        return None

    async def _sent(self, estate: Estate, notice: NoticeIssued, way: Way) -> bool:
        channel = self._stations.channel(estate, way.channel.id)
        if channel is None:
            return False
        page = _page(notice, way, estate)
        try:
            async with asyncio.timeout(way.can.wait_s[0]):
                while isinstance(outcome := await channel.send(page), Retry):
                    await asyncio.sleep(outcome.after)
        except Exception as error:
            log.error("channel failed", error=type(error).__name__, name=way.channel.kind)
            return False
        PAGES.labels("emergency", way.channel.kind, f"glass_{type(outcome).__name__.lower()}").inc()
        return isinstance(outcome, Sent)

    def _path(self, report: UUID) -> Path:
        return self._folder / f"{report.hex}.json"

    def _write(self, report: UUID, told: Told) -> None:
        """Whole or not at all, and on the disk when it returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{report.hex}.new"
        with draft.open("wb") as file:
            file.write(told.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path(report))
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _page(notice: NoticeIssued, way: Way, estate: Estate) -> Page:
    words = Words(zh=notice.words.zh, en=notice.words.en)
    text = text_for(words, way.device, way.can, estate, None, notice.drill)
    left = (notice.valid_until - notice.accepted_at).total_seconds()
    return Page(
        notice.event_id.hex, estate.estate, way.device.address, text, "emergency", None, notice.drill, left,
        report_id=notice.report_id, step=notice.name, clause=notice.clause, sent_at=notice.accepted_at,
    )  # fmt: skip


def _is_old(path: Path, settings: NotifySettings) -> bool:
    """Long after the last call for it could come."""
    return path.stat().st_mtime < Clock().now().timestamp() - settings.notify_glass_kept_h * 3600
