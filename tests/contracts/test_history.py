"""Reading any event there ever was, and saying of the others why not, without quoting them."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.docs import recorded
from shared.contracts.event import Event
from shared.contracts.history import (
    CLASSES,
    FAMILIES,
    LIFTS,
    Lift,
    UnknownType,
    Unreadable,
    read_event,
    types_of,
    write_event,
)
from shared.contracts.replies import TaskNoted

EXAMPLES = recorded("examples")
NOTE = EXAMPLES["reply.noted.v1"]
PHONE = "13812345678"


def as_json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def with_field(**fields: Any) -> bytes:
    return as_json({**NOTE, **fields})


def reason_of(value: bytes, lifts: dict[tuple[str, int], Lift] | None = None) -> str:
    with pytest.raises(Unreadable) as refused:
        read_event(value, lifts or LIFTS)
    return str(refused.value)


def test_an_unknown_type_is_told_apart_and_not_refused() -> None:
    assert read_event(with_field(type="reply.sung")) == UnknownType("reply.sung")


def test_an_unknown_field_is_ignored() -> None:
    assert read_event(with_field(mood="好", by={**NOTE["by"], "mood": "好"})) == read_event(as_json(NOTE))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not JSON"),
        (b"\x00\x01", "not JSON"),
        (b'{"type": "reply.noted"', "not JSON"),
        (b'{"type": "reply.noted", "note": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"null", "no event type"),
        (b"[]", "no event type"),
        (b'"reply.noted"', "no event type"),
        (b"{}", "no event type"),
        (b'{"type": 7}', "no event type"),
        (b'{"type": ["reply.noted"]}', "no event type"),
        (with_field(version=2), "reply.noted: version 2 is newer than this reader"),
        (with_field(version=0), "reply.noted: version 0 is older than this reader"),
        (with_field(version=None), "reply.noted: version is no number"),
        (with_field(version=[1]), "reply.noted: version is no number"),
        (with_field(version={"a": 1}), "reply.noted: version is no number"),
        (with_field(version=PHONE), "reply.noted: version is no number"),
        (with_field(event_id="x"), "reply.noted: event_id: uuid_parsing"),
        (with_field(by={"role": PHONE}), "reply.noted: by: literal_error"),
        (with_field(occurred_at="2026-03-14T12:00:00"), "reply.noted: occurred_at: timezone_aware"),
        (
            with_field(occurred_at=PHONE + "点", event_id=PHONE),
            "reply.noted: event_id: uuid_parsing; occurred_at: ",
        ),
        (as_json({"type": "reply.noted"}), "reply.noted: accepted_at: missing; by: missing; estate_id: missing; "),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(value: bytes, reason: str) -> None:
    assert reason_of(value).startswith(reason)


@pytest.mark.parametrize(
    "value",
    [
        with_field(note={"phone": PHONE}),
        with_field(event_id=PHONE),
        with_field(task_id=[PHONE]),
        with_field(by={"role": PHONE, PHONE: PHONE}),
        with_field(version=PHONE),
        with_field(version=[PHONE]),
        as_json({**EXAMPLES["reply.completed.v1"], "record": {PHONE: {PHONE: PHONE}}}),
        as_json({**EXAMPLES["report.filed.v1"], "reporter_phone": [PHONE]}),
        as_json({**EXAMPLES["report.filed.v1"], "help": {PHONE: PHONE}}),
    ],
)
def test_a_reason_quotes_no_content(value: bytes) -> None:
    """Reasons stand in headers, logs and metrics, where no phone number may (SOP S10)."""
    assert PHONE not in reason_of(value)


def _from_zero(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "note": content["remark"]}


def _from_minus_one(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "remark": content["said"]}


OLDER: dict[tuple[str, int], Lift] = {("reply.noted", 0): _from_zero, ("reply.noted", -1): _from_minus_one}


@pytest.mark.parametrize(("version", "field"), [(0, "remark"), (-1, "said")])
def test_an_old_version_is_lifted_step_by_step(version: int, field: str) -> None:
    old = {name: value for name, value in NOTE.items() if name != "note"}
    event = read_event(as_json({**old, "version": version, field: "旧格式"}), OLDER)
    assert isinstance(event, TaskNoted)
    assert (event.version, event.note) == (1, "旧格式")


def test_an_old_version_that_is_broken_is_refused_and_not_quoted() -> None:
    assert reason_of(with_field(version=0, said=PHONE), OLDER) == "reply.noted: version 0 cannot be lifted"


def test_a_version_without_a_lift_is_refused() -> None:
    assert reason_of(with_field(version=-2), OLDER) == "reply.noted: version -2 is older than this reader"


def test_every_lift_starts_at_a_version_that_has_an_example() -> None:
    assert {f"{name}.v{version}" for name, version in LIFTS} <= set(EXAMPLES)


def test_every_event_belongs_to_one_family() -> None:
    found = [name for family in FAMILIES for name in types_of(family)]
    assert sorted(found) == sorted(CLASSES)


@given(st.binary(max_size=200))
def test_no_bytes_end_the_reader(value: bytes) -> None:
    """Anything that is read is an event or an unknown type; everything else is refused, never a crash."""
    with contextlib.suppress(Unreadable):
        assert isinstance(read_event(value), Event | UnknownType)


@given(
    st.sampled_from(sorted(EXAMPLES[n]["type"] for n in EXAMPLES if not n.startswith("door."))),
    st.data(),
)
def test_no_wrong_field_ends_the_reader(kind: str, data: st.DataObject) -> None:
    example = EXAMPLES[f"{kind}.v1"]
    field = data.draw(st.sampled_from(sorted(example)))
    wrong = data.draw(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=5)
        | st.lists(st.integers(), max_size=2)
        | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
    )
    try:
        event = read_event(as_json({**example, field: wrong}))
    except Unreadable:
        return
    assert isinstance(event, UnknownType) or read_event(write_event(event)) == event
