"""The AsyncAPI document: whole, without a loose end, and the same as the table of topics."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from cli.docs import recorded
from shared.contracts.asyncapi import asyncapi_document, types_on, types_said
from shared.contracts.history import CLASSES
from shared.contracts.topics import TOPICS

Json = dict[str, Any]
EXAMPLES = recorded("examples")
DOCUMENT = asyncapi_document(EXAMPLES, "kafka.example:9092", "t1.")
CHANNELS, OPERATIONS = DOCUMENT["channels"], DOCUMENT["operations"]
MESSAGES, SCHEMAS = DOCUMENT["components"]["messages"], DOCUMENT["components"]["schemas"]

REFERENCE = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string"}}}
STRUCTURE: Json = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "additionalProperties": False,
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "id": {"type": "string"},
        "info": {"type": "object", "required": ["title", "version"]},
        "defaultContentType": {"type": "string"},
        "servers": {"additionalProperties": {"type": "object", "required": ["host", "protocol"]}},
        "channels": {
            "additionalProperties": {
                "required": ["address", "messages"],
                "properties": {"address": {"type": "string"}, "messages": {"additionalProperties": REFERENCE}},
            }
        },
        "operations": {
            "additionalProperties": {
                "required": ["action", "channel", "messages"],
                "additionalProperties": False,
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": REFERENCE,
                    "messages": {"type": "array", "minItems": 1, "items": REFERENCE},
                },
            }
        },
        "components": {
            "type": "object",
            "required": ["messages", "schemas"],
            "additionalProperties": False,
            "properties": {
                "messages": {
                    "propertyNames": {"pattern": r"^[\w.-]+$"},
                    "additionalProperties": {"required": ["name", "headers", "payload"]},
                },
                "schemas": {"propertyNames": {"pattern": r"^[\w.-]+$"}, "type": "object"},
            },
        },
    },
}
"""What AsyncAPI 3.0.0 asks of the parts that we use."""


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def at(pointer: str) -> Any:
    """What a reference leads to; a KeyError where it leads nowhere."""
    found: Any = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def test_it_has_the_structure_of_asyncapi_3() -> None:
    jsonschema.Draft202012Validator(STRUCTURE).validate(DOCUMENT)


def test_every_reference_leads_somewhere_in_the_document() -> None:
    found = set(references(DOCUMENT))
    assert found
    for pointer in found:
        assert pointer.startswith("#/") and isinstance(at(pointer), dict)


def test_the_channels_are_the_topics() -> None:
    assert {name: channel["address"] for name, channel in CHANNELS.items()} == {
        t.name: "t1." + t.name for t in TOPICS
    }


def test_every_speaker_sends_and_every_reader_receives() -> None:
    wanted = {("send", s, t.name) for t in TOPICS for s in t.spoken_by}
    wanted |= {("receive", s, t.name) for t in TOPICS for s in t.read_by}
    found = {
        (operation["action"], name.split(".")[0], operation["channel"]["$ref"].removeprefix("#/channels/"))
        for name, operation in OPERATIONS.items()
    }
    assert found == wanted
    assert len(OPERATIONS) == len(wanted)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operations_messages_are_of_its_channel(name: str) -> None:
    operation = OPERATIONS[name]
    assert all(m["$ref"].startswith(operation["channel"]["$ref"] + "/messages/") for m in operation["messages"])


def test_every_event_has_a_message_and_every_message_a_channel() -> None:
    carried = {name for channel in CHANNELS.values() for name in channel["messages"]}
    assert carried == set(MESSAGES) == set(CLASSES) | {"parked.record"}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_messages_example_fits_its_schema(name: str) -> None:
    whole = {"$ref": MESSAGES[name]["payload"]["$ref"], "components": DOCUMENT["components"]}
    for example in MESSAGES[name]["examples"]:
        jsonschema.Draft202012Validator(whole).validate(example["payload"])
    assert MESSAGES[name]["examples"]


def test_tickers_say_only_deadlines_and_people_say_the_rest() -> None:
    replies = next(t for t in TOPICS if t.name == "replies.emergency")
    assert types_said("dispatch", replies) == types_said("escalation", replies) == ("deadline.passed",)
    assert set(types_said("intake", replies)) == set(types_on(replies)) - {"deadline.passed"}


def test_notifys_own_bell_rings_on_deliveries() -> None:
    assert [t.name for t in TOPICS if "deadline.passed" in types_on(t)] == [
        f"{family}.{lane}" for family in ("replies", "deliveries") for lane in ("emergency", "routine")
    ]


def test_an_event_without_an_example_is_no_document() -> None:
    fewer = {name: example for name, example in EXAMPLES.items() if name != "report.filed.v1"}
    with pytest.raises(KeyError, match=r"report\.filed\.v1"):
        asyncapi_document(fewer, "kafka.example:9092")
