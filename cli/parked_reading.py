"""What a parked record is about, and whether it could be read now. No word of its content gets out of here."""

import re
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from cli.parked_records import Parked
from shared.contracts.event import Event, Words
from shared.contracts.history import FAMILIES, FAMILY_OF, UnknownType, Unreadable, read_event
from shared.contracts.ids import ESTATE_PATTERN, BadId, lane_of_key, parse_report_id
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import RETENTION_DAYS, TOPICS, Topic, topic_of

LATE_AFTER = timedelta(hours=1)
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

    what: Literal["fits", "unreadable", "unknown_type", "key", "misplaced", "topic", "late", "too_old"]
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


def verdict(parked: Parked, now: datetime, late_after: timedelta = LATE_AFTER) -> Verdict:
    """By this program's own reader, which is the services' too. `late_after`: how old an emergency may be."""
    topic = _TOPICS.get(parked.topic)
    if topic is None or topic.family not in FAMILIES:
        return Verdict("topic", Words(zh="不能重放到这个主题", en="nothing is replayed to such a topic"))
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
            "key", Words(zh="键与内容不符,会再次停放", en="its key is not its event's: would be parked again")
        )
    if not _belongs(event, topic):
        return Verdict("misplaced", Words(zh="不属于这个主题,在那里读不了", en="would not be readable there"))
    return _of_age(event, now - parked.stood_at, late_after) or Verdict(
        "fits", Words(zh="可以重放", en="can be read")
    )


def _belongs(event: Event, topic: Topic) -> bool:
    """A topic carries one family, and of reports one lane; a topic of filings one class too."""
    if FAMILY_OF.get(event.type) != topic.family or (event.report_id and lane_of_key(event.key) != topic.lane):
        return False
    return not isinstance(event, ReportFiled) or topic_of("reports", event.lane, event.category) == topic.name


def _of_age(event: Event, age: timedelta, late_after: timedelta) -> Verdict | None:
    """A filing sends people whenever it comes: an emergency of hours ago is over, or was dealt with by phone."""
    if not isinstance(event, ReportFiled):
        return None
    if age > timedelta(days=RETENTION_DAYS):
        zh = f"报事已超过{RETENTION_DAYS}天,重放会重新派人"
        return Verdict(
            "too_old", Words(zh=zh, en=f"filed over {RETENTION_DAYS} days ago: people would be sent now")
        )
    if event.lane == "emergency" and age > late_after:
        minutes = int(age.total_seconds() // 60)
        zh = f"{minutes}分钟前的急报,重放会立即派人;先问清现场"
        en = f"an emergency of {minutes} minutes ago: people would be sent now; ask first how it stands"
        return Verdict("late", Words(zh=zh, en=en))
    return None


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
