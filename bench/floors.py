"""The floors: the same traffic in bare aiokafka, PyMongo and Starlette, without anything that Baoshi promises.

`python -m bench.floors loop|register|web|page …`, each a process of its own, with the settings of the environment.
"""

import argparse
import asyncio
import json
import pickle
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from pymongo import UpdateOne
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.estate import PAGERS, facts_of
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import read_by
from shared.contracts.vocabulary import LANES
from shared.platform.mongo import Database, Document, connect, database
from shared.platform.records import Outgoing
from shared.platform.settings import Settings

_BATCH, _BATCH_BYTES = 500, 512 * 1024


def consumer_of(settings: Settings, group: str, topics: Sequence[str]) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *(settings.topic_prefix + t for t in topics),
        bootstrap_servers=settings.kafka,
        group_id=settings.topic_prefix + group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )


def producer_of(settings: Settings, linger_ms: int) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        acks="all",
        enable_idempotence=True,
        linger_ms=linger_ms,
        max_batch_size=_BATCH_BYTES,
    )


def write_facts(folder: Path, filed: ReportFiled) -> Path:
    """What dispatch says to this report, for `loop` to say as well."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "facts.pickle"
    path.write_bytes(pickle.dumps(facts_of(filed)))
    return path


async def loop(settings: Settings, topic: str, facts: Path, linger_ms: int, write: bool) -> None:
    """Reads reports, writes one document a batch's record if asked to, and says as much as dispatch would."""
    template: list[Outgoing] = pickle.loads(facts.read_bytes())
    consumer, producer = consumer_of(settings, "floor.loop", [topic]), producer_of(settings, linger_ms)
    async with connect(settings) as client, consumer, producer:
        store = database(client, settings)["floor"]
        while True:
            found = await consumer.getmany(timeout_ms=1000, max_records=_BATCH)
            records = [r for some in found.values() for r in some]
            if write and records:
                await store.insert_many([{"_id": r.key, "value": r.value} for r in records], ordered=False)
            sent = [
                await producer.send(settings.topic_prefix + f.topic, f.value, key=r.key, headers=f.headers)
                for r in records
                for f in template
            ]
            await asyncio.gather(*sent)
            if records:
                await consumer.commit()


async def page(settings: Settings, topic: str, port: int) -> None:
    """Reads tasks; for each one document, one page and one word of it: what notify does, and no more."""
    consumer, producer = consumer_of(settings, "floor.page", [topic]), producer_of(settings, 0)
    said = settings.topic_prefix + topic.replace("tasks", "deliveries")
    async with connect(settings) as client, consumer, producer:
        store = database(client, settings)["floor_pages"]
        waiting: set[asyncio.Task[None]] = set()
        while True:
            found = await consumer.getmany(timeout_ms=1000, max_records=_BATCH)
            records = [r for some in found.values() for r in some if ("ce_type", b"task.assigned") in r.headers]
            if records:
                documents = [{"_id": f"{r.partition}-{r.offset}", "value": r.value} for r in records]
                await store.insert_many(documents, ordered=False)
            for record in records:
                task = asyncio.create_task(_page(port, json.loads(record.value)))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            await asyncio.gather(*[await producer.send(said, r.value[:500], key=r.key) for r in records])
            if records:
                await consumer.commit()


async def _page(port: int, task: dict[str, Any]) -> None:
    """The dialogue of a sender that knows its server: one connection a page."""
    number = PAGERS.get(task["to"].get("person") or "")
    if number is None:
        return
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for line in (f"PAGE {number}", f"MESS {task['words']['en']}", "SEND", "QUIT"):
        writer.write(f"{line}\r\n".encode("ascii", "replace"))
        await reader.readline()
    writer.close()


async def register(settings: Settings) -> None:
    """Each lane of the register's topics: one `insert_many`, one upsert a row."""
    async with connect(settings) as client:
        store = database(client, settings)
        await asyncio.gather(*(_register_lane(settings, store, lane, read_by("register", lane)) for lane in LANES))


async def _register_lane(settings: Settings, store: Database, lane: str, topics: Sequence[str]) -> None:
    async with consumer_of(settings, f"floor.register.{lane}", topics) as consumer:
        while True:
            found = await consumer.getmany(timeout_ms=1000, max_records=_BATCH)
            records = [r for some in found.values() for r in some]
            if records:
                documents = [_document(r) for r in records]
                await store["floor_events"].insert_many(documents, ordered=False)
                touched = Counter(d["report_id"] for d in documents)
                rows = [UpdateOne({"_id": r}, {"$inc": {"events": n}}, upsert=True) for r, n in touched.items()]
                await store["floor_rows"].bulk_write(rows, ordered=False)
                await consumer.commit()


def _document(record: ConsumerRecord) -> Document:
    body = json.loads(record.value)
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    return {"_id": body["event_id"], "report_id": body["report_id"], **place, "body": body}


async def web(settings: Settings, topic: str, linger_ms: int) -> None:
    """A request's body goes to Kafka as it is, and is answered once that is acknowledged."""
    producer = producer_of(settings, linger_ms)
    name = settings.topic_prefix + topic

    async def take(request: Request) -> Response:
        body = await request.body()
        report_id = f"routine.{json.loads(body)['category']}.bench.{uuid4().hex}"
        await producer.send_and_wait(name, body, key=report_id.encode())
        return JSONResponse({"report_id": report_id}, 202)

    async def ready(_: Request) -> Response:
        return JSONResponse({})

    app = Starlette(routes=[Route("/v1/reports", take, methods=["POST"]), Route("/health/ready", ready)])
    async with producer:
        config = uvicorn.Config(app, port=settings.port, log_config=None, access_log=False, lifespan="off")
        await uvicorn.Server(config).serve()


def main() -> None:
    parser = argparse.ArgumentParser(prog="floors")
    parser.add_argument("floor", choices=("loop", "register", "web", "page"))
    parser.add_argument("--pagers", type=int, default=0)
    parser.add_argument("--topic", default="")
    parser.add_argument("--facts", type=Path)
    parser.add_argument("--linger-ms", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    asked, settings = parser.parse_args(), Settings()
    if asked.floor == "loop":
        uvloop.run(loop(settings, asked.topic, asked.facts, asked.linger_ms, asked.write))
    elif asked.floor == "page":
        uvloop.run(page(settings, asked.topic, asked.pagers))
    elif asked.floor == "register":
        uvloop.run(register(settings))
    else:
        uvloop.run(web(settings, asked.topic, asked.linger_ms))


if __name__ == "__main__":
    main()
