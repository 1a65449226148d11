"""A page to a device in one line: when it was sent, taken, delivered and answered, or why it was not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Entry = dict[str, Any]

_ORDER = ("attempted", "accepted", "delivered", "answered", "refused", "skipped", "failed")
_GOT_THERE = ("answered", "delivered")


@dataclass(slots=True)
class Page:
    """`steps` are the receipts in order, each once; `reason`: why it went no further. No device: none tried."""

    message: UUID
    at: datetime
    device: str | None = None
    channel: str | None = None
    attempt: int = 1
    steps: list[tuple[str, datetime]] = field(default_factory=list)
    reason: str | None = None
    answer: Entry | None = None

    @property
    def state(self) -> str:
        """The furthest it came."""
        return max((name for name, _ in self.steps), key=_ORDER.index)

    @property
    def got_there(self) -> datetime | None:
        """When the device had it, as far as its channel can tell."""
        return min((at for name, at in self.steps if name in _GOT_THERE), default=None)


class Pages:
    """All pages of a story, by the message that they carry."""

    def __init__(self, story: Iterable[Entry]) -> None:
        self._by_message: dict[UUID, dict[tuple[Any, ...], Page]] = {}
        self._claimed: set[UUID] = set()
        for entry in story:
            if entry["type"].startswith("delivery."):
                self._take(entry, entry["type"].removeprefix("delivery."))

    def of(self, message: UUID) -> list[Page]:
        """In the order in which they were sent."""
        self._claimed.add(message)
        return list(self._by_message.get(message, {}).values())

    def unclaimed(self) -> list[Page]:
        """Of messages that the story does not hold, as one that another report's notice carried."""
        rest = self._by_message.keys() - self._claimed
        return [page for message, pages in self._by_message.items() if message in rest for page in pages.values()]

    def _take(self, entry: Entry, name: str) -> None:
        key = (entry.get("device"), entry.get("channel"), entry.get("attempt"))
        pages = self._by_message.setdefault(entry["message"], {})
        if key not in pages:
            device, channel, attempt = key
            pages[key] = Page(entry["message"], entry["at"], device, channel, attempt or 1)
        page = pages[key]
        if name not in {known for known, _ in page.steps}:
            page.steps.append((name, entry["at"]))
        if entry.get("reason"):
            page.reason = entry["reason"]
        if name == "answered":
            page.answer = entry
