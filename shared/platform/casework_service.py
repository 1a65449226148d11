"""What dispatch and escalation have in common as processes: one lane, one consumer, one ticker, one health page."""

import argparse
import asyncio
import contextlib
import os
from typing import cast

from shared.contracts.topics import read_by
from shared.contracts.vocabulary import LANES, Lane
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.rules import Rules
from shared.platform.cases import Cases
from shared.platform.casework import Casework
from shared.platform.clock import Clock
from shared.platform.consuming import Consumption
from shared.platform.directory import Directory
from shared.platform.logs import log
from shared.platform.mongo import connect, database
from shared.platform.publishing import ROUTINE_LINGER_MS, Publisher
from shared.platform.readiness import kafka_answers, mongo_answers
from shared.platform.retrying import until_it_works
from shared.platform.service import health_app, run_service, serving, until_stopped
from shared.platform.settings import Settings
from shared.platform.ticker import Ticker
from shared.platform.topic_admin import refuse_unsafe

_ROUTINE_NICENESS = 10


def lane_from_arguments(service: str) -> Lane:
    """`--lane emergency` or `--lane routine`: a lane is a process of its own."""
    parser = argparse.ArgumentParser(prog=service)
    parser.add_argument("--lane", choices=LANES, required=True)
    return cast(Lane, parser.parse_args().lane)


def run_casework_service(rules: Rules, lane: Lane, port: int) -> None:
    """Runs until it is told to stop; see `run_service` for how it ends."""
    settings = Settings()
    if lane == "routine":
        # On a machine whose cores are all taken by a routine backlog, the emergency lane goes first.
        os.nice(_ROUTINE_NICENESS)
    run_service(rules.service, lane, settings, lambda: serve_casework(settings, rules, lane, port))


async def serve_casework(settings: Settings, rules: Rules, lane: Lane, port: int) -> bool:
    """True when it was asked to stop, False when a part failed."""
    service = rules.service
    await until_it_works(service, "safety check", lambda: refuse_unsafe(settings))
    async with connect(settings) as client:
        store = database(client, settings)
        cases = Cases(store, service)
        await until_it_works(service, "indexes", cases.prepare)
        publisher = Publisher(settings, f"baoshi-{service}-{lane}", 0 if lane == "emergency" else ROUTINE_LINGER_MS)
        bells = Publisher(settings, f"baoshi-{service}-{lane}-ticker")
        directory = Directory(store, settings.state_dir / "directory.json", settings.directory_age_s)
        work = Casework(settings, lane, rules, cases, publisher, directory, load_playbooks(settings.playbooks)).work
        consumption = Consumption(settings, service, lane, read_by(service, lane), work, publisher)
        ticker = Ticker(settings, service, lane, cases, bells)
        log.info("starting", clock=Clock.of(settings).now().isoformat(), speed=settings.clock_speed)

        async def ready() -> dict[str, bool]:
            kafka, mongodb = await asyncio.gather(kafka_answers(settings, publisher, bells), mongo_answers(store))
            return {"kafka": kafka, "mongodb": mongodb, "reading": consumption.ready}

        async with serving(health_app(ready), settings.host, settings.port or port):
            return await _run(publisher, bells, consumption, ticker)


async def _run(publisher: Publisher, bells: Publisher, consumption: Consumption, ticker: Ticker) -> bool:
    await publisher.start()
    await bells.start()
    await consumption.start()
    ticking = asyncio.create_task(ticker.run())
    try:
        return await until_stopped(lambda: consumption.ending, ticking.done)
    finally:
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
        await consumption.stop()
        await publisher.stop()
        await bells.stop()
