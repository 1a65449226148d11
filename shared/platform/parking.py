"""Parking what can never be worked: its bytes, where it stood and why. In the emergency lane somebody is told."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from shared.contracts.event import Addressee, Words
from shared.contracts.ids import NAMESPACE, BadId, fact_id, lane_of_key, parse_report_id
from shared.contracts.notices import NoticeIssued
from shared.platform.metrics import PARKED
from shared.platform.records import Incoming, Outgoing, outgoing

TOPIC = "parked"
OPERATOR = "operator"
"""The estate of a notice about a record whose key names none: the operator's own channel."""

_WORDS = Words(zh="有一条急事记录读不了,请查 baoshi parked", en="UNREADABLE EMERGENCY RECORD. See: baoshi parked")
_VALID = timedelta(hours=24)


def parked_id(record: Incoming) -> UUID:
    """The same record parked twice is one parked record."""
    return uuid5(NAMESPACE, f"parked|{record.topic}|{record.partition}|{record.offset}")


def parked_record(service: str, record: Incoming, reason: str, now: datetime) -> Outgoing:
    """The original bytes and key; all else in headers, so that a replay sends exactly what stood there."""
    PARKED.labels(service, reason.split(":")[0][:40]).inc()
    place = {
        "baoshi-parked-id": parked_id(record).hex,
        "baoshi-parked-service": service,
        "baoshi-parked-topic": record.topic,
        "baoshi-parked-partition": str(record.partition),
        "baoshi-parked-offset": str(record.offset),
        "baoshi-parked-stood-at": record.at.isoformat(),
        "baoshi-parked-reason": reason[:500],
        "baoshi-parked-at": now.isoformat(),
    }
    kept = [(name, value.encode()) for name, value in {**record.headers, **place}.items()]
    return Outgoing(TOPIC, record.key, record.value, kept)


def parked_notice(service: str, record: Incoming, now: datetime) -> Outgoing | None:
    """Only in the emergency lane; to the control room of the estate in the key, else to the operator."""
    if lane_of_key(record.key) != "emergency" and ".emergency" not in record.topic:
        return None
    notice = NoticeIssued(
        event_id=fact_id(service, parked_id(record), "parked", 0),
        report_id=_report_of(record.key),
        estate_id=_estate_of(record.key),
        occurred_at=now,
        accepted_at=now,
        because_of=parked_id(record),
        case_version=0,
        index=0,
        name="parked",
        clause=("S2a",),
        to=Addressee(role="control_room"),
        words=_WORDS,
        urgency="emergency",
        valid_until=now + _VALID,
    )
    return outgoing(notice, "notices.emergency", service)


def _report_of(key: str) -> str:
    try:
        return str(parse_report_id(key))
    except BadId:
        return ""


def _estate_of(key: str) -> str:
    try:
        return parse_report_id(key).estate
    except BadId:
        return key.removeprefix("estate.") if key.startswith("estate.") else OPERATOR
