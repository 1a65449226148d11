"""What dispatch and escalation have in common as processes: one lane, one consumer, one ticker, one health page."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, cast

from shared.contracts.topics import read_by
from shared.contracts.vocabulary import LANES, Lane
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.rules import Rules
from shared.platform.cases import Cases
from shared.platform.casework import Casework, Saved
from shared.platform.clock import Clock
from shared.platform.consuming import Consumption, Work
from shared.platform.directory import Directory
from shared.platform.ending import end
from shared.platform.logs import log
from shared.platform.mongo import Database, connect, database
from shared.platform.priority import give_way
from shared.platform.publishing import ROUTINE_LINGER_MS, Publisher
from shared.platform.readiness import kafka_answers, mongo_answers
from shared.platform.records import Taken
from shared.platform.retrying import until_it_works
from shared.platform.service import health_app, run_service, serving, until_stopped
from shared.platform.settings import Settings
from shared.platform.ticker import Ticker
from shared.platform.topic_admin import refuse_unsafe


class Parts(NamedTuple):
    """What a service's own part, beside its cases, may use of the process."""

    settings: Settings
    lane: Lane
    store: Database
    cases: Cases
    publisher: Publisher
    directory: Directory
    partitions: Callable[[], frozenset[int]]
    caught_up: Callable[[str, float], Coroutine[Any, Any, bool]]


class Beside(NamedTuple):
    """A part that works on what the cases say: told of each that was saved, and run as long as the process.

    `hears`: which records the cases are to take in at all.
    """

    saved: Saved
    hears: Callable[[Taken], bool]
    run: Callable[[], Coroutine[Any, Any, None]]
    stop: Callable[[], Coroutine[Any, Any, None]]


MakeBeside = Callable[[Parts], Beside]


def lane_from_arguments(service: str) -> Lane:
    """`--lane emergency` or `--lane routine`: a lane is a process of its own."""
    parser = argparse.ArgumentParser(prog=service)
    parser.add_argument("--lane", choices=LANES, required=True)
    return cast(Lane, parser.parse_args().lane)


def run_casework_service(
    rules: Rules, lane: Lane, port: int, settings: Settings | None = None, beside: MakeBeside | None = None
) -> None:
    """Runs until it is told to stop; see `run_service` for how it ends."""
    settings = settings or Settings()
    if lane == "routine":
        # However long its backlog, the emergency lane goes first.
        give_way()
    run_service(rules.service, lane, settings, lambda: serve_casework(settings, rules, lane, port, beside))


async def serve_casework(
    settings: Settings, rules: Rules, lane: Lane, port: int, make: MakeBeside | None = None
) -> bool:
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
        parts = Parts(
            settings,
            lane,
            store,
            cases,
            publisher,
            directory,
            lambda: consumption.partitions,
            lambda family, seconds: consumption.caught_up(family, seconds),
        )
        beside = make(parts) if make else None
        playbooks = load_playbooks(settings.playbooks)
        work = _work(Casework(settings, lane, rules, cases, publisher, directory, playbooks), beside)
        consumption = Consumption(settings, service, lane, read_by(service, lane), work, publisher)
        ticker = Ticker(settings, service, lane, cases, bells)
        log.info("starting", clock=Clock.of(settings).now().isoformat(), speed=settings.clock_speed)

        async def ready() -> dict[str, bool]:
            kafka, mongodb = await asyncio.gather(kafka_answers(settings, publisher, bells), mongo_answers(store))
            return {"kafka": kafka, "mongodb": mongodb, "reading": consumption.ready}

        async with serving(health_app(ready), settings.host, settings.port or port):
            return await _run(publisher, bells, consumption, ticker, beside)


def _work(casework: Casework, beside: Beside | None) -> Work:
    if beside is None:
        return casework.work
    casework.saved, hears = beside.saved, beside.hears

    async def work(batch: list[Taken]) -> None:
        await casework.work([taken for taken in batch if hears(taken)])

    return work


async def _run(
    publisher: Publisher, bells: Publisher, consumption: Consumption, ticker: Ticker, beside: Beside | None
) -> bool:
    await publisher.start()
    await bells.start()
    await consumption.start()
    running = [asyncio.create_task(run()) for run in (ticker.run, *([beside.run] if beside else []))]
    try:
        return await until_stopped(lambda: consumption.ending, *(task.done for task in running))
    finally:
        await consumption.stop()
        await end(running)
        if beside:
            await beside.stop()
        await publisher.stop()
        await bells.stop()
