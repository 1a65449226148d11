"""The ticker: leases what is due and says `deadline.passed` under the case's own key, and does no more.

Deadlines survive restarts, fire never early, and two tickers do no harm: the same deadline has the same id.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne

from shared.contracts.event import Event
from shared.contracts.ids import deadline_id
from shared.contracts.replies import DeadlinePassed
from shared.contracts.vocabulary import Lane
from shared.platform.cases import Cases, report_of
from shared.platform.clock import Clock
from shared.platform.metrics import DEADLINES, LATENESS
from shared.platform.mongo import Document
from shared.platform.publishing import Publisher
from shared.platform.records import Outgoing, outgoing
from shared.platform.retrying import until_it_works
from shared.platform.settings import Settings

_FIELDS = {"deadlines": 1, "ring_at": 1, "rings": 1, "estate": 1}
_BREATH_S = 0.01
_BURST, _TURNS = 50, 50


class Ticker:
    """One a service and lane."""

    def __init__(self, settings: Settings, service: str, lane: Lane, cases: Cases, publisher: Publisher) -> None:
        self._settings, self._service, self._lane = settings, service, lane
        self._cases, self._publisher = cases.collection, publisher
        self._clock = Clock.of(settings)
        self._topic = f"replies.{lane}" if service != "notify" else f"deliveries.{lane}"

    async def run(self) -> None:
        """Without end; waits while Kafka or MongoDB is away."""
        while True:
            wait = await until_it_works(self._service, "ticker", self.tick)
            await asyncio.sleep(wait)

    async def tick(self) -> float:
        """Rings what is due and returns the real seconds until the next look, 0.1 at the most."""
        longest = self._settings.ticker_sleep_ms / 1000
        now = await self._database_now()
        horizon = now + self._clock.real_seconds(longest)
        query = {"lane": self._lane, "ring_at": {"$lte": horizon}}
        found = self._cases.find(query, _FIELDS).sort("ring_at", 1).limit(self._settings.ticker_batch)
        cases = await found.to_list()
        due = [c for c in cases if c["ring_at"] <= now]
        if len(due) >= _BURST and self._lane == "routine":
            await self._let_emergencies_pass(now)
            now = await self._database_now()
        if due:
            await self._ring(due, now)
            # Deadlines that trickle in are rung a few at a time, not each with a write and a record of its own.
            return 0.0 if len(due) == self._settings.ticker_batch else _BREATH_S
        if cases:
            return float((cases[0]["ring_at"] - now).total_seconds() / self._clock.speed)
        return longest

    async def _let_emergencies_pass(self, now: datetime) -> None:
        """Many routine deadlines at once wait until due emergencies are rung, but not for a ticker that is away."""
        due = {"lane": "emergency", "ring_at": {"$lte": now}}
        for _ in range(_TURNS):
            if await self._cases.find_one(due, {"_id": 1}) is None:
                return
            await asyncio.sleep(_BREATH_S)

    async def _database_now(self) -> datetime:
        hello = await self._cases.database.command("hello")
        local: datetime = hello["localTime"]
        return self._clock.at(local.replace(tzinfo=UTC))

    async def _ring(self, cases: list[Document], now: datetime) -> None:
        leases: list[Any] = [self._lease(case, now) for case in cases]
        records = [self._record(case, d, now) for case in cases for d in case["deadlines"] if d["due"] <= now]
        # In this order: leased and not told would stay silent for the lease; told and not leased rings the same id.
        await self._publisher.publish(records)
        await self._cases.bulk_write(leases, ordered=False)
        DEADLINES.labels(self._service, self._lane).inc(len(records))
        for case in cases:
            late = (now - min(d["due"] for d in case["deadlines"])).total_seconds() / self._clock.speed
            LATENESS.labels(self._service, self._lane).observe(max(0.0, late))

    def _lease(self, case: Document, now: datetime) -> UpdateOne:
        seconds = min(self._settings.lease_s * 2 ** min(case["rings"], 16), self._settings.lease_max_s)
        later = [d["due"] for d in case["deadlines"] if d["due"] > now]
        ring_at = min([now + self._clock.real_seconds(seconds), *later])
        guard = {"_id": case["_id"], "ring_at": case["ring_at"]}
        return UpdateOne(guard, {"$set": {"ring_at": ring_at}, "$inc": {"rings": 1}})

    def _record(self, case: Document, deadline: Document, now: datetime) -> Outgoing:
        passed: Event = DeadlinePassed(
            event_id=deadline_id(deadline["armed_by"], deadline["name"]),
            report_id=report_of(case["_id"]),
            estate_id=case["estate"],
            occurred_at=deadline["due"],
            accepted_at=now,
            because_of=deadline["armed_by"],
            owner=self._service,
            name=deadline["name"],
            armed_by=deadline["armed_by"],
            due_at=deadline["due"],
        )
        return outgoing(passed, self._topic, self._service)
