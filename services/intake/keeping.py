"""Making events durable: in Kafka, or in the spool when Kafka does not say so within a second."""

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
        """Every event is durable when it returns, each only after the one before it. `SpoolFull`: no promise.

        So whoever ends a case by the last of them ends none whose successor is not known. With the first that goes
        into a spool the rest go into the same one, whatever their lane.
        """
        waiting = [
            Waiting(outgoing(t.event, t.topic, "intake", trace), t.event.accepted_at, after=n > 0)
            for n, t in enumerate(told)
        ]
        for n, one in enumerate(waiting):
            line = self._lines[lane_of_key(one.record.key)]
            if not await self._in_kafka(line, one, waiting[n:], now):
                return "spool"
        return "kafka"

    async def _in_kafka(self, line: Line, one: Waiting, rest: Sequence[Waiting], now: datetime) -> bool:
        """False: it and the rest are in the spool. While that holds anything, what comes later goes behind it."""
        behind = line.spool.unsent > 0 or not self.safe
        if not behind and await self._published(line, one, now):
            return True
        try:
            await line.spool.append(rest)
        except SpoolFull:
            # Out of order is better than refused: dispatch holds what comes too early.
            if behind and self.safe and await self._published(line, one, now):
                return True
            raise
        return False

    async def _published(self, line: Line, waiting: Waiting, now: datetime) -> bool:
        """False is unknown: the same ids go into the spool, and a record that stands twice is one event."""
        try:
            await line.publisher.publish([aged(waiting, now)], self._publish_s)
        except Unavailable:
            return False
        return True


def aged(waiting: Waiting, now: datetime) -> Outgoing:
    """The record with the time it has waited, by which readers bound its clock from below."""
    waited, record = max(0, (now - waiting.since) // _MS), waiting.record
    headers = [*record.headers, (WAITED_MS, str(waited).encode())]
    return Outgoing(record.topic, record.key, record.value, headers)
