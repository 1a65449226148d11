"""What goes out on a stream (Server-Sent Events, WHATWG HTML 9.2), as bytes that all who see the same share."""

import json
from typing import Any, Literal, NamedTuple

from pydantic_core import to_json

from shared.domain.registering.masking import masked

Kind = Literal["report", "line"]


class View(NamedTuple):
    """What somebody watches. Two with the same view are sent the same bytes.

    `estates`: None for all; `unmasked`: those in which names and phones may be seen, None for all; `report`: only
    that one.
    """

    kind: Kind
    estates: frozenset[str] | None
    unmasked: frozenset[str] | None = frozenset()
    report: str | None = None

    def wants(self, change: "Change") -> bool:
        if self.report is not None:
            return change.report_id == self.report
        return self.estates is None or change.estate in self.estates


class Change:
    """One row that was written. `line` is None once the report is no longer on the board; `v`: of the row."""

    __slots__ = ("_frames", "_line", "_v", "estate", "id", "n", "report_id")

    def __init__(
        self, epoch: str, n: int, report_id: str, estate: str, v: int, line: dict[str, Any] | None
    ) -> None:
        self.id, self.n, self.report_id, self.estate = f"{epoch}-{n}", n, report_id, estate
        self._v = v
        self._line = to_json(line) if line else b""
        self._frames: dict[tuple[Kind, bool], bytes] = {}

    def frame(self, view: View) -> bytes:
        """Made once for all who see it alike."""
        hidden = view.unmasked is not None and self.estate not in view.unmasked
        made = self._frames.get((view.kind, hidden))
        if made is None:
            made = self._frames[view.kind, hidden] = self._make(view.kind, hidden)
        return made

    def _make(self, kind: Kind, hidden: bool) -> bytes:
        if kind == "report":
            return frame("report", self.report_id.encode(), self.id)
        if not self._line:
            return frame("gone", to_json({"report_id": self.report_id, "v": self._v}), self.id)
        return frame("line", to_json(masked(json.loads(self._line))) if hidden else self._line, self.id)


def frame(event: str, data: bytes, mark: str) -> bytes:
    """The event first and the id last; data is one line."""
    return b"event: %b\ndata: %b\nid: %b\n\n" % (event.encode(), data, mark.encode())
