"""How a record stands in the spool: magic, length, CRC and then the record. Torn and damaged places are found."""

import json
import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from shared.platform.records import Outgoing

MAGIC = b"BSp1"
_HEAD = struct.Struct(">4sII")
_LONGEST = 16 * 1024 * 1024


class Waiting(NamedTuple):
    """A record that has waited for Kafka since it was accepted. `after`: not before Kafka has what stands first."""

    record: Outgoing
    since: datetime
    after: bool = False


class Frame(NamedTuple):
    """A whole frame: where it stands in the file, and what it holds."""

    start: int
    end: int
    waiting: Waiting


def framed(waiting: Waiting) -> bytes:
    record = waiting.record
    headers = [[name, value.decode("latin-1")] for name, value in record.headers]
    content = [waiting.since.isoformat(), record.topic, record.key, record.value.decode(), headers, waiting.after]
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return _HEAD.pack(MAGIC, len(payload), zlib.crc32(payload)) + payload


def frames(content: bytes, offset: int = 0) -> Iterator[Frame]:
    """Every whole frame in order; what stands between is torn or damaged, and passed over.

    `offset`: where `content` begins in the file.
    """
    at = 0
    while (at := content.find(MAGIC, at)) >= 0:
        payload = _payload(content, at)
        if payload is None:
            at += 1
            continue
        end = at + _HEAD.size + len(payload)
        yield Frame(offset + at, offset + end, _read(payload))
        at = end


def _payload(content: bytes, at: int) -> bytes | None:
    if at + _HEAD.size > len(content):
        return None
    _, length, crc = _HEAD.unpack_from(content, at)
    start = at + _HEAD.size
    if length > _LONGEST or start + length > len(content):
        return None
    payload = content[start : start + length]
    return payload if zlib.crc32(payload) == crc else None


def _read(payload: bytes) -> Waiting:
    since, topic, key, value, headers, *after = json.loads(payload)
    record = Outgoing(topic, key, value.encode(), [(name, said.encode("latin-1")) for name, said in headers])
    return Waiting(record, datetime.fromisoformat(since), after == [True])
