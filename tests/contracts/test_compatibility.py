"""What may change under one version: optional fields may be added, and nothing else."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel, Field

from shared.contracts.compatibility import breaks
from shared.contracts.shapes import schemas

Schema = dict[str, Any]
OLD: Schema = {
    "title": "Order",
    "type": "object",
    "required": ["id", "to"],
    "properties": {
        "id": {"type": "string", "maxLength": 10},
        "to": {"$ref": "#/$defs/Who"},
        "state": {"enum": ["open", "ended"], "default": "open", "type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": []},
        "record": {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        "n": {"type": "integer", "default": 0},
    },
    "$defs": {"Who": {"type": "object", "required": ["role"], "properties": {"role": {"enum": ["guard", "desk"]}}}},
}


def changed(change: Callable[[Schema], Any]) -> Schema:
    new = deepcopy(OLD)
    change(new)
    return new


def put(*path: Any) -> Callable[[Schema], None]:
    """The last of `path` is the value, the one before it the key."""

    def change(schema: Schema) -> None:
        for step in path[:-2]:
            schema = schema[step]
        schema[path[-2]] = path[-1]

    return change


def drop(*path: str) -> Callable[[Schema], None]:
    def change(schema: Schema) -> None:
        for step in path[:-1]:
            schema = schema[step]
        del schema[path[-1]]

    return change


NOW = schemas()
P = "properties"
WHO = ("$defs", "Who")
ADDITIONS = {
    "nothing": put("title", "Order"),
    "an optional field": put(P, "note", {"type": "string", "default": ""}),
    "an optional field inside": put(
        *WHO, P, "post", {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    ),
    "a title": put(P, "id", {"type": "string", "maxLength": 10, "title": "Id", "description": "the order's"}),
    "an enum in another order": put(P, "state", "enum", ["ended", "open"]),
    "a part nobody refers to": put("$defs", "Other", {"type": "object"}),
}
BREAKS = {
    "a field removed": (drop(P, "n"), ".n: removed"),
    "a field renamed": (lambda s: s[P].update(number=s[P].pop("n")), ".n: removed"),
    "a type changed": (put(P, "n", "type", "string"), ".n: type changed"),
    "a type widened": (
        put(P, "n", {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 0}),
        ".n: type changed",
    ),
    "a new required field": (
        lambda s: (s[P].update(x={"type": "string"}), s["required"].append("x")),
        ".x: now required",
    ),
    "an optional field required": (put("required", ["id", "to", "n"]), ".n: now required"),
    "a required field optional": (put("required", ["id"]), ".to: no longer required"),
    "an enum value removed": (put(P, "state", "enum", ["open"]), ".state: enum changed"),
    "an enum value added": (put(P, "state", "enum", ["open", "ended", "lost"]), ".state: enum changed"),
    "an enum value added inside": (
        put(*WHO, P, "role", "enum", ["guard", "desk", "gate"]),
        ".to.role: enum changed",
    ),
    "a default changed": (put(P, "n", "default", 1), ".n: default changed"),
    "a default of another kind": (put(P, "n", "default", False), ".n: default changed"),
    "a default gone": (drop(P, "n", "default"), ".n: default changed"),
    "a text shorter": (put(P, "id", "maxLength", 5), ".id: maxLength changed"),
    "a text longer": (put(P, "id", "maxLength", 20), ".id: maxLength changed"),
    "items of another type": (put(P, "tags", "items", "type", "integer"), ".tags: type changed"),
    "items without a type": (drop(P, "tags", "items"), ".tags: items changed"),
    "a choice more": (
        put(P, "record", "additionalProperties", "anyOf", [{"type": "string"}]),
        ".record: anyOf changed",
    ),
    "fields forbidden": (put("additionalProperties", False), ".: additionalProperties changed"),
    "a required field inside": (put(*WHO, "required", ["role", "post"]), ".to.post: now required"),
    "a field removed inside": (drop(*WHO, P, "role"), ".to.role: removed"),
    "another part referred to": (put(P, "to", {"type": "string"}), ".to.role: removed"),
}


@pytest.mark.parametrize("change", ADDITIONS.values(), ids=ADDITIONS)
def test_an_addition_is_let_through(change: Callable[[Schema], Any]) -> None:
    assert breaks(OLD, changed(change)) == []


@pytest.mark.parametrize(("change", "said"), BREAKS.values(), ids=BREAKS)
def test_a_break_is_named_with_its_path(change: Callable[[Schema], Any], said: str) -> None:
    assert said in breaks(OLD, changed(change))


@pytest.mark.parametrize("name", sorted(NOW))
def test_without_its_first_field_every_schema_breaks(name: str) -> None:
    """The comparison sees into every real schema, not only into the small one above."""
    schema = NOW[name]
    first = next(iter(schema["properties"]))
    fewer = {**schema, "properties": {k: v for k, v in schema["properties"].items() if k != first}}
    assert f".{first}: removed" in breaks(schema, fewer)


def test_a_field_with_a_factory_is_optional() -> None:
    class Before(BaseModel):
        id: str

    class After(BaseModel):
        id: str
        record: dict[str, str] = Field(default_factory=dict)

    assert breaks(Before.model_json_schema(), After.model_json_schema()) == []
    assert breaks(After.model_json_schema(), Before.model_json_schema()) == [".record: removed"]
