"""The proof that a device works: a test by each channel once a day, and an alarm when one is silent or lost."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4, uuid5

from services.notify.devices import Devices
from services.notify.settings import NotifySettings
from shared.contracts.event import Addressee, Words
from shared.contracts.ids import NAMESPACE
from shared.contracts.notices import NoticeIssued
from shared.domain.estates.devices import Device
from shared.domain.estates.roster import Estate
from shared.domain.notifying.addressing import may_be_tested
from shared.domain.notifying.sending import SILENT, TEST, silent_notice
from shared.domain.notifying.state import SERVICE
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.logs import log
from shared.platform.publishing import Publisher
from shared.platform.records import outgoing
from shared.platform.retrying import until_it_works

_TOPIC = "notices.routine"
_LOOK_S = 5.0
_TEST_VALID = timedelta(hours=1)
_WORDS = Words(zh="设备测试,无须处理", en="DEVICE TEST. No action needed.")


class Testing:
    """Of all devices of all estates. Several copies do no harm: a test and a loss have ids of their own."""

    def __init__(
        self, settings: NotifySettings, directory: Directory, devices: Devices, publisher: Publisher
    ) -> None:
        self._settings, self._directory = settings, directory
        self._devices, self._publisher, self._clock = devices, publisher, Clock.of(settings)

    async def run(self) -> None:
        """Without end; by the wall clock, not by a demo's."""
        while True:
            await until_it_works(SERVICE, "device tests", self._look)
            await asyncio.sleep(_LOOK_S)

    async def _look(self) -> None:
        await self._tell_lost()
        if not self._settings.notify_tests:
            return
        for code in await self._directory.codes():
            estate = await self._directory.estate(code)
            local = datetime.now(UTC).astimezone(estate.zone) if estate else None
            if estate and local:
                await self._test_all(estate, local)

    async def _test_all(self, estate: Estate, local: datetime) -> None:
        """Each once a day; its id is the day's, so a test that is sent twice is one."""
        known, day = await self._devices.of(estate.estate), local.date().isoformat()
        for device in estate.devices:
            is_due = may_be_tested(device.hours, local.time(), time(self._settings.notify_test_hour))
            if device.tested and is_due and known.get(device.id, {}).get("tested_on") != day:
                await self.test(estate, device, uuid5(NAMESPACE, f"test|{estate.estate}|{device.id}|{day}"))
                await self._devices.tested(estate.estate, device, day)

    async def test_now(self, estate: Estate, devices: Sequence[Device]) -> list[tuple[str, UUID]]:
        """Asked for by a person: each device and the id of the message that tests it."""
        return [(device.id, await self.test(estate, device, uuid4())) for device in devices]

    async def test(self, estate: Estate, device: Device, cause: UUID) -> UUID:
        """A notice to this device alone; what becomes of it is on `deliveries` like everything else."""
        now = self._clock.now()
        notice = self._notice(estate.estate, cause, TEST, now)
        to = next((p.role for p in estate.posts if p.id == device.post), "service_head")
        fields = {
            "device": device.id,
            "words": _WORDS,
            "to": Addressee(role=to, post=device.post, person=device.person),
        }
        await self._publish(notice.model_copy(update=fields))
        return notice.event_id

    async def _tell_lost(self) -> None:
        before = datetime.now(UTC) - timedelta(seconds=self._settings.notify_lost_after_s)
        for row in await self._devices.long_lost(before):
            log.warning("device lost", estate=row["estate"])
            cause = uuid5(NAMESPACE, f"lost|{row['_id']}|{row['lost_at'].isoformat()}")
            now = self._clock.now()
            notice = self._notice(row["estate"], cause, SILENT, now)
            await self._publish(notice.model_copy(update=silent_notice(row["device"], now)))
            await self._devices.told(row)

    def _notice(self, estate: str, cause: UUID, name: str, now: datetime) -> NoticeIssued:
        return NoticeIssued(
            event_id=cause,
            report_id="",
            estate_id=estate,
            occurred_at=now,
            accepted_at=now,
            case_version=0,
            index=0,
            name=name,
            clause=("S2a",),
            to=Addressee(role="service_head"),
            words=_WORDS,
            urgency="routine",
            valid_until=now + _TEST_VALID,
        )

    async def _publish(self, notice: NoticeIssued) -> None:
        await self._publisher.publish([outgoing(notice, _TOPIC, SERVICE)])
