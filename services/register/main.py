"""Puts the register together: `python -m services.register.main`. Each lane is read by a consumer of its own."""

import asyncio

from services.register.api import register_app
from services.register.handlers import SERVICE, Handlers
from services.register.live.watch import Watch
from services.register.numbers import Numbers
from services.register.settings import RegisterSettings
from services.register.store import Store
from services.register.window import Window
from shared.contracts.topics import read_by
from shared.contracts.vocabulary import LANES
from shared.platform.clock import Clock
from shared.platform.consuming import Consumption
from shared.platform.directory import Directory
from shared.platform.logs import log
from shared.platform.mongo import connect, database
from shared.platform.publishing import Publisher
from shared.platform.readiness import kafka_answers, mongo_answers
from shared.platform.retrying import until_it_works
from shared.platform.service import run_service, serving, until_stopped
from shared.platform.topic_admin import refuse_unsafe

PORT = 8104


def main() -> None:
    """Ends as `run_service` says."""
    settings = RegisterSettings()
    run_service(SERVICE, None, settings, lambda: serve(settings))


async def serve(settings: RegisterSettings) -> bool:
    """True when it was asked to stop, False when a part failed."""
    await until_it_works(SERVICE, "safety check", lambda: refuse_unsafe(settings))
    async with connect(settings) as client:
        mongo = database(client, settings)
        directory = Directory(mongo, settings.state_dir / "directory.json", settings.directory_age_s)
        store, numbers = Store(mongo, settings.register_memory_events), Numbers(mongo, directory)
        await until_it_works(SERVICE, "indexes", store.prepare)
        await until_it_works(SERVICE, "indexes", numbers.prepare)
        parking = Publisher(settings, f"baoshi-{SERVICE}")
        work = Handlers(store, numbers).on_batch
        consumers = [Consumption(settings, SERVICE, lane, read_by(SERVICE, lane), work, parking) for lane in LANES]

        async def ready() -> dict[str, bool]:
            reading = all(consumer.ready for consumer in consumers)
            kafka, mongodb = await asyncio.gather(kafka_answers(settings, parking), mongo_answers(mongo))
            return {"kafka": kafka, "mongodb": mongodb, "reading": reading}

        clock = Clock.of(settings)
        window = Window.over(settings, mongo, directory, clock, ready)
        await until_it_works(SERVICE, "indexes", window.kept.prepare)
        log.info("starting", clock=clock.now().isoformat(), speed=settings.clock_speed)
        async with serving(register_app(window), settings.host, settings.port or PORT):
            return await _run(parking, consumers, window.live.watch)


async def _run(parking: Publisher, consumers: list[Consumption], watch: Watch) -> bool:
    async with watch.running():
        return await _consume(parking, consumers, watch)


async def _consume(parking: Publisher, consumers: list[Consumption], watch: Watch) -> bool:
    await parking.start()
    await asyncio.gather(*(consumer.start() for consumer in consumers))
    try:
        return await until_stopped(lambda: watch.failing or any(consumer.ending for consumer in consumers))
    finally:
        await asyncio.gather(*(consumer.stop() for consumer in consumers))
        await parking.stop()


if __name__ == "__main__":
    main()
