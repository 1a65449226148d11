"""What notify's parts do with a fault of one of them: the others go on (pure wiring, with parts in memory)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.notify import glass as breaking
from services.notify.glass import Glass
from services.notify.glass_files import Told
from services.notify.pages import Job, job_of
from services.notify.routine_lines import RoutineLines
from services.notify.settings import NotifySettings
from shared.domain.estates.devices import DeviceChannel
from shared.domain.notifying.state import unmarked
from shared.domain.playbooks.loading import load_playbooks
from shared.platform.cases import Case
from shared.platform.errors import Unavailable
from tests.support.events import a_report
from tests.support.notify_case import REPORT, NotifyCase, connected


class Posted:
    """Fails with the first page."""

    def __init__(self) -> None:
        self.devices: list[str] = []

    async def station(self, job: Job) -> None:
        return None

    async def post(self, jobs: Sequence[Job]) -> None:
        self.devices += [job.attempt.device for job in jobs]
        if len(self.devices) == 1:
            raise RuntimeError


def jobs(count: int, **more: Any) -> list[Job]:
    notify = NotifyCase()
    notify.hear(*(notify.notice(n, urgency="routine", **more) for n in range(count)))
    case = Case(f"qinghe/{REPORT}", "emergency", "qinghe", 1, notify.state)
    return [job_of(case, m, t) for m in notify.state["messages"].values() for t in unmarked(m)]


async def test_a_page_that_cannot_be_made_is_given_up_and_the_line_goes_on() -> None:
    posted, lost = Posted(), list[Job]()
    lines = RoutineLines(NotifySettings(notify_routine_at_once=1), posted, None, "routine")  # type: ignore[arg-type]
    lines.lost = lost.append
    waiting = jobs(5)
    for job in waiting:
        lines.put(job)
    async with asyncio.timeout(5):
        while len(posted.devices) < 5:
            await asyncio.sleep(0)
    assert [job.id for job in lost] == [waiting[0].id]


async def test_a_drill_stands_before_what_is_routine_and_behind_other_drills() -> None:
    lines = RoutineLines(NotifySettings(notify_routine_at_once=1), Posted(), None, "routine")  # type: ignore[arg-type]
    routine, first, second = jobs(3)
    first, second = (j._replace(message={**j.message, "urgency": "emergency"}) for j in (first, second))
    lines.put(routine)
    for drill in (first, second):
        lines.put(drill, first=True)
    standing = [job.id for job in lines._waiting[routine.line]]
    lines.stop()
    assert standing == [first.id, second.id, routine.id]


class Sometimes:
    """A directory that can be read at the third time, or a Kafka that says something new."""

    def __init__(self) -> None:
        self.asked = 0

    async def estate(self, code: str) -> Any:
        self.asked += 1
        if self.asked < 3:
            raise Unavailable("never read")
        pager = DeviceChannel(id="phone", kind="snpp", options={"host": "127.0.0.1"})
        return connected().model_copy(update={"channels": (pager,)})

    async def publish(self, *_: Any) -> None:
        raise RuntimeError

    async def stop(self) -> None:
        """Nothing to end."""


class Rung:
    def __init__(self) -> None:
        self.channels: list[str] = []

    def channel(self, estate: Any, channel_id: str) -> None:
        self.channels.append(channel_id)


async def test_break_glass_rings_on_through_faults_of_the_directory_and_kafka(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaking, "_AGAIN_S", 0.01)
    directory, rung, now = Sometimes(), Rung(), datetime.now(UTC)
    settings = NotifySettings()
    glass = Glass(settings, tmp_path, directory, rung, directory, load_playbooks(settings.playbooks))  # type: ignore[arg-type]
    notice = NotifyCase().notice(0, "service_head")
    real = notice.model_copy(update={"accepted_at": now, "valid_until": now + timedelta(hours=2)})
    glass._work(uuid4(), Told(notices=[real]))
    async with asyncio.timeout(5):
        while len(rung.channels) < 6:
            await asyncio.sleep(0.01)
    assert len(glass._at_work) == 1
    await glass.stop()


class Slow(Sometimes):
    """A directory that answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.goes = asyncio.Event()

    async def estate(self, code: str) -> Any:
        await self.goes.wait()
        return connected().model_copy(update={"devices": ()})


async def test_a_second_call_for_a_report_is_not_said_to_be_taken_while_the_first_may_still_fail(
    tmp_path: Path,
) -> None:
    directory, settings = Slow(), NotifySettings()
    glass = Glass(settings, tmp_path, directory, Rung(), directory, load_playbooks(settings.playbooks))  # type: ignore[arg-type]
    report = a_report()
    first = asyncio.create_task(glass.take(report))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await glass.take(report)
    directory.goes.set()
    await first
    await glass.take(report)
    assert len(glass._at_work) == 1
    assert len(list(tmp_path.glob("*.json"))) == 1
    await glass.stop()
