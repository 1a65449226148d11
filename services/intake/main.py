"""Puts intake together: the only door in. `python -m services.intake.main`."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

from services.intake.api import intake_app
from services.intake.breaking_glass import breaking_glass
from services.intake.desk import Desk
from services.intake.door import IntakeDoor
from services.intake.drain import Drain
from services.intake.handing_over import GivenMemory
from services.intake.idempotency import KeyMemory
from services.intake.keeping import Keeping, Line
from services.intake.readiness import Readiness
from services.intake.segments import Segments
from services.intake.settings import PORT, IntakeSettings
from services.intake.spool import Spool, Watch, claim
from shared.contracts.vocabulary import LANES, Lane
from shared.domain.playbooks.loading import load_playbooks
from shared.platform.admin_key import ensure_glass_key
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.ending import end
from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.mongo import connect, database
from shared.platform.publishing import ROUTINE_LINGER_MS, Publisher
from shared.platform.retrying import until_it_works
from shared.platform.service import run_service, serving, until_stopped
from shared.platform.sessions import sessions_of
from shared.platform.signing_in.routes import session_routes
from shared.platform.topic_admin import refuse_unsafe
from shared.platform.web.pages import Pages

_LINGER_MS: dict[Lane, int] = {"emergency": 0, "routine": ROUTINE_LINGER_MS}
_MIB, _KIB = 1024 * 1024, 1024
_DIRECTORY_S = 1.0
Prepare = Callable[[], Coroutine[Any, Any, None]]


def main() -> None:
    """Ends as `run_service` says."""
    settings = IntakeSettings()
    run_service("intake", None, settings, lambda: serve(settings))


async def serve(settings: IntakeSettings) -> bool:
    """Opens the door at once, whether or not Kafka and MongoDB are there. True when it was asked to stop."""
    async with (
        connect(settings) as client,
        breaking_glass(settings, ensure_glass_key(settings)) as glass,
        _lines(settings, glass) as lines,
    ):
        store = database(client, settings)
        clock = Clock.of(settings)
        snapshot = settings.state_dir / "directory.json"
        directory = Directory(store, snapshot, settings.directory_age_s, timeout_s=_DIRECTORY_S)
        keys, given = KeyMemory(store, settings), GivenMemory(store, settings)
        keeping = Keeping(lines, settings.intake_publish_s)
        door = IntakeDoor(settings, clock, directory, keys, keeping, given)
        drain = Drain(lines, clock, settings.intake_drain_batch)
        sessions = sessions_of(settings, store)
        callers = Callers(directory, sessions)
        pages = Pages(settings, "intake", Path(__file__).parent / "pages", callers)
        pages.add(session_routes(settings, store, pages, callers))
        pages.add(Desk(settings, clock, pages, directory, load_playbooks(settings.playbooks)).routes())
        app = intake_app(settings, callers, door, pages, Readiness(settings, store, lines, keeping).ready)
        log.info("starting", clock=clock.now().isoformat(), speed=settings.clock_speed)
        with contextlib.suppress(Unavailable):
            await directory.refresh()
        async with serving(app, settings.host, settings.port or PORT):
            return await _run(settings, lines, keeping, drain, keys.prepare, given.prepare)


async def _run(
    settings: IntakeSettings, lines: dict[Lane, Line], keeping: Keeping, drain: Drain, *prepare: Prepare
) -> bool:
    """Until Kafka's settings were found safe everything goes into the spool; unsafe ones end the process."""
    sending = asyncio.create_task(_send_when_safe(settings, lines, keeping, drain))
    indexing = [asyncio.create_task(until_it_works("intake", "indexes", one)) for one in prepare]
    try:
        asked = await until_stopped(sending.done)
        if sending.done():
            sending.result()
        return asked
    finally:
        await end((sending, *indexing))


async def _send_when_safe(
    settings: IntakeSettings, lines: dict[Lane, Line], keeping: Keeping, drain: Drain
) -> None:
    await until_it_works("intake", "safety check", lambda: refuse_unsafe(settings))
    for line in lines.values():
        await line.publisher.start()
    keeping.safe = True
    await drain.run()


@contextlib.asynccontextmanager
async def _lines(settings: IntakeSettings, watch: Watch) -> AsyncIterator[dict[Lane, Line]]:
    """Both lanes' spools, claimed and recovered, and their producers; HTTP has ended before they do."""
    root = settings.state_dir / "spool"
    lock = claim(root)
    lines = {lane: _line(settings, lane, root / lane, watch) for lane in LANES}
    try:
        for lane, line in lines.items():
            log.info("spool opened", lane=lane, count=await line.spool.open())
        yield lines
    finally:
        for line in lines.values():
            await line.publisher.stop()
            await line.spool.close()
        os.close(lock)


def _line(settings: IntakeSettings, lane: Lane, directory: Path, watch: Watch) -> Line:
    publisher = Publisher(settings, f"baoshi-intake-{lane}", _LINGER_MS[lane])
    segments = Segments(directory, settings.intake_spool_mib * _MIB, settings.intake_segment_kib * _KIB)
    return Line(publisher, Spool(lane, segments, watch))


if __name__ == "__main__":
    main()
