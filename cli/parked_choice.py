"""Which parked records a command is about."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from cli.parked_reading import about
from cli.parked_records import Parked


class Filter(NamedTuple):
    """What is None is not asked. A topic or type also by how its name begins; a reason by any part of it."""

    topic: str | None = None
    service: str | None = None
    reason: str | None = None
    lane: str | None = None
    estate: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def asks(self) -> bool:
        return any(wanted is not None for wanted in self)


def chosen(known: Iterable[Parked], wanted: Filter, *, replayed: bool = False) -> list[Parked]:
    """In the order of their parking, so the first are those that will be gone first."""
    return [p for p in known if (replayed or not p.replayed) and _fits(p, wanted)]


def read_instant(text: str) -> datetime:
    """An ISO time, UTC where it has no offset. Raises `ValueError`."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _fits(parked: Parked, wanted: Filter) -> bool:
    if not _begins(parked.topic, wanted.topic) or wanted.service not in (None, *parked.services):
        return False
    if wanted.reason is not None and wanted.reason.casefold() not in parked.reason.casefold():
        return False
    if not (wanted.since or parked.at) <= parked.at or (wanted.until is not None and parked.at >= wanted.until):
        return False
    known = about(parked)
    named = wanted.lane in (None, known.lane) and wanted.estate in (None, known.estate)
    return named and _begins(known.type or "", wanted.type)


def _begins(name: str, wanted: str | None) -> bool:
    return wanted is None or name == wanted or name.startswith(f"{wanted.rstrip('.')}.")
