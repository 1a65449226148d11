"""What a lane's process has beside its cases: the outbox, which sends what they record."""

import asyncio

from services.notify.air import Air
from services.notify.hearing import Hearing
from services.notify.listening import Listening
from services.notify.open_tasks import OpenTasks
from services.notify.outbox import Outbox
from services.notify.posting import Posting
from services.notify.receipts import Receipts, References
from services.notify.routine_lines import RoutineLines
from services.notify.settings import NotifySettings
from services.notify.stations import Stations
from shared.domain.notifying.state import SERVICE
from shared.platform.casework_service import Beside, Parts
from shared.platform.clock import Clock
from shared.platform.retrying import until_it_works


def sending(settings: NotifySettings, parts: Parts) -> Beside:
    """The parts of one lane, put together. What a channel hears while it sends is heard as anywhere else."""
    clock = Clock.of(settings)
    receipts = Receipts(parts.publisher, clock)
    open_tasks, references = OpenTasks(parts.store), References(parts.store)
    air = Air(parts.store, settings.notify_air_share, settings.clock_speed)
    hearing = Hearing(settings, parts.store, parts.directory, parts.publisher, receipts, open_tasks, references)
    stations = Stations(settings, f"{parts.lane}.{settings.copy_number}", hearing.hear)
    posting = Posting(settings, parts.directory, stations, receipts, open_tasks, references, air)
    outbox = Outbox(settings, parts, posting, RoutineLines(settings, posting, air, parts.lane))
    listening = Listening(parts.directory, stations, with_sender=True)

    async def run() -> None:
        await until_it_works(SERVICE, "answers", hearing.prepare)
        async with asyncio.TaskGroup() as both:
            both.create_task(outbox.run())
            if parts.lane == "emergency":
                both.create_task(listening.run())

    async def stop() -> None:
        await listening.stop()
        await outbox.stop()

    return Beside(outbox.saved, outbox.hears, run, stop)
