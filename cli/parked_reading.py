"""What a parked record is about, and whether it could be read now. No word of its content gets out of here."""

import re
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cli.parked_records import Parked
from shared.contracts.event import Words
from shared.contracts.history import UnknownType, Unreadable, read_event
from shared.contracts.ids import ESTATE_PATTERN, BadId, lane_of_key, parse_report_id
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import RETENTION_DAYS, TOPICS

_TOPICS = {topic.name: topic for topic in TOPICS}
_NAME = re.compile(r"[a-z][a-z_.]{0,59}")
_ESTATE = re.compile(ESTATE_PATTERN)


class About(NamedTuple):
    """As far as the key, the headers or a readable body tell; `key` only where it is an id of ours."""

    lane: str | None
    estate: str | None
    type: str | None
    event_id: str | None
    key: str | None


class Verdict(NamedTuple):
    """What a replay would come to."""

    what: Literal["fits", "unreadable", "unknown_type", "key", "topic", "too_old"]
    words: Words


def about(parked: Parked) -> About:
    """Of anything, however broken."""
    headers = {name: value.decode(errors="replace") for name, value in parked.headers}
    body, key = _body(parked.value), parked.key.decode(errors="replace")
    estate = _estate_of(key)
    topic = _TOPICS.get(parked.topic)
    return About(
        lane=topic.lane if topic else lane_of_key(key) if estate else None,
        estate=estate or _fitting(_ESTATE, body.get("estate_id")),
        type=_fitting(_NAME, headers.get("ce_type")) or _fitting(_NAME, body.get("type")),
        event_id=_uuid(headers.get("ce_id")) or _uuid(body.get("event_id")),
        key=key if estate else None,
    )


def verdict(parked: Parked, now: datetime) -> Verdict:
    """By this program's own reader, which is the services' too."""
    if parked.topic not in _TOPICS:
        return Verdict("topic", Words(zh="没有这个主题", en="there is no such topic"))
    try:
        event = read_event(parked.value)
    except Unreadable as why:
        return Verdict("unreadable", Words(zh=f"仍读不了:{why}", en=f"still unreadable: {why}"))
    except Exception as error:
        name = type(error).__name__
        return Verdict("unreadable", Words(zh=f"仍读不了:{name}", en=f"still unreadable: {name}"))
    if isinstance(event, UnknownType):
        words = Words(zh="种类未知,会被跳过", en="of an unknown type: would be skipped")
        return Verdict("unknown_type", words)
    if event.key != parked.key.decode(errors="replace"):
        return Verdict(
            "key", Words(zh="键与内容不符,会再次搁置", en="its key is not its event's: would be parked again")
        )
    if isinstance(event, ReportFiled) and parked.stood_at < now - timedelta(days=RETENTION_DAYS):
        zh = f"报事已超过{RETENTION_DAYS}天,重放会重新派人"
        return Verdict(
            "too_old", Words(zh=zh, en=f"filed over {RETENTION_DAYS} days ago: people would be sent now")
        )
    return Verdict("fits", Words(zh="可以重放", en="can be read"))


def _body(value: bytes) -> dict[str, Any]:
    try:
        content = from_json(value)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _estate_of(key: str) -> str | None:
    try:
        return parse_report_id(key).estate
    except BadId:
        return _fitting(_ESTATE, key.removeprefix("estate.")) if key.startswith("estate.") else None


def _fitting(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def _uuid(value: object) -> str | None:
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None
