"""Reading any event there ever was: unknown types are told apart, old versions lifted before any rule sees them."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from shared.contracts.deliveries import DeliveryEvent
from shared.contracts.escalations import EscalationEvent
from shared.contracts.event import Event
from shared.contracts.handovers import HandoverEvent
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import ReplyEvent
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import TaskEvent

AnyEvent = Annotated[
    ReportFiled | NoticeIssued | ReplyEvent | HandoverEvent | TaskEvent | EscalationEvent | DeliveryEvent,
    Field(discriminator="type"),
]
FAMILIES: dict[str, Any] = {
    "reports": ReportFiled,
    "replies": Annotated[ReplyEvent | HandoverEvent, Field(discriminator="type")],
    "tasks": TaskEvent,
    "notices": NoticeIssued,
    "escalations": EscalationEvent,
    "deliveries": DeliveryEvent,
}
_ADAPTER: TypeAdapter[Event] = TypeAdapter(AnyEvent)

Lift = Callable[[dict[str, Any]], dict[str, Any]]
LIFTS: dict[tuple[str, int], Lift] = {}
"""From (type, version) to the content of the next version. Empty while nothing is deployed; old examples stay."""


class UnknownType(NamedTuple):
    """An event that this reader is too old for: skipped and counted, never parked."""

    type: str


class Unreadable(ValueError):
    """The bytes are no event of ours; the record is parked with this reason, which quotes no content."""


def _classes() -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    queue: list[type[Event]] = [Event]
    while queue:
        for child in queue.pop().__subclasses__():
            queue.append(child)
            if isinstance(child.model_fields["type"].default, str):
                found[str(child.model_fields["type"].default)] = child
    return found


CLASSES: Mapping[str, type[Event]] = _classes()


def types_of(family: str) -> tuple[str, ...]:
    """The event types that the topics of a family carry, as their union names them."""
    return tuple(str(event.model_fields["type"].default) for event in _members(FAMILIES[family]))


def _members(shape: Any) -> tuple[type[Event], ...]:
    if isinstance(shape, type):
        return (shape,) if issubclass(shape, Event) else ()
    return tuple(event for part in get_args(shape) for event in _members(part))


FAMILY_OF: Mapping[str, str] = {name: family for family in FAMILIES for name in types_of(family)}
"""Which topics an event type belongs to."""


def read_event(value: bytes, lifts: Mapping[tuple[str, int], Lift] = LIFTS) -> Event | UnknownType:
    """Raises `Unreadable`; unknown fields are ignored, an old version is lifted to the newest."""
    try:
        event = _ADAPTER.validate_json(value)
    except ValidationError:
        return _read_slowly(value, lifts)
    return event if event.version == _newest(event.type) else _read_slowly(value, lifts)


def _newest(type_name: str) -> int:
    return int(CLASSES[type_name].model_fields["version"].default)


def _read_slowly(value: bytes, lifts: Mapping[tuple[str, int], Lift]) -> Event | UnknownType:
    try:
        content = from_json(value)
    except ValueError as broken:
        raise Unreadable("not JSON") from broken
    if not isinstance(content, dict) or not isinstance(content.get("type"), str):
        raise Unreadable("no event type")
    if content["type"] not in CLASSES:
        return UnknownType(content["type"])
    content = _lifted(content, lifts)
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as still:
        # Only the event's own fields: what lies deeper may be a key that somebody wrote.
        fields = sorted({f"{e['loc'][1]}: {e['type']}" for e in still.errors()})
        raise Unreadable(f"{content['type']}: {'; '.join(fields)}") from still


def _lifted(content: dict[str, Any], lifts: Mapping[tuple[str, int], Lift]) -> dict[str, Any]:
    name, version = content["type"], content.get("version", 1)
    if type(version) is not int:
        raise Unreadable(f"{name}: version is no number")
    while lift := lifts.get((name, version)):
        try:
            content = lift(content)
        except (KeyError, TypeError, ValueError) as missing:
            raise Unreadable(f"{name}: version {version} cannot be lifted") from missing
        version += 1
        content = {**content, "version": version}
    if version != _newest(name):
        side = "newer" if version > _newest(name) else "older"
        raise Unreadable(f"{name}: version {version} is {side} than this reader")
    return content


def write_event(event: Event) -> bytes:
    """JSON without what is None, so that an optional field costs nothing on the wire."""
    return event.__pydantic_serializer__.to_json(event, exclude_none=True)
