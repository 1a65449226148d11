"""Puts the register together: `python -m services.register.main`. Each lane is read by a consumer of its own."""

import asyncio
from pathlib import Path

from services.register.api import Window, register_app
from services.register.documents.documents import Documents
from services.register.documents.months import Months
from services.register.figures import Counting
from services.register.handlers import SERVICE, Handlers
from services.register.kept import Kept
from services.register.live.board import Board
from services.register.live.streaming import Live
from services.register.live.watch import Watch
from services.register.numbers import Numbers
from services.register.queries import Queries
from services.register.rehearsal import rehearsal_routes
from services.register.report_words import fields_of
from services.register.settings import RegisterSettings
from services.register.store import Store
from shared.contracts.topics import read_by
from shared.contracts.vocabulary import LANES
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.paper import labels_of
from shared.domain.registering.visits import quotas_of
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.consuming import Consumption
from shared.platform.directory import Directory
from shared.platform.logs import log
from shared.platform.mongo import connect, database
from shared.platform.publishing import Publisher
from shared.platform.readiness import kafka_answers, mongo_answers
from shared.platform.retrying import until_it_works
from shared.platform.service import run_service, serving, until_stopped
from shared.platform.sessions import sessions_of
from shared.platform.signing_in.routes import session_routes
from shared.platform.topic_admin import refuse_unsafe
from shared.platform.web.pages import Pages

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
        store, numbers = Store(mongo), Numbers(mongo, directory)
        await until_it_works(SERVICE, "indexes", store.prepare)
        await until_it_works(SERVICE, "indexes", numbers.prepare)
        kept = Kept.of(mongo, settings)
        await until_it_works(SERVICE, "indexes", kept.prepare)
        parking = Publisher(settings, f"baoshi-{SERVICE}")
        work = Handlers(store, numbers).on_batch
        consumers = [Consumption(settings, SERVICE, lane, read_by(SERVICE, lane), work, parking) for lane in LANES]

        async def ready() -> dict[str, bool]:
            reading = all(consumer.ready for consumer in consumers)
            kafka, mongodb = await asyncio.gather(kafka_answers(settings, parking), mongo_answers(mongo))
            return {"kafka": kafka, "mongodb": mongodb, "reading": reading}

        clock = Clock.of(settings)
        queries, playbooks = Queries(mongo), load_playbooks(settings.playbooks)
        sessions = sessions_of(settings, mongo)
        callers = Callers(directory, sessions)
        pages = Pages(settings, SERVICE, Path(__file__).parent / "pages", callers)
        pages.add(session_routes(settings, mongo, pages, callers))
        counting = Counting(queries, directory, quotas_of(playbooks))
        documents = Documents(directory, Months(mongo), queries, counting, labels_of(playbooks), settings)
        fields = fields_of(playbooks)
        live = Live.over(mongo, clock, callers, ready, settings)
        board = Board.over(mongo, live, queries, counting, directory, pages, settings)
        window = Window(
            callers, directory, queries, counting, clock, pages, documents, kept, fields, playbooks, board
        )
        app = register_app(window, ready)
        app.router.routes.extend(rehearsal_routes(callers, directory, clock, pages, settings.playbooks))
        log.info("starting", clock=clock.now().isoformat(), speed=settings.clock_speed)
        async with serving(app, settings.host, settings.port or PORT):
            return await _run(parking, consumers, live.watch)


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
