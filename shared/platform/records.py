"""Records as they come from and go to Kafka; headers by the CloudEvents 1.0 Kafka binding."""

import re
from datetime import datetime
from typing import NamedTuple

from shared.contracts.event import Event, Fact
from shared.contracts.history import write_event

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

WAITED_MS = "baoshi-waited-ms"
"""How long an accepted event waited before it was sent: the broker's time less this bounds its clock from below."""


class Incoming(NamedTuple):
    """One record. `at` is the broker's time (LogAppendTime) through the clock."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: dict[str, str]
    at: datetime


class Outgoing(NamedTuple):
    """One record to be sent; the topic without the installation's prefix."""

    topic: str
    key: str
    value: bytes
    headers: list[tuple[str, bytes]]


class Taken(NamedTuple):
    """A record that could be read, with its event: lifted to the newest version, its clock clamped."""

    incoming: Incoming
    event: Event


def traceparent(event: Event, incoming: str | None = None) -> str:
    """W3C trace context: the trace goes on, the span is the event's own; a new trace starts at the report."""
    own = event.event_id.hex
    found = _TRACEPARENT.fullmatch(incoming) if incoming else None
    trace = found["trace"] if found and found["trace"].strip("0") else own
    return f"00-{trace}-{own[:16]}-01"


def outgoing(event: Event, topic: str, source: str, trace: str | None = None) -> Outgoing:
    """The event as a record on `topic`; `source` is the service that speaks."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event.event_id).encode()),
        ("ce_type", event.type.encode()),
        ("ce_source", f"/baoshi/{source}".encode()),
        ("ce_time", event.occurred_at.isoformat().encode()),
        ("ce_subject", event.key.encode()),
        ("content-type", b"application/json"),
        ("traceparent", traceparent(event, trace).encode()),
    ]
    return Outgoing(topic, event.key, write_event(event), headers)


def is_said_by_people(event: Event) -> bool:
    """Whether its `accepted_at` is an intake host's word, to be clamped; facts and deadlines carry the broker's."""
    return not isinstance(event, Fact) and event.type != "deadline.passed"
