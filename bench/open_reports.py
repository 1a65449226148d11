"""Open reports on many estates, kept at one number, of which something happens so often a second, on Kafka."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from bench.estate import estate, medical, record
from bench.site import Site
from shared.contracts.event import Addressee, Event, Words
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReportClosed, ReportOpened, TaskAssigned, TaskChanged, TaskEnded
from shared.platform.clock import floor_ms
from shared.platform.estate_store import apply_estates

_MOST_NOTES = 12
"""Of one report: if all lived equally long they would end together, a third of the board within some seconds."""
_WORDS = Words(zh="去看病人", en="GO TO PATIENT")
_OPENED = 3
"""Events of a report until it has a task."""
_STEPS = 4
"""Places among the first steps of its task from which a report that stands open at first goes on."""
_AHEAD = timedelta(hours=2)


class Sent(NamedTuple):
    """The `v`-th event of a report, and when the broker appended it, in milliseconds."""

    report_id: str
    v: int
    at_ms: int


class OpenReports:
    """`estates` names; `open` reports stand open, one that ends is followed by a new one."""

    def __init__(self, site: Site, estates: int, open_reports: int) -> None:
        self._site = site
        self.codes = [f"bench-{n:02}" for n in range(estates)]
        self._begun, self._chance = 0, random.Random(1)
        self._lives: deque[tuple[str, int, Iterator[Event]]] = deque()
        self._open = open_reports
        self.sent: list[Sent] = []

    async def prepare(self) -> list[Event]:
        """The estates are known; what is to be filled in before the register is looked at."""
        await apply_estates(self._site.store, [estate(code) for code in self.codes])
        events: list[Event] = []
        for number in range(self._open):
            life = self._new()
            begun = [next(life) for _ in range(_OPENED + number % _STEPS)]
            events += begun
            self._lives.append((begun[0].report_id, len(begun), life))
        return events

    async def go_on(self, rate: float, seconds: float) -> None:
        """So many events a second, evenly, each acknowledged; what becomes of them is in `sent`."""
        async with _producer(self._site) as producer:
            began, count = time.perf_counter(), int(rate * seconds)
            waiting = set[asyncio.Task[None]]()
            for number in range(count):
                await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
                task = asyncio.create_task(self._send(producer, *self._next()))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            await asyncio.gather(*waiting)

    async def _send(self, producer: AIOKafkaProducer, event: Event, v: int) -> None:
        out = record(event)
        placed = await producer.send_and_wait(
            self._site.topic(out.topic), out.value, key=out.key.encode(), headers=out.headers
        )
        if not isinstance(event, ReportClosed):
            self.sent.append(Sent(event.report_id, v, placed.timestamp))

    def _next(self) -> tuple[Event, int]:
        """Of the report that was quiet longest."""
        report_id, v, life = self._lives.popleft()
        event = next(life, None)
        if event is None:
            life, v = self._new(), 0
            event = next(life)
            report_id = event.report_id
        self._lives.append((report_id, v + 1, life))
        return event, v + 1

    def _new(self) -> Iterator[Event]:
        self._begun += 1
        return _life(medical(self.codes[self._begun % len(self.codes)]), self._chance.randint(0, _MOST_NOTES))


def _producer(site: Site) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=site.settings.kafka, acks="all", enable_idempotence=True)


def _life(filed: ReportFiled, notes: int) -> Iterator[Event]:
    """Filed, given to a guard, answered, noted upon so often, and ended."""
    yield filed
    common: dict[str, Any] = {"report_id": filed.report_id, "estate_id": filed.estate_id}
    task = f"{filed.report_id}.go.1"
    version = 0

    def fact(kind: Any, **fields: Any) -> Any:
        nonlocal version
        version += 1
        now = floor_ms(datetime.now(UTC))
        told = {"event_id": uuid4(), "occurred_at": now, "accepted_at": now, "case_version": version, "index": 0}
        return kind(**common, **told, **fields)

    book = {"playbook": "medical", "playbook_version": 1}
    opened = {"owner": "customer_assistant", "clock_from": filed.accepted_at, "grade": None}
    yield fact(ReportOpened, because_of=filed.event_id, **book, **opened)
    ends = {"ack_wait": 3600, "arrive_by": filed.accepted_at + _AHEAD, "finish_by": filed.accepted_at + _AHEAD}
    to = Addressee(role="guard", post="patrol-east")
    yield fact(
        TaskAssigned,
        **{"task_id": task, "step": "go", "n": 1, "clause": ("S3.2",), "words": _WORDS, "to": to},
        **{"assigned_at": filed.accepted_at, **ends, **book},
    )
    for what in ("acknowledged", "started", *["noted"] * notes, "arrived"):
        yield fact(TaskChanged, task_id=task, what=what)
    yield fact(TaskEnded, task_id=task, outcome="done")
    yield fact(ReportClosed, why="done")
