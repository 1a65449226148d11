"""Cases of 5 kB in MongoDB with a deadline each, made fast: encoded once, and then only a few bytes differ."""

import asyncio
import os
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID, uuid4

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern

from bench.estate import CODE
from bench.site import Site
from bench.ticking import SERVICE
from shared.contracts.vocabulary import Lane
from shared.platform.cases import Cases

CASE_BYTES = 5_000
_OPTIONS: CodecOptions[dict[str, object]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
_HEX, _DUE, _ARMED = "f" * 32, datetime(2099, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1)
_DUE_BYTES = struct.pack("<q", int(_DUE.timestamp() * 1000))
_KINDS, _BATCH, _WRITERS = 32, 1_000, 4


def _document(lane: Lane, filling: bytes) -> dict[str, object]:
    """As the casework writes one; the filling stands for what the case has said, and compresses by half."""
    said = {"record": UUID(int=1), "at": datetime(2026, 1, 1, tzinfo=UTC), "trace": None}
    return {
        "_id": f"{lane}.medical.{CODE}.{_HEX}",
        "lane": lane,
        "estate": CODE,
        "revision": 1,
        "state": {"version": 1},
        "taken": [UUID(int=1)],
        "produced": [{**said, "facts": [{"topic": f"tasks.{lane}", "value": filling}]}],
        "held": [],
        "deadlines": [{"name": "ack.tell_leader-1.0", "due": _DUE, "armed_by": _ARMED}],
        "rings": 0,
        "ring_at": _DUE,
    }


def _moulds(lane: Lane) -> list[bytes]:
    """Several, so that the cases of one page are not alike."""
    bare = len(bson.encode(_document(lane, b""), codec_options=_OPTIONS))
    fillings = (os.urandom((CASE_BYTES - bare) // 2).hex().encode() for _ in range(_KINDS))
    return [bson.encode(_document(lane, filling), codec_options=_OPTIONS) for filling in fillings]


def _cases(lane: Lane, dues_ms: Sequence[int]) -> Iterator[RawBSONDocument]:
    moulds = _moulds(lane)
    for number, due in enumerate(dues_ms):
        new = uuid4()
        yield RawBSONDocument(
            moulds[number % _KINDS]
            .replace(_HEX.encode(), new.hex.encode())
            .replace(_ARMED.bytes, new.bytes)
            .replace(_DUE_BYTES, struct.pack("<q", due))
        )


async def put(site: Site, lane: Lane, dues_ms: Sequence[int]) -> None:
    """Writes a case for each due time; only their being there is needed, not their being durable."""
    cases = Cases(site.store, SERVICE).collection.with_options(write_concern=WriteConcern(w=1))
    made = _cases(lane, dues_ms)

    async def write() -> None:
        while some := list(islice(made, _BATCH)):
            await cases.insert_many(some, ordered=False)

    await asyncio.gather(*(write() for _ in range(_WRITERS)))


async def quiet(site: Site, report_ids: Sequence[str]) -> None:
    """What the casework does once the deadline came back: nothing rings any more."""
    cases = Cases(site.store, SERVICE).collection
    await cases.update_many(
        {"_id": {"$in": list(report_ids)}}, {"$unset": {"ring_at": ""}, "$set": {"deadlines": []}}
    )
