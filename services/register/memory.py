"""Events of the reports whose rows this process wrote last, so that they are not read again with each batch.

Only a shortcut: whoever writes by it names the number of events that the row must still have.
"""

from shared.platform.mongo import Document

MOST_EVENTS = 8_000
"""Of open reports, unless the settings say otherwise; some 4 kB each."""


class Memory:
    """The reports touched last; the longest untouched are forgotten first.

    They have to have room for all that are open: reports that are touched in turn are each forgotten just before.
    """

    def __init__(self, most_events: int) -> None:
        self._most, self._held = most_events, 0
        self._bodies: dict[str, list[Document]] = {}

    def recall(self, report_id: str) -> list[Document]:
        """All events of the row as it was written; empty when that is not known."""
        return self._bodies.get(report_id, [])

    def remember(self, report_id: str, bodies: list[Document]) -> None:
        self.forget(report_id)
        self._bodies[report_id] = bodies
        self._held += len(bodies)
        while self._held > self._most:
            self.forget(next(iter(self._bodies)))

    def forget(self, report_id: str) -> None:
        self._held -= len(self._bodies.pop(report_id, ()))
