"""The parts of a timeline: which entries open a line of their own, and which belong under another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.domain.registering.corrections import AMENDMENTS
from shared.domain.registering.timeline_pages import Page, Pages

Entry = dict[str, Any]
Change = tuple[str, Any, Any]
"""Field, what it was, what it is."""

SAME_AS_SAID = frozenset({"acknowledged", "started", "arrived", "noted", "declined", "handed_over"})
"""What dispatch's `task.changed` only repeats of the reply that it is because of."""
_STANDS_FOR = {"reply.completed": ("task.ended",), "reply.acknowledged": ("task.ended",)}
_STANDS_FOR |= {"reply.arrived": ("task.ended",)}
_NO_NEWS = frozenset({"place_short", "building", "hand_ons"})


@dataclass(slots=True)
class Part:
    """One line. `entry` is the event that it begins with, `facts` are events that say the same once more.

    `task` is the `task.assigned` that it is about, by whose words a step is named. `late`: after its limit.
    """

    kind: str
    entry: Entry
    after: timedelta
    task: Entry | None = None
    pages: list[Page] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    facts: list[Entry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    refused: Entry | None = None
    late: bool = False

    @property
    def at(self) -> datetime:
        at: datetime = self.entry["at"]
        return at

    @property
    def ended(self) -> Entry | None:
        """How a task ended; None while it is open."""
        found = (f for part in self.parts for f in (part.entry, *part.facts))
        return next((f for f in found if f["type"] in ("task.ended", "task.withdrawn")), None)


class Parts:
    """Takes the entries of a story one by one; `groups` are the lines at the left edge."""

    def __init__(self, start: datetime, pages: Pages, corrections: Mapping[UUID, Entry]) -> None:
        self.groups: list[Part] = []
        self._start, self._pages, self._corrections = start, pages, corrections
        self._tasks: dict[str, Part] = {}
        self._by_event: dict[UUID, Part] = {}

    def take(self, entry: Entry) -> None:
        """In the story's order: causes come before what follows from them."""
        kind = entry["type"]
        if kind == "reply.refused" and (said := self._by_event.get(entry["refused"])):
            said.refused = entry
        elif (cause := self._by_event.get(entry.get("because_of", ""))) and _repeats(entry, cause):
            cause.facts.append(entry)
            cause.pages += self._pages.of(entry["event_id"])
        else:
            self._open(entry)

    def lost(self, pages: Iterable[Page]) -> None:
        """Pages of messages that stand nowhere in this story keep a line of their own."""
        for page in pages:
            told = {"zh": "", "en": ""}
            entry = {"type": "delivery.attempted", "at": page.at, "event_id": page.message, "told": told}
            self.groups.append(Part("page", entry, page.at - self._start, pages=[page]))
        self.groups.sort(key=lambda part: part.at)

    def _open(self, entry: Entry) -> None:
        group = self._tasks.get(entry.get("task_id") or "")
        part = Part(_kind(entry), entry, entry["at"] - self._start, group.entry if group else None)
        part.pages = self._pages.of(entry["event_id"])
        part.changes = _changes(self._corrections.get(entry["event_id"]))
        if entry["type"] == "task.assigned":
            part.task = entry
            self._tasks[entry["task_id"]] = part
            group = None
        self._by_event[entry["event_id"]] = part
        (group.parts if group else self.groups).append(part)
        if group and entry["type"] == "limit.passed":
            group.late = True


def _kind(entry: Entry) -> str:
    """What a line is drawn as."""
    name = entry["type"]
    if name in AMENDMENTS:
        return "correction"
    first = name.split(".")[0]
    return {"report.filed": "filed", "task.assigned": "task", "limit.passed": "limit"}.get(name, first)


def _repeats(entry: Entry, cause: Part) -> bool:
    """Whether the fact says no more than the words that it is because of."""
    kind, said = entry["type"], cause.entry["type"]
    if kind == "task.changed":
        return said.startswith("reply.") and entry["what"] in SAME_AS_SAID
    if kind == "report.changed":
        return said in AMENDMENTS
    return kind in _STANDS_FOR.get(said, ()) and entry.get("task_id") == cause.entry.get("task_id")


def _changes(correction: Entry | None) -> list[Change]:
    """Old and new of each field; of what was only asked for, or refused, there is no old."""
    if correction is None:
        return []
    was, to = correction.get("was", {}), correction.get("to", {})
    return [(name, was.get(name), value) for name, value in to.items() if name not in _NO_NEWS]
