"""The story of one report grouped by what belongs together: a page's attempts in a line, answers under their task.

Groups stand in the order in which they began, and so do the parts of each. Nothing is left out that a person said
or was told; of a ticker's bells only what they led to is shown, and every event stands in the story itself.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shared.domain.registering.timeline_pages import Page, Pages
from shared.domain.registering.timeline_parts import Part, Parts

Entry = dict[str, Any]
Row = dict[str, Any]

_BELL = "deadline.passed"


def timeline(story: Iterable[Entry], row: Row) -> list[Part]:
    """`story` as `tell` gives it, and the row folded from the same events."""
    entries = list(story)
    pages = Pages(entries)
    corrections = {entry["event_id"]: entry for entry in row.get("corrections", ())}
    parts = Parts(row.get("clock_from") or row.get("received_at") or row["sorted_at"], pages, corrections)
    for entry in entries:
        if entry["type"] != _BELL and not entry["type"].startswith("delivery."):
            parts.take(entry)
    parts.lost(pages.unclaimed())
    return parts.groups


def reached(parts: Iterable[Part]) -> datetime | None:
    """When the first person was reached by a device."""
    times = [page.got_there for part in parts for page in _pages(part) if page.got_there]
    return min(times, default=None)


def place_now(row: Row) -> str | None:
    """Where to go: the last correction's word, else where the patient is, else the report's place (SOP S3.0)."""
    said = [
        entry["to"].get(name)
        for entry in row.get("corrections", ())
        for name in ("place", "patient_place")
        if entry["state"] == "taken" and entry["to"].get(name)
    ]
    place: str | None = said[-1] if said else row.get("patient_place") or row.get("place")
    return place


def _pages(part: Part) -> list[Page]:
    return [*part.pages, *(page for inner in part.parts for page in _pages(inner))]
