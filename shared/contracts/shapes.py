"""Every shape that is recorded, with an example: `<type>.v<version>` for events, `door.<name>.v1` for the door."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from shared.contracts.commands import (
    AmendmentRequest,
    HandoverRequest,
    Problem,
    ReplyRequest,
    ReportAccepted,
    ReportRequest,
    SaidAccepted,
)
from shared.contracts.history import CLASSES

Schema = dict[str, Any]


def shapes() -> dict[str, type[BaseModel]]:
    """Of the newest version each; examples and schemas of older versions stay recorded."""
    events = {f"{name}.v{event.model_fields['version'].default}": event for name, event in CLASSES.items()}
    return {**events, **{f"{name}.v1": model for name, model in door_shapes().items()}}


def door_shapes() -> dict[str, type[BaseModel]]:
    """What people send to intake's door, and what the door answers."""
    unions = (ReplyRequest, AmendmentRequest, HandoverRequest)
    asked: tuple[type[BaseModel], ...] = (ReportRequest, *(model for union in unions for model in _members(union)))
    answered: tuple[type[BaseModel], ...] = (ReportAccepted, SaidAccepted, Problem)
    return {f"door.{_snake(model.__name__)}": model for model in (*asked, *answered)}


def schemas() -> Mapping[str, Schema]:
    """The JSON Schema of every shape as the code has it now."""
    return {name: model.model_json_schema() for name, model in sorted(shapes().items())}


def _members(union: Any) -> tuple[type[BaseModel], ...]:
    return get_args(get_args(union)[0])


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
