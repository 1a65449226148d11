"""Making an event durable: in Kafka, or in the spool when Kafka does not say so within a second."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from services.intake.frames import Waiting
from services.intake.linking import Told
from services.intake.segments import SpoolFull
from services.intake.spool import Spool
from shared.contracts.commands import Durable
from shared.contracts.ids import lane_of_key
from shared.contracts.vocabulary import Lane
from shared.platform.errors import Unavailable
from shared.platform.publishing import Publisher
from shared.platform.records import WAITED_MS, Outgoing, outgoing

_MS = timedelta(milliseconds=1)


class Line(NamedTuple):
    """One lane's way to Kafka and, beside it, its spool."""

    publisher: Publisher
    spool: Spool


class Keeping:
    """Nothing is sent past the spool before Kafka's settings were found safe."""

    def __init__(self, lines: Mapping[Lane, Line], publish_s: float) -> None:
        self._lines, self._publish_s = lines, publish_s
        self.safe = False

    async def keep(self, told: Sequence[Told], now: datetime, trace: str | None = None) -> Durable:
        """Every event is durable when it returns. `SpoolFull`: some may not be, nothing is promised."""
        if len(told) == 1:
            return await self._keep_lane(lane_of_key(told[0].event.key), told, now, trace)
        lanes: dict[Lane, list[Told]] = {}
        for one in told:
            lanes.setdefault(lane_of_key(one.event.key), []).append(one)
        kept = await asyncio.gather(*(self._keep_lane(lane, some, now, trace) for lane, some in lanes.items()))
        return "kafka" if set(kept) == {"kafka"} else "spool"

    async def _keep_lane(self, lane: Lane, told: Sequence[Told], now: datetime, trace: str | None) -> Durable:
        """While the lane's spool holds anything, what comes later goes behind it: a report before its replies."""
        waiting = [Waiting(outgoing(t.event, t.topic, "intake", trace), t.event.accepted_at) for t in told]
        line = self._lines[lane]
        behind = line.spool.unsent > 0 or not self.safe
        if not behind and await self._published(line, waiting, now):
            return "kafka"
        try:
            await line.spool.append(waiting)
        except SpoolFull:
            # Out of order is better than refused: dispatch holds what comes too early.
            if behind and self.safe and await self._published(line, waiting, now):
                return "kafka"
            raise
        return "spool"

    async def _published(self, line: Line, waiting: Sequence[Waiting], now: datetime) -> bool:
        """False is unknown: the same ids go into the spool, and a record that stands twice is one event."""
        try:
            await line.publisher.publish([aged(w, now) for w in waiting], self._publish_s)
        except Unavailable:
            return False
        return True


def aged(waiting: Waiting, now: datetime) -> Outgoing:
    """The record with the time it has waited, by which readers bound its clock from below."""
    waited, record = max(0, (now - waiting.since) // _MS), waiting.record
    headers = [*record.headers, (WAITED_MS, str(waited).encode())]
    return Outgoing(record.topic, record.key, record.value, headers)
