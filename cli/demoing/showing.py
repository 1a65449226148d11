"""The evening played on a running installation, and what the register has of it."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cli.demoing.checking import (
    Finding,
    Held,
    door_finding,
    happened_finding,
    held_up,
    numbers_finding,
    planned_finding,
    radio_finding,
    reached_finding,
    reports_finding,
)
from cli.demoing.devices import Devices, devices_of
from cli.demoing.door import Door, Keys
from cli.demoing.ending import figure_lines, register_table
from cli.demoing.evening import Evening
from cli.demoing.people import People, report_id
from cli.demoing.registered import Registered, caught_up, lines_of, read_register
from cli.demoing.rehearsals import Slack, as_it_happened, as_planned
from cli.demoing.running import Run
from cli.demoing.screen import Screen
from cli.demoing.watching import Watch
from cli.installation import Installation
from shared.contracts.event import Fact
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.loading import load_playbooks
from shared.platform.clock import Clock
from shared.platform.mongo import connect, database

CATCH_UP_S = 20.0
QUIET_S = 1.0
SETTLE_S = 1.0
LONGEST_QUIET_S = 10.0
SILENCE_S = 5.0
ORDERS_S = (0.0, 0.1, -0.1, 0.5)
"""Real seconds: a ring before or after what came so near to it on another topic. Either order is legal."""


class Showing:
    """One evening. `run` gives the findings of the check."""

    def __init__(
        self, installation: Installation, evening: Evening, estates: Sequence[Estate], keys: Keys, screen: Screen
    ) -> None:
        self._installation, self._evening, self._estates = installation, evening, estates
        self._keys, self._screen = keys, screen
        self._clock = Clock.of(installation.settings)
        self._titles = {report_id(evening, filing): filing.id for filing in evening.report}
        self._begins = self._ends = evening.begins

    async def run(self) -> list[Finding]:
        """Plays it to its end, waits until the register has everything, and compares."""
        async with (
            self._watching() as watch,
            devices_of(self._installation, self._estates, self._screen) as devices,
        ):
            self._begins = max(self._evening.begins, self._clock.now() + self._clock.real_seconds(SETTLE_S))
            self._ends = self._begins + self._evening.lasts
            self._announce()
            door = Door(self._installation.address("intake"), self._keys)
            people = People(self._evening, self._estates, self._begins)
            run = Run(self._evening, people, door, self._clock, self._screen, devices)
            watch.tell = run.hear
            with self._screen.live(self._clock.now):
                await run.until(self._ends)
            await door.close()
            await self._quiet(watch)
            return await self._look(run, watch, devices)

    def _announce(self) -> None:
        zone, evening = ZoneInfo(self._estates[0].time_zone), self._evening
        real = evening.lasts.total_seconds() / evening.speed
        self._screen.say(
            f"{self._begins.astimezone(zone):%Y-%m-%d %H:%M} · {len(evening.report)} 件报事 reports, "
            f"{len(evening.unusable)} 个不可用的请求 unusable requests · 时钟快 {evening.speed:g} 倍 clock speed · "
            f"约 {real:.0f} 秒 s"
        )
        self._screen.say(
            "书面咨询的两日、回访的三日、书面报告的十二小时不在今晚之内,到时仍未完 · "
            "two days of a written inquiry, three of a return visit, twelve hours of a written report "
            "lie beyond this evening and stay open"
        )

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[Watch]:
        watch = Watch(self._installation.settings)
        reading = asyncio.create_task(watch.run())
        try:
            await watch.started.wait()
            yield watch
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading

    async def _quiet(self, watch: Watch) -> None:
        """Until nothing new has come for a second: what was under way at the end is done by then."""
        until = time.monotonic() + LONGEST_QUIET_S
        while time.monotonic() < until and datetime.now(UTC) - watch.last_at < timedelta(seconds=QUIET_S):
            await asyncio.sleep(0.1)

    async def _look(self, run: Run, watch: Watch, devices: Devices) -> list[Finding]:
        settings = self._installation.settings
        async with connect(settings) as client:
            store = database(client, settings)
            whole = await caught_up(store, watch.seen.keys(), CATCH_UP_S)
            registered = await read_register(store)
        held = held_up(run.sent, watch.decisions_late(), watch.rings_late(), self._evening.speed)
        await self._print(registered, watch, held)
        late = () if whole else ("登记表未跟上 the register is behind Kafka",)
        parked = (f"{watch.parked} 条无法处理的记录 parked records",) if watch.parked else ()
        return [
            door_finding(run.sent, run.tried),
            Finding("登记表收齐了 Kafka 上的事件", "the register has all that is on Kafka", len(watch.seen), late),
            Finding("没有无法处理的记录", "nothing was parked", watch.parked, parked),
            reports_finding(run.sent, registered),
            numbers_finding(registered, registered.rows),
            reached_finding(registered.events, devices.pages + devices.shown),
            radio_finding(registered.events, devices.answers),
            *self._called(registered, watch, held),
        ]

    def _called(self, registered: Registered, watch: Watch, held: Held) -> list[Finding]:
        estates, playbooks, end = self._estates, load_playbooks(), self._ends
        found = [e for e in registered.events if isinstance(e, Fact) and e.accepted_at <= end]
        planned = as_planned(self._evening, estates, playbooks, self._begins, end)
        said, stamps, silence = watch.said(), watch.stamps(), self._clock.real_seconds(SILENCE_S)
        happened = [
            as_it_happened(said, stamps, estates, playbooks, Slack(self._clock.real_seconds(order), silence), end)
            for order in ORDERS_S
        ]
        return [
            planned_finding(planned, found, self._titles, held),
            happened_finding(happened, found, self._titles),
        ]

    async def _print(self, registered: Registered, watch: Watch, held: Held) -> None:
        lines = await lines_of(self._installation.address("register"), self._keys.admin)
        console = self._screen.console
        console.print()
        zone = ZoneInfo(self._estates[0].time_zone)
        console.print(register_table(lines, zone, console.width))
        counts = Counter(event.type for event in registered.events)
        for text in figure_lines(counts, watch.real_ms_to_task(), held):
            self._screen.say(text)
