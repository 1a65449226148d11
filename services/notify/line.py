"""The line in, as a process: hears devices, tests them, and rings when Kafka is away."""

import asyncio
import contextlib
from pathlib import Path

from services.notify.api import LineApi
from services.notify.devices import Devices
from services.notify.glass import Glass
from services.notify.hearing import Hearing
from services.notify.listening import Listening
from services.notify.open_tasks import OpenTasks
from services.notify.post_card import PostCard
from services.notify.post_page import PostPage
from services.notify.receipts import Receipts, References
from services.notify.settings import LINE_PORT, NotifySettings
from services.notify.stations import Stations
from services.notify.testing import Testing
from shared.domain.notifying.state import SERVICE
from shared.domain.playbooks.loading import load_playbooks
from shared.platform.admin_key import ensure_glass_key, ensure_session_key
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.errors import Unavailable
from shared.platform.logs import log
from shared.platform.mongo import connect, database
from shared.platform.post_links import PostLinks
from shared.platform.publishing import Publisher
from shared.platform.readiness import kafka_answers, mongo_answers
from shared.platform.retrying import until_it_works
from shared.platform.service import serving, until_stopped
from shared.platform.sessions import sessions_of
from shared.platform.settings import Settings
from shared.platform.signing_in.post_page import post_route
from shared.platform.signing_in.routes import session_routes
from shared.platform.topic_admin import refuse_unsafe
from shared.platform.web.pages import Pages


async def serve_line(settings: NotifySettings) -> bool:
    """Opens its port at once, whether or not Kafka and MongoDB are there: break-glass is for when they are not."""
    async with connect(settings) as client:
        store = database(client, settings)
        clock = Clock.of(settings)
        directory = Directory(store, settings.state_dir / "directory.json", settings.directory_age_s)
        publisher = Publisher(settings, "baoshi-notify-line")
        receipts, open_tasks, references = Receipts(publisher, clock), OpenTasks(store), References(store)
        hearing = Hearing(settings, store, directory, publisher, receipts, open_tasks, references)
        stations = Stations(settings, f"line.{settings.copy_number}", hearing.hear)
        playbooks = load_playbooks(settings.playbooks)
        # Its own: what is thrown away while Kafka is silent is not what answers wait for.
        aside = Publisher(settings, "baoshi-notify-glass")
        glass = Glass(settings, settings.state_dir / "glass", directory, stations, aside, playbooks)
        devices = Devices(store)
        testing = Testing(settings, directory, devices, publisher)
        key = ensure_glass_key(settings)
        callers = Callers(directory, sessions_of(settings, store))
        pages = Pages(settings, SERVICE, Path(__file__).parent / "pages", callers)
        links = PostLinks(ensure_session_key(settings), store, callers.sessions)
        pages.add([*session_routes(settings, store, pages, callers), post_route(settings, store, pages, callers)])
        pages.add(PostPage(directory, pages).routes())
        pages.add(PostCard(settings, directory, callers, pages, links).routes())
        api = LineApi(settings, directory, devices, testing, stations, glass, key, callers, pages)

        async def ready() -> dict[str, bool]:
            kafka, mongodb = await asyncio.gather(kafka_answers(settings, publisher), mongo_answers(store))
            return {"kafka": kafka, "mongodb": mongodb}

        log.info("starting", clock=clock.now().isoformat(), speed=settings.clock_speed)
        with contextlib.suppress(Unavailable):
            await directory.refresh()
        async with serving(api.app(ready), settings.host, settings.port or LINE_PORT):
            listening = Listening(directory, stations)
            return await _run(settings, publisher, glass, hearing, listening, testing, stations)


async def _run(
    settings: Settings,
    publisher: Publisher,
    glass: Glass,
    hearing: Hearing,
    listening: Listening,
    testing: Testing,
    stations: Stations,
) -> bool:
    glass.resume()
    safe = asyncio.create_task(_when_safe(settings, publisher, hearing, testing))
    ears = asyncio.create_task(listening.run())
    try:
        asked = await until_stopped(safe.done, ears.done)
        for part in (safe, ears):
            if part.done():
                part.result()
        return asked
    finally:
        for part in (safe, ears):
            part.cancel()
        await asyncio.gather(safe, ears, return_exceptions=True)
        await listening.stop()
        await glass.stop()
        await stations.close()
        await publisher.stop()


async def _when_safe(settings: Settings, publisher: Publisher, hearing: Hearing, testing: Testing) -> None:
    await until_it_works(SERVICE, "safety check", lambda: refuse_unsafe(settings))
    await publisher.start()
    await until_it_works(SERVICE, "answers", hearing.prepare)
    await testing.run()
