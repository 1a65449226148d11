"""Break-glass: an emergency that lies in a spool is told to notify directly, so somebody is rung without Kafka.

Nothing waits for it: the caller has his answer, and the spool is drained as ever. Notify takes a report once, by
its event's id, however often it is told.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import httpx2

from services.intake.frames import Waiting
from services.intake.metrics import GLASS
from services.intake.settings import IntakeSettings
from services.intake.spool import Watch
from shared.contracts.history import Unreadable, read_event
from shared.contracts.reports import ReportFiled
from shared.platform.ending import end
from shared.platform.logs import log
from shared.platform.records import Outgoing

_FIRST_S, _LONGEST_S = 0.5, 5.0
_AT_ONCE = 16
_NEVER = 422
"""All else may pass: keys that differ for a while, a proxy in between."""


class _Bell:
    """One emergency that waits, and how long after the next failure it is tried again."""

    def __init__(self, record: Outgoing) -> None:
        self.record, self.wait = record, _FIRST_S


class BreakingGlass(Watch):
    """Watches the spools: what comes is rung for after a patience, unless it has gone to Kafka by then."""

    def __init__(self, client: httpx2.AsyncClient, patience_s: float) -> None:
        self._client, self._patience_s = client, patience_s
        self._bells: dict[bytes, _Bell] = {}
        self._due: asyncio.Queue[_Bell] = asyncio.Queue()

    def came(self, waiting: Iterable[Waiting]) -> None:
        for record in (one.record for one in waiting):
            if _id(record) not in self._bells and is_to_be_rung(record):
                bell = self._bells[_id(record)] = _Bell(record)
                self._later(bell, self._patience_s)

    def went(self, waiting: Iterable[Waiting]) -> None:
        for one in waiting:
            if self._bells.pop(_id(one.record), None):
                GLASS.labels("drained").inc()

    async def ring(self) -> None:
        """Without end; as many at once as there are tasks that call this, and the due one first."""
        while True:
            bell = await self._due.get()
            if self._bells.get(_id(bell.record)) is not bell:
                continue
            if await self._settled(bell.record):
                self._bells.pop(_id(bell.record), None)
                continue
            self._later(bell, bell.wait)
            bell.wait = min(bell.wait * 2, _LONGEST_S)

    def _later(self, bell: _Bell, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._due.put_nowait, bell)

    async def _settled(self, record: Outgoing) -> bool:
        """True also where notify read it and found no emergency: asking again would change nothing."""
        trace = {name: value.decode() for name, value in record.headers if name == "traceparent"}
        try:
            answer = await self._client.post("/v1/break-glass", content=record.value, headers=trace)
        except Exception as error:
            # Whatever it is: the next one is rung for all the same.
            GLASS.labels("no_answer").inc()
            log.error("break-glass not answered", error=type(error).__name__, report=record.key)
            return False
        GLASS.labels(str(answer.status_code)).inc()
        if answer.is_success:
            log.warning("break-glass", report=record.key)
        else:
            log.error("break-glass not taken", status=answer.status_code, report=record.key)
        return answer.is_success or answer.status_code == _NEVER


@contextlib.asynccontextmanager
async def breaking_glass(settings: IntakeSettings, key: str) -> AsyncIterator[BreakingGlass]:
    """Rings as long as the block lasts; what was not told by then is rung for by the next process."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    async with httpx2.AsyncClient(
        base_url=settings.intake_notify, timeout=settings.intake_notify_s, headers=headers, trust_env=False
    ) as client:
        glass = BreakingGlass(client, settings.intake_glass_after_s)
        ringing = [asyncio.create_task(glass.ring()) for _ in range(_AT_ONCE)]
        try:
            yield glass
        finally:
            await end(ringing)


def is_to_be_rung(record: Outgoing) -> bool:
    """An emergency's report; what was written up afterwards pages nobody (SOP S9)."""
    if not (record.topic.startswith("reports.") and record.topic.endswith(".emergency")):
        return False
    try:
        filed = read_event(record.value)
    except Unreadable as reason:
        # Another version of intake left it; notify could not read it either.
        log.error("break-glass cannot read", report=record.key, reason=str(reason))
        return False
    return isinstance(filed, ReportFiled) and not filed.written_up


def _id(record: Outgoing) -> bytes:
    return dict(record.headers).get("ce_id", record.value)
