"""Ids that say what they are about: `<lane>.<category>.<estate>.<32 hex>`, tasks with `.<step>.<n>` behind.

Whoever holds an id knows lane, class, estate and step without asking anybody (ARCHITECTURE).
"""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple, cast
from uuid import UUID

from shared.contracts.vocabulary import CATEGORIES, LANES, Category, Lane

NAMESPACE = UUID("6f3b1f0e-5d0a-5c39-9f57-0d5b7c1f8a11")
_NAMESPACE_BYTES = NAMESPACE.bytes
ESTATE_PATTERN = r"[a-z0-9-]{2,24}"
_REPORT = (
    rf"(?P<lane>{'|'.join(LANES)})\.(?P<category>{'|'.join(CATEGORIES)})"
    rf"\.(?P<estate>{ESTATE_PATTERN})\.(?P<hex>[0-9a-f]{{32}})"
)
_REPORT_ID = re.compile(_REPORT)
_TASK_ID = re.compile(rf"(?P<report_id>{_REPORT})\.(?P<step>[a-z0-9_]{{1,40}})\.(?P<n>[1-9][0-9]{{0,3}})")


class BadId(ValueError):
    """The text is no id of ours; its lane, class, estate or number cannot be read."""


class ReportId(NamedTuple):
    lane: Lane
    category: Category
    estate: str
    hex: str

    def __str__(self) -> str:
        return f"{self.lane}.{self.category}.{self.estate}.{self.hex}"


class TaskId(NamedTuple):
    report_id: str
    step: str
    n: int

    def __str__(self) -> str:
        return f"{self.report_id}.{self.step}.{self.n}"


def parse_report_id(text: str) -> ReportId:
    """Raises `BadId` for anything that intake did not write."""
    found = _REPORT_ID.fullmatch(text)
    if not found:
        raise BadId(text)
    lane, category = cast(Lane, found["lane"]), cast(Category, found["category"])
    return ReportId(lane, category, found["estate"], found["hex"])


@lru_cache(maxsize=4096)
def parse_task_id(text: str) -> TaskId:
    """Raises `BadId` for anything that dispatch did not write."""
    found = _TASK_ID.fullmatch(text)
    if not found:
        raise BadId(text)
    return TaskId(found["report_id"], found["step"], int(found["n"]))


def lane_of_key(key: str) -> Lane:
    """The lane a record's key belongs to; estate keys (`estate.<code>`) are routine."""
    return "emergency" if key.startswith("emergency.") else "routine"


def _id_of(name: str) -> UUID:
    """A UUID of version 5 under our namespace, as `uuid.uuid5` makes it, in half the time."""
    return UUID(
        bytes=hashlib.sha1(_NAMESPACE_BYTES + name.encode(), usedforsecurity=False).digest()[:16], version=5
    )


def keyed_event_id(estate: str, idempotency_key: str) -> UUID:
    """The same estate and `Idempotency-Key` give the same event, so a repeated request is the same event."""
    return _id_of(f"key|{estate}|{idempotency_key}")


def fact_id(service: str, cause: UUID, name: str, ordinal: int) -> UUID:
    """The same cause gives the same ids, and no two services the same one."""
    return _id_of(f"fact|{service}|{cause.hex}|{name}|{ordinal}")


def deadline_id(armed_by: UUID, name: str) -> UUID:
    """Every arming is new, so a repeated top rung rings each time; a repeated ring of one arming is the same."""
    return _id_of(f"deadline|{armed_by.hex}|{name}")
