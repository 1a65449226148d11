"""Break-glass: an emergency that lies in the spool is told to notify directly, so somebody is rung without Kafka.

Nothing waits for it: the caller has his answer, and the spool is drained as ever. Notify takes a report once, by
its event's id, however often it is told.
"""

import asyncio
from collections.abc import Iterable, Sequence

import httpx2

from services.intake.frames import Waiting
from services.intake.metrics import GLASS
from services.intake.settings import IntakeSettings
from services.intake.spool import Spool
from shared.contracts.history import read_event
from shared.contracts.reports import ReportFiled
from shared.platform.logs import log
from shared.platform.records import Outgoing

_FIRST_S, _LONGEST_S = 0.5, 5.0
_AT_ONCE = 16
_NEVER = 422
"""All else may pass: keys that differ for a while, a proxy in between."""
_MOST_LEFT = 10_000
"""Of what an earlier process left in a spool."""


class BreakingGlass:
    """`spooled` at each append; `run` as long as the process."""

    def __init__(self, settings: IntakeSettings, spools: Sequence[Spool], key: str) -> None:
        self._settings, self._spools = settings, spools
        self._client = httpx2.AsyncClient(
            base_url=settings.intake_notify, timeout=settings.intake_notify_s, trust_env=False,
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
        )  # fmt: skip
        self._room, self._ringing = asyncio.Semaphore(_AT_ONCE), set[asyncio.Task[None]]()

    def spooled(self, waiting: Iterable[Waiting]) -> None:
        """Rings in the background for what endangers somebody; waits for nothing."""
        for one in waiting:
            if is_to_be_rung(one.record):
                task = asyncio.create_task(self._ring(one.record))
                self._ringing.add(task)
                task.add_done_callback(self._ringing.discard)

    async def resume(self) -> None:
        """What an earlier process left in the spools is rung for again: nobody knows whether it was."""
        for spool in self._spools:
            self.spooled(waiting for waiting, _ in await spool.read(_MOST_LEFT))

    async def stop(self) -> None:
        for task in tuple(self._ringing):
            task.cancel()
        await asyncio.gather(*self._ringing, return_exceptions=True)
        await self._client.aclose()

    async def _ring(self, record: Outgoing) -> None:
        """A broker that only stood still for a moment has the record by then, and rings by itself."""
        await asyncio.sleep(self._settings.intake_glass_after_s)
        wait = _FIRST_S
        while any(spool.unsent for spool in self._spools):
            async with self._room:
                if await self._told(record):
                    return
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_S)
        GLASS.labels("drained").inc()

    async def _told(self, record: Outgoing) -> bool:
        """True also where notify read it and found no emergency: asking again would change nothing."""
        trace = {name: value.decode() for name, value in record.headers if name == "traceparent"}
        try:
            answer = await self._client.post("/v1/break-glass", content=record.value, headers=trace)
        except httpx2.HTTPError as error:
            GLASS.labels("no_answer").inc()
            log.error("break-glass not answered", error=type(error).__name__, report=record.key)
            return False
        GLASS.labels(str(answer.status_code)).inc()
        if answer.status_code // 100 != 2:
            log.error("break-glass refused", status=answer.status_code, report=record.key)
        return answer.status_code // 100 == 2 or answer.status_code == _NEVER


def is_to_be_rung(record: Outgoing) -> bool:
    """An emergency's report; what was written up afterwards pages nobody (SOP S9)."""
    if not (record.topic.startswith("reports.") and record.topic.endswith(".emergency")):
        return False
    filed = read_event(record.value)
    return isinstance(filed, ReportFiled) and not filed.written_up
