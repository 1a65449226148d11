"""Every event and every shape of the door has an example and a schema, and the code still agrees with both."""

import json
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter

from cli.docs import recorded
from shared.contracts.commands import AmendmentRequest, HandoverRequest, ReplyRequest
from shared.contracts.compatibility import breaks
from shared.contracts.event import Event
from shared.contracts.history import read_event, write_event
from shared.contracts.shapes import door_shapes, schemas, shapes

EXAMPLES = recorded("examples")
SCHEMAS = recorded("schemas")
NOW = schemas()
EVENTS = sorted(name for name in EXAMPLES if not name.startswith("door."))
DOOR = sorted(name for name in EXAMPLES if name.startswith("door."))


def as_json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def without_nothing(content: Any) -> Any:
    if isinstance(content, dict):
        return {k: without_nothing(v) for k, v in content.items() if v is not None}
    return [without_nothing(v) for v in content] if isinstance(content, list) else content


def test_nothing_is_without_an_example_and_a_schema() -> None:
    assert set(shapes()) <= set(EXAMPLES)
    assert set(shapes()) <= set(SCHEMAS)
    assert set(SCHEMAS) == set(EXAMPLES)


@pytest.mark.parametrize("name", EVENTS)
def test_an_example_is_read_as_its_class_and_written_as_it_was(name: str) -> None:
    event = read_event(as_json(EXAMPLES[name]))
    assert isinstance(event, Event)
    newest = f"{event.type}.v{event.version}"
    assert type(event) is shapes()[newest]
    assert read_event(write_event(event)) == event
    if name == newest:
        assert json.loads(write_event(event)) == EXAMPLES[name]


@pytest.mark.parametrize("name", DOOR)
def test_an_example_of_the_door_is_read_and_written_as_it_was(name: str) -> None:
    shape = TypeAdapter(shapes()[name])
    said = shape.validate_json(as_json(EXAMPLES[name]))
    assert shape.validate_json(shape.dump_json(said)) == said
    assert set(EXAMPLES[name]) == set(without_nothing(said.model_dump(mode="json", exclude_unset=True)))


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_fits_its_recorded_schema(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(EXAMPLES[name])


@pytest.mark.parametrize("name", sorted(shapes()))
def test_only_optional_fields_were_added_to_what_is_recorded(name: str) -> None:
    assert breaks(SCHEMAS[name], NOW[name]) == []


@pytest.mark.parametrize("name", sorted(shapes()))
def test_what_is_recorded_is_not_behind_the_code(name: str) -> None:
    assert breaks(NOW[name], SCHEMAS[name]) == [], "run `baoshi docs --record`"


@pytest.mark.parametrize("name", EVENTS)
def test_no_field_of_an_example_is_unknown_to_its_schema(name: str) -> None:
    assert set(EXAMPLES[name]) <= set(SCHEMAS[name]["properties"])


def test_every_reply_and_amendment_is_told_apart_by_its_type() -> None:
    union: TypeAdapter[Any] = TypeAdapter(ReplyRequest | AmendmentRequest | HandoverRequest)
    told = {type(union.validate_python(EXAMPLES[n])) for n in DOOR if "type" in EXAMPLES[n] and "by" in EXAMPLES[n]}
    answers = {"door.report_request", "door.report_accepted", "door.said_accepted", "door.problem"}
    assert told == {shape for name, shape in door_shapes().items() if name not in answers}


@pytest.mark.parametrize("name", EVENTS)
def test_no_name_and_no_number_stands_outside_the_fields_made_for_it(name: str) -> None:
    """SOP S10: who speaks or is addressed is an id of the estate's file."""
    for field in ("by", "heard_by", "to"):
        person = EXAMPLES[name].get(field, {}).get("person", "")
        assert person.isascii()
    digits = "".join(
        c if c.isdigit() else " " for k, v in EXAMPLES[name].items() if k in {"words", "text"} for c in str(v)
    )
    assert all(len(run) < 7 for run in digits.split())
