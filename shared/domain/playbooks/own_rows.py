"""What an estate may set otherwise, as its file says it (PLAYBOOKS 0.2; SOP: marks F and own are defaults)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, PlainSerializer

from shared.contracts.vocabulary import Category, Lane, Role
from shared.domain.playbooks.format import NoticeTo, Row, read_duration

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def write_duration(value: timedelta) -> str:
    """As files write it, in the largest unit that fits: `90s`, `10m`."""
    seconds = int(value.total_seconds())
    amount, letter = next(((n, u) for n, u in _UNITS if seconds % n == 0), (1, "s"))
    return f"{seconds // amount}{letter}"


StoredDuration = Annotated[
    timedelta, BeforeValidator(read_duration), PlainSerializer(write_duration, return_type=str, when_used="json")
]
"""Stored as it is written, so that what comes back from the directory can be read again."""


class Override(Row):
    """One row of an estate for one class: for a step, for a notice, or for how its cases are graded.

    `limits` and `grading` stay as they were written: `override_checks` reads them, and a row that a later playbook
    cannot take is left out there, where refusing the whole estate would leave its emergencies unheard.
    `limits` replace the step's rows of the same clocks; `grading` replaces the keys it names.
    """

    playbook: Category
    step: str | None = None
    notice: str | None = None
    role: Role | None = None
    count: int | Literal["each"] | None = None
    department: str | None = None
    limits: tuple[dict[str, JsonValue], ...] = ()
    grading: dict[str, JsonValue] = Field(default={})
    urgency: Literal["emergency", "routine", "morning"] | None = None
    to: tuple[NoticeTo, ...] = ()

    @property
    def said(self) -> frozenset[str]:
        """What the row sets: the directory stores every field, so that one is there says nothing."""
        return frozenset(self.model_dump(exclude_defaults=True))


class OwnWaits(Row):
    """The waits of a role's ladder in one lane, instead of the playbooks' (PLAYBOOKS 0.2)."""

    role: Role
    lane: Lane
    waits: tuple[StoredDuration, ...] = Field(min_length=1)
    src: str = "own"

    def at(self, rung: int) -> timedelta:
        """Past the last the last repeats."""
        return self.waits[min(rung, len(self.waits) - 1)]


def own_wait(rows: Iterable[OwnWaits], role: Role, lane: Lane, rung: int) -> timedelta | None:
    """None where the estate sets none for this lane."""
    row = next((row for row in rows if row.role == role and row.lane == lane), None)
    return row.at(rung) if row else None
