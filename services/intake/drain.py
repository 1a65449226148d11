"""From the spool to Kafka, in order, emergencies first."""

import asyncio
from collections.abc import Mapping
from itertools import takewhile

from services.intake.frames import Waiting
from services.intake.keeping import Line, aged
from services.intake.metrics import DRAINED
from services.intake.segments import Position
from shared.contracts.vocabulary import LANES, Lane
from shared.platform.clock import Clock
from shared.platform.errors import Unavailable
from shared.platform.logs import log

_PUBLISH_S = 3.0
_PAUSE_S = 0.2


class Drain:
    """Sends what waits; sends it again under the same ids until Kafka has acknowledged it."""

    def __init__(self, lines: Mapping[Lane, Line], clock: Clock, batch: int) -> None:
        self._lines, self._clock, self._batch = lines, clock, batch

    async def run(self) -> None:
        """Without end; a lane of its own each, so that no emergency waits for a routine batch's time-out."""
        async with asyncio.TaskGroup() as group:
            for lane in LANES:
                group.create_task(self._run_lane(lane))

    async def _run_lane(self, lane: Lane) -> None:
        spool = self._lines[lane].spool
        while True:
            spool.arrived.clear()
            try:
                while self._has_turn(lane) and await self._send_some(lane):
                    pass
            except Unavailable:
                await asyncio.sleep(_PAUSE_S)
                continue
            if lane == "emergency":
                self._lines["routine"].spool.arrived.set()
            await spool.arrived.wait()

    def _has_turn(self, lane: Lane) -> bool:
        """No routine batch sets out while an emergency waits."""
        return lane == "emergency" or not self._lines["emergency"].spool.unsent

    async def _send_some(self, lane: Lane) -> bool:
        line = self._lines[lane]
        found = _together(await line.spool.read(self._batch)) if line.spool.unsent else []
        if not found:
            return False
        now = self._clock.now()
        await line.publisher.publish([aged(waiting, now) for waiting, _ in found], _PUBLISH_S)
        await line.spool.forget(found)
        DRAINED.labels(lane).inc(len(found))
        log.info("spool drained", lane=lane, count=len(found))
        return True


def _together(found: list[tuple[Waiting, Position]]) -> list[tuple[Waiting, Position]]:
    """Partitions answer apart, so what ends a case sets out when Kafka has said that it has what stands before."""
    return [*found[:1], *takewhile(lambda one: not one[0].after, found[1:])]
