"""The AsyncAPI 3 document of everything on Kafka, built from the table of topics and the contracts."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts.history import CLASSES, types_of
from shared.contracts.topics import PARTITIONS, TOPICS, Topic

Json = dict[str, Any]

_KAFKA = "0.5.0"
_DAY_MS = 86_400_000
_BELL = "deadline.passed"
_TICKERS = frozenset({"dispatch", "escalation"})
_AT_THE_DOOR = "handover."
"""What people sign at the door alone, and no device says."""
_PARKED = "parked.record"
_TRACE = r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"
_PARKED_HEADERS = ("id", "service", "topic", "partition", "offset", "reason", "at")


def asyncapi_document(examples: Mapping[str, Json], kafka: str, prefix: str = "") -> Json:
    """`examples` by `<type>.v<version>`; `kafka` is the broker's address, `prefix` stands before every topic."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Baoshi 报事",
            "version": "1",
            "description": "Who tells what to whom. The key of every record is its report's id.",
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": kafka, "protocol": "kafka"}},
        "channels": {topic.name: _channel(topic, prefix) for topic in TOPICS},
        "operations": _operations(),
        "components": {"messages": _messages(examples), "schemas": _schemas()},
    }


def types_on(topic: Topic) -> tuple[str, ...]:
    """The events that a topic carries; notify's own bell rings where notify listens."""
    own = types_of(topic.family) if topic.family != "parked" else (_PARKED,)
    return (*own, _BELL) if topic.family == "deliveries" else own


def types_said(service: str, topic: Topic) -> tuple[str, ...]:
    """Of a topic's events those that this service says: on `replies` the tickers say nothing but deadlines."""
    if topic.family == "replies":
        answers = tuple(t for t in types_on(topic) if t != _BELL)
        if service == "notify":
            return tuple(t for t in answers if not t.startswith(_AT_THE_DOOR))
        return (_BELL,) if service in _TICKERS else answers
    return types_on(topic)


def _channel(topic: Topic, prefix: str) -> Json:
    retention = topic.retention_days * _DAY_MS
    return {
        "address": prefix + topic.name,
        "description": topic.says,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types_on(topic)},
        "bindings": {
            "kafka": {
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": retention},
                "bindingVersion": _KAFKA,
            }
        },
    }


def _operations() -> Json:
    said = {
        f"{service}.says.{topic.name}": _operation("send", topic, types_said(service, topic))
        for topic in TOPICS
        for service in topic.spoken_by
    }
    read = {
        f"{service}.reads.{topic.name}": _operation("receive", topic, types_on(topic))
        for topic in TOPICS
        for service in topic.read_by
    }
    return {**said, **read}


def _operation(action: str, topic: Topic, types: tuple[str, ...]) -> Json:
    channel = f"#/channels/{topic.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in types],
    }


def _messages(examples: Mapping[str, Json]) -> Json:
    return {**{name: _message(name, examples) for name in sorted(CLASSES)}, _PARKED: _parked()}


def _message(name: str, examples: Mapping[str, Json]) -> Json:
    version = CLASSES[name].model_fields["version"].default
    return {
        "name": name,
        "title": CLASSES[name].__name__,
        "summary": " ".join((CLASSES[name].__doc__ or "").split()),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{CLASSES[name].__name__}"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": _KAFKA}},
        "examples": [{"name": f"{name}.v{version}", "payload": examples[f"{name}.v{version}"]}],
    }


def _parked() -> Json:
    return {
        "name": _PARKED,
        "title": "ParkedRecord",
        "summary": "The bytes of a record that could not be worked; its headers say where it stood and why.",
        "headers": {"$ref": "#/components/schemas/ParkedHeaders"},
        "payload": {"description": "the record's bytes as they were"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": _KAFKA}},
    }


def _schemas() -> Json:
    models = [(CLASSES[name], "validation") for name in sorted(CLASSES)]
    _, found = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    parked = [f"baoshi-parked-{name}" for name in _PARKED_HEADERS]
    headers = {"CloudEventHeaders": _cloud_event_headers(), "ParkedHeaders": _strings(parked)}
    return {**headers, **found["$defs"]}


def _cloud_event_headers() -> Json:
    names = [
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_time",
        "ce_subject",
        "content-type",
        "traceparent",
    ]
    schema = _strings(names)
    schema["properties"] |= {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "pattern": _TRACE},
    }
    return schema


def _strings(names: list[str]) -> Json:
    return {"type": "object", "required": names, "properties": {name: {"type": "string"} for name in names}}
