"""Spoken by escalation on `escalations.<lane>`: what was not answered in time, and who was asked next."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.event import Fact, Name
from shared.contracts.vocabulary import Clock, Grade, Role


class LimitPassed(Fact):
    """A clock of a task ran out; said once a clock, before any rung."""

    type: Literal["limit.passed"] = "limit.passed"
    task_id: str
    clock: Clock
    due_at: AwareDatetime


class RungReached(Fact):
    """`role` was asked for this task; `turn` counts the repeats of the top rung from 1.

    `again_at`: when the next rung is asked, or this one again, if nobody answers.
    """

    type: Literal["rung.reached"] = "rung.reached"
    task_id: str
    clock: Clock
    rung: int
    role: Role
    persons: tuple[Name, ...] = ()
    turn: int = 1
    again_at: AwareDatetime | None = None


class RungSkipped(Fact):
    """Held by nobody, or only by someone who was already asked for this task (SOP, Ladders)."""

    type: Literal["rung.skipped"] = "rung.skipped"
    task_id: str
    clock: Clock
    rung: int
    role: Role
    why: Literal["nobody", "already_asked"]


class ReportUnassigned(Fact):
    """An emergency had no task 30 s after it was accepted; the control room was rung."""

    type: Literal["report.unassigned"] = "report.unassigned"


class GradePromoted(Fact):
    """A complaint became major by the clock or by links (SOP S8)."""

    type: Literal["grade.promoted"] = "grade.promoted"
    grade: Grade
    why: Name


EscalationEvent = Annotated[
    LimitPassed | RungReached | RungSkipped | ReportUnassigned | GradePromoted, Field(discriminator="type")
]
