"""What the outbox, its watches and its channels do when a case changes under them (wiring, parts in memory)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from services.notify import outbox, watches
from services.notify.channels.snpp import Snpp
from services.notify.channels.table import CHANNELS
from services.notify.outbox import Outbox
from services.notify.pages import Job, job_of
from services.notify.receipts import Attempt
from services.notify.routine_lines import RoutineLines
from services.notify.settings import NotifySettings
from services.notify.stations import Stations
from services.notify.watches import Watches
from shared.contracts.deliveries import Delivery, DeliveryRefused
from shared.contracts.event import record_key
from shared.contracts.topics import PARTITIONS
from shared.domain.estates.devices import DeviceChannel
from shared.domain.notifying.state import unmarked
from shared.platform.cases import Case
from shared.platform.casework_service import Parts
from shared.platform.publishing import partition_of
from tests.support.notify_case import REPORT, NotifyCase, connected

LEADER = "radio-leader"
EVERY = frozenset(range(PARTITIONS))


class Posting:
    """Sends what it is given when `goes` is set; knows what was said and which codes were ended."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.said: list[tuple[type[Delivery], UUID, str]] = []
        self.ended: list[UUID] = []
        self.unwanted: set[UUID] = set()
        self.goes = asyncio.Event()
        self.receipts, self.open_tasks = self, self

    async def station(self, job: Job) -> None:
        return None

    async def post(self, jobs: Sequence[Job]) -> None:
        await self.goes.wait()
        self.sent += [job.attempt.device for job in jobs]

    async def say(self, kind: type[Delivery], attempt: Attempt, *, reason: str) -> None:
        self.said.append((kind, attempt.message, reason))

    async def end_code(self, task_id: str, message: UUID) -> None:
        self.ended.append(message)

    async def watch(self, job: Job, token: str) -> None:
        """There is nothing to ask for."""

    async def stop(self) -> None:
        """Nothing to end."""


class Cases:
    """Finds one case, as it was when it was asked for, whatever happened since."""

    def __init__(self) -> None:
        self.found: Case | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.collection = self

    async def find(self, *_: Any) -> AsyncIterator[dict[str, str]]:
        if self.found:
            yield {"_id": REPORT, "estate": "qinghe"}

    async def load(self, _: Any) -> dict[str, Case]:
        assert self.found
        self.meanwhile()
        return {REPORT: self.found}


class Box:
    """An outbox over a posting in memory; `own` are the partitions that its process has."""

    def __init__(self) -> None:
        self.cases, self.looked = Cases(), list[str]()
        self.posting, self.own = Posting(), EVERY
        settings = NotifySettings(notify_routine_at_once=1, notify_closing_s=0.01)
        lines = RoutineLines(settings, self.posting, None, "emergency")  # type: ignore[arg-type]
        some: Any = None
        parts = Parts(settings, "emergency", some, self.cases, some, some, lambda: self.own, self.caught_up)  # type: ignore[arg-type]
        self.outbox = Outbox(settings, parts, self.posting, lines)  # type: ignore[arg-type]

    def saved(self, case: NotifyCase) -> None:
        self.outbox.saved([as_case(case)])

    async def caught_up(self, family: str, seconds: float) -> bool:
        self.looked.append(family)
        return True


def as_case(case: NotifyCase) -> Case:
    return Case(REPORT, "emergency", "qinghe", 1, case.state)


async def comes(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_a_page_of_a_task_that_was_handed_over_leaves_the_line_and_its_code_is_ended() -> None:
    box, case = Box(), NotifyCase()
    case.hear(case.assign(0, pace="routine", n=2), case.assign(0, pace="routine"))
    box.saved(case)
    old = next(m["id"] for m in case.state["messages"].values() if m["task"] == f"{REPORT}.tell_leader.1")
    await asyncio.sleep(0)
    case.hear(case.handed_over(1, "head-1"))
    box.saved(case)
    await comes(lambda: bool(box.posting.said and box.posting.ended))
    assert box.posting.said == [(DeliveryRefused, old, "no_longer_wanted")]
    assert box.posting.ended == [old]
    box.posting.goes.set()
    await comes(lambda: len(box.posting.sent) == 2)
    assert box.posting.sent == [LEADER, "phone-head"]
    await box.outbox.stop()


async def test_a_page_whose_partition_went_to_another_copy_is_left_to_that_one() -> None:
    box, case = Box(), NotifyCase()
    box.own = EVERY - {partition_of(record_key(REPORT, "qinghe"))}
    box.posting.goes.set()
    case.hear(case.assign(0))
    box.saved(case)
    await comes(lambda: not box.outbox._at_work)
    assert box.posting.sent == []
    box.own = EVERY
    box.saved(case)
    await comes(lambda: box.posting.sent == [LEADER])
    await box.outbox.stop()


async def test_a_look_at_a_case_that_is_old_by_the_time_it_was_read_sends_nothing_twice() -> None:
    box, case = Box(), NotifyCase()
    box.posting.goes.set()
    case.hear(case.assign(0))
    box.saved(case)
    await comes(lambda: box.posting.sent == [LEADER])
    box.cases.found = as_case(case)
    case.hear(case.accepted(1, LEADER))
    box.cases.meanwhile = lambda: box.saved(case)
    await box.outbox._sweep(EVERY, EVERY)
    await comes(lambda: not box.outbox._at_work)
    assert box.posting.sent == [LEADER]
    assert box.looked == ["deliveries"]
    await box.outbox.stop()


async def test_a_partition_that_comes_back_at_once_is_sent_nothing_twice() -> None:
    box, case = Box(), NotifyCase()
    case.hear(case.assign(0))
    box.saved(case)
    box.cases.found = as_case(case)
    for had, now in ((EVERY, frozenset[int]()), (frozenset[int](), EVERY)):
        box.outbox._part_with(had, now)
    await box.outbox._sweep(EVERY, EVERY)
    box.posting.goes.set()
    await comes(lambda: not box.outbox._at_work)
    assert box.posting.sent == [LEADER]
    await box.outbox.stop()


async def test_what_another_copy_has_for_a_while_is_in_nobodys_hand_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "_GONE_S", -1.0)
    box, case = Box(), NotifyCase()
    box.posting.goes.set()
    case.hear(case.assign(0))
    box.saved(case)
    box.outbox._part_with(EVERY, frozenset())
    box.cases.found = as_case(case)
    await box.outbox._sweep(EVERY, EVERY)
    await comes(lambda: not box.outbox._at_work)
    assert box.posting.sent == [LEADER, LEADER]
    await box.outbox.stop()


def a_job() -> Job:
    notify = NotifyCase()
    notify.hear(notify.assign(0))
    case = Case(REPORT, "emergency", "qinghe", 1, notify.state)
    return next(job_of(case, m, t) for m in notify.state["messages"].values() for t in unmarked(m))


async def test_a_watch_that_fails_begins_again_and_ends_a_while_after_its_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watches, "_FIRST_S", 0.0)
    monkeypatch.setattr(watches, "_LATE_S", 0.0)
    asked, never = list[str](), asyncio.Event()

    async def watch(job: Job, token: str) -> None:
        asked.append(token)
        if len(asked) < 4:
            raise ConnectionError
        await never.wait()

    job, watching = a_job(), Watches(watch)
    watching.begin(job, "7")
    watching.begin(job, "7")
    await comes(lambda: len(asked) == 4)
    assert list(watching._running) == [job.id]
    watching.end_soon(job.message)
    await comes(lambda: not watching._running)
    assert asked == ["7"] * 4
    await watching.stop()


class Line:
    """A channel that says when it was closed."""

    made: "list[Line]"
    takes = Snpp.takes

    def __init__(self, *_: Any) -> None:
        self.closed = False
        self.made.append(self)

    async def close(self) -> None:
        self.closed = True


async def test_a_channel_whose_row_changed_is_closed_when_nothing_of_it_can_be_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Line.made = []
    monkeypatch.setitem(CHANNELS, "snpp", Line)

    async def hear(*_: Any) -> None:
        """Nothing comes."""

    found = Stations(NotifySettings(notify_send_s=1), "line", hear)
    for port in (444, 444, 445):
        row = DeviceChannel(id="pager", kind="snpp", options={"host": "127.0.0.1", "port": port})
        found.channel(connected().model_copy(update={"channels": (row,)}), "pager")
    old, new = Line.made
    assert not old.closed
    await comes(lambda: old.closed)
    assert not new.closed
    await found.close()
    assert new.closed
