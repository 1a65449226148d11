"""Something to record for each field of a step, so that a journey says only what matters to it."""

from typing import Any

from shared.contracts.vocabulary import Category
from shared.domain.playbooks.format import Playbooks, RecordField, Step

_BY_TYPE: dict[str, Any] = {
    "time": "2026-11-20T19:00:00+08:00",
    "text": "已办",
    "posts": ["patrol-west", "patrol-north"],
    "department": "工程部",
    "person": "desk-1",
    "owner": "service_head",
    "number": 1,
    "flag": True,
}


def record_of(playbooks: Playbooks, category: Category, step: str) -> dict[str, Any]:
    """Every field that must be recorded; what a test cares about it gives itself."""
    found: Step = playbooks.by_category[category].steps[step]
    return {f.id: _value(f) for f in found.record if not f.optional}


def _value(field: RecordField) -> Any:
    if field.type == "choice":
        return [field.choices[0]] if field.several else field.choices[0]
    if field.id == "register_no":
        return "unknown: 已问客服"
    return _BY_TYPE[field.type]
