"""Two of the three families of errors; the third, `Unreadable`, stands with the contracts.

Rejected     the caller's mistake: answered with 4xx, names the field and the way out
Unavailable  a lost connection, a time-out, a changed primary, a full disk: tried again without end
Unreadable   the record can never be worked: parked
"""

from shared.contracts.event import Words


class Rejected(Exception):
    """Refused at the door; `words` say why and what to do, in both languages."""

    def __init__(self, status: int, reason: str, words: Words, field: str | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.words, self.field = status, reason, words, field


class Unavailable(Exception):
    """Kafka or MongoDB did not answer: what was asked may or may not have happened. Ask again with the same id."""


class Unsafe(Exception):
    """A setting would lose reports; the process does not start."""
