"""Break-glass: an emergency that intake has on its disk reaches people though Kafka, and MongoDB too, may be away.

What was told is kept on this process's own disk until Kafka has it as notices under the same ids, with the devices
that have it already, so that the later records ring nobody a second time. A disk that is full stops no ringing.
"""

import asyncio
from pathlib import Path
from uuid import UUID

from services.notify.channels.channel import Outcome, Page, Refused, Sent
from services.notify.channels.table import can_of
from services.notify.glass_files import GlassFiles, Told
from services.notify.sending import send
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
from shared.platform.ending import end
from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.metrics import PAGES
from shared.platform.publishing import Publisher
from shared.platform.records import outgoing

_TOPIC = "notices.emergency"
_AGAIN_S = 5.0
_ASK_KAFKA_S = 10.0


class Glass:
    """A report that comes again finds its file in `folder` and rings nobody."""

    def __init__(
        self,
        settings: NotifySettings,
        folder: Path,
        directory: Directory,
        stations: Stations,
        publisher: Publisher,
        playbooks: Playbooks,
    ) -> None:
        self._directory = directory
        self._stations, self._publisher, self._playbooks = stations, publisher, playbooks
        self._clock, self._files = Clock.of(settings), GlassFiles(folder, settings.notify_glass_kept_h)
        self._taken, self._asking = set[UUID](), set[UUID]()
        self._publishing = asyncio.Lock()
        self._at_work: set[asyncio.Task[None]] = set()

    async def take(self, filed: ReportFiled) -> None:
        """On the disk when it returns, if there is room; rung in any case.

        `Unavailable`: without a directory, or while the same report's first call is under way; to be called again.
        """
        if filed.event_id in self._asking:
            # Whoever says now that it was taken could be wrong in a moment.
            raise Unavailable("under way")
        if filed.event_id in self._taken or self._files.read(filed.event_id):
            return
        self._asking.add(filed.event_id)
        try:
            await self._begin(filed)
        finally:
            self._asking.discard(filed.event_id)

    async def _begin(self, filed: ReportFiled) -> None:
        estate = await self._directory.estate(filed.estate_id)
        estate = estate or Estate(estate=filed.estate_id, zh=filed.estate_id, en=filed.estate_id)
        told = Told(notices=notices(filed, estate, self._playbooks.kinds, self._clock.now()))
        await self._files.keep(filed.event_id, told)
        log.warning("break-glass", report=filed.report_id)
        self._work(filed.event_id, told)
        self._files.forget_old()

    def resume(self) -> None:
        """What an earlier process took and Kafka does not have yet."""
        for report, told in self._files.undone():
            self._work(report, told)

    async def stop(self) -> None:
        await end(self._at_work)
        await self._publisher.stop()

    def _work(self, report: UUID, told: Told) -> None:
        self._taken.add(report)
        task = asyncio.create_task(self._tell(report, told))
        self._at_work.add(task)
        task.add_done_callback(lambda done: self._left(report, done))

    def _left(self, report: UUID, done: asyncio.Task[None]) -> None:
        self._at_work.discard(done)
        self._taken.discard(report)
        if not done.cancelled() and (error := done.exception()):
            log.error("break-glass failed", error=type(error).__name__)

    async def _tell(self, report: UUID, told: Told) -> None:
        """Rings each role until it was reached, or until Kafka has the notices: then the lane's process rings."""
        turn = asyncio.Lock()
        ringing = [asyncio.create_task(self._ring(report, told, n, turn)) for n in range(len(told.notices))]
        try:
            while self._is_valid(told) and not await self._in_kafka(told):
                pass
        finally:
            await end(ringing)
        told.done = True
        await self._files.keep(report, told)

    def _is_valid(self, told: Told) -> bool:
        return self._clock.now() < told.notices[0].valid_until

    async def _in_kafka(self, told: Told) -> bool:
        """Not before everybody's first device had its time: what is told now is in the notice then."""
        await asyncio.sleep(_AGAIN_S)
        records = [outgoing(notice, _TOPIC, SERVICE) for notice in told.notices]
        try:
            async with self._publishing:
                await self._publisher.publish(records, _ASK_KAFKA_S)
        except Exception as error:
            # Whatever it is: as long as Kafka does not have it, somebody is rung.
            log.warning("break-glass not in Kafka", error=type(error).__name__)
            return False
        return True

    async def _ring(self, report: UUID, told: Told, number: int, turn: asyncio.Lock) -> None:
        """Again and again, until a device gave the best receipt it can give, or all took what they could."""
        while self._is_valid(told):
            try:
                estate = await self._directory.estate(told.notices[number].estate_id)
                if estate is None or not estate.devices:
                    return
                if await self._reached(report, told, number, estate, turn):
                    return
            except Exception as error:
                # The directory away, a channel's fault: the next round may find them well.
                log.error("break-glass round failed", error=type(error).__name__)
            await asyncio.sleep(_AGAIN_S)

    async def _reached(self, report: UUID, told: Told, number: int, estate: Estate, turn: asyncio.Lock) -> bool:
        notice, now = told.notices[number], self._clock.now()
        found = ways(estate, owners(estate, notice.to, now), "emergency", now, can_of)
        for way in found:
            outcome = await self._sent(estate, notice, way)
            if not isinstance(outcome, Sent):
                continue
            notice = notice.model_copy(update={"already": (*(notice.already or ()), way.device.id)})
            async with turn:
                told.notices[number] = notice
                await self._files.keep(report, told)
            if outcome.receipt == way.can.receipt or way.can.receipt == "accepted":
                return True
            # A broker has it; whether a hand holds the device nobody can say here.
            await asyncio.sleep(way.can.wait_s[0])
        # Who refused may be back in a moment; who took it is not rung again.
        return bool(found) and all(way.device.id in (notice.already or ()) for way in found)

    async def _sent(self, estate: Estate, notice: NoticeIssued, way: Way) -> Outcome:
        if way.device.id in (notice.already or ()):
            return Refused("had")
        try:
            channel, page = self._stations.channel(estate, way.channel.id), _page(notice, way, estate)
        except Exception as error:
            # Whatever breaks the making of it: the next device has another.
            log.error("channel or page not made", error=type(error).__name__, name=way.channel.kind)
            return Refused("failure")
        if channel is None:
            return Refused("no_such_channel")
        outcome = await send(channel, page, way.can.wait_s[0], lambda: True)
        PAGES.labels("emergency", way.channel.kind, f"glass_{type(outcome).__name__.lower()}").inc()
        return outcome


def _page(notice: NoticeIssued, way: Way, estate: Estate) -> Page:
    words = Words(zh=notice.words.zh, en=notice.words.en)
    return Page(
        notice.event_id.hex,
        estate.estate,
        way.device.address,
        text_for(words, way.device, way.can, estate, None, notice.drill),
        "emergency",
        None,
        notice.drill,
        (notice.valid_until - notice.accepted_at).total_seconds(),
        report_id=notice.report_id,
        step=notice.name,
        clause=notice.clause,
        sent_at=notice.accepted_at,
    )
