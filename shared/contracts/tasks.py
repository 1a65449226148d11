"""Spoken by dispatch on `tasks.<lane>`: the life of a case and of its tasks. Only dispatch says these."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.event import Addressee, Fact, Model, Name, RecordValue, Speaker, Text, Words
from shared.contracts.vocabulary import Category, Clock, Grade, Help, Kind, Lane, Outside, Role, Urgency


class Timer(Model):
    """What dispatch will do by the clock unless it is stopped before; it runs from the fact that carries it.

    `task` (as `<step>-<n>`): it dies with that task, with `on_ack` also at its acknowledgement; `after_task`: it
    dies when that task's help is no longer wanted. `unless`: steps of which one's end or withdrawal stops it.
    `every`: seconds after which it rings again.
    """

    name: Name
    due: AwareDatetime
    every: int | None = None
    task: Name | None = None
    on_ack: bool | None = None
    after_task: Name | None = None
    unless: tuple[Name, ...] | None = None


class Promotion(Model):
    """When the case becomes major by itself: open at `at` (if `only_if` was recorded as true), or by households."""

    at: AwareDatetime
    households: int
    only_if: Name | None = None


class ReportOpened(Fact):
    """Dispatch has taken the report in, under this version of this playbook, for good.

    `overrides`: the estate's own rows for this class as they were then, in JSON; the case keeps them.
    """

    type: Literal["report.opened"] = "report.opened"
    playbook: Category
    playbook_version: int
    grade: Grade | None = None
    owner: Role
    clock_from: AwareDatetime
    overrides: str | None = None
    promotion: Promotion | None = None
    timers: tuple[Timer, ...] | None = None


class ReportChanged(Fact):
    """What of the report is different now; `None`: unchanged. `ending`: why it will close, once all are told."""

    type: Literal["report.changed"] = "report.changed"
    help: tuple[Help, ...] | None = None
    kind: Kind | None = None
    urgency: Urgency | None = None
    appointment_at: AwareDatetime | None = None
    place: Name | None = None
    place_short: Name | None = None
    building: Name | None = None
    patient_phone: Name | None = None
    grade: Grade | None = None
    owner: Role | None = None
    linked_to: str | None = None
    hand_ons: int | None = None
    ending: Literal["withdrawn", "followed", "linked", "drill_stopped"] | None = None
    followed_by: str | None = None
    timers: tuple[Timer, ...] | None = None


class ReportClosed(Fact):
    """No obligatory task is open. `followed_by`: the report that it went on in."""

    type: Literal["report.closed"] = "report.closed"
    why: Literal["done", "withdrawn", "followed", "linked", "written_up", "drill_stopped"]
    followed_by: str | None = None


class ReportReopened(Fact):
    type: Literal["report.reopened"] = "report.reopened"
    round: int
    why: Name


class TaskAssigned(Fact):
    """Somebody is to do something. `to` is who held the role then; who holds it is looked up again at sending.

    Limits are resolved once, here, from the playbook version the case began with: `ack_wait` in seconds from
    sending (None: no acknowledgement is asked), the other two as instants. `carried_from` names the task whose
    finish clock this one keeps. `only_ack`: a notice that wants an acknowledgement; acknowledging ends it.
    `opened_by`: the task whose holder or outcome opened this one. `calls`: whom it calls outside the estate, in a
    drill nobody. `may_answer`: who may besides its role. `assumed`: what a limit had to take for granted, such as
    `no_working_days_2027`. `pace`: the lane whose waits and hours its ladders keep, where that is not its own.
    """

    type: Literal["task.assigned"] = "task.assigned"
    task_id: str
    step: Name
    n: int
    clause: tuple[Name, ...]
    playbook: Category
    playbook_version: int
    to: Addressee
    words: Words
    guard: tuple[Name, ...] = ()
    record: tuple[Name, ...] = ()
    outcomes: tuple[Name, ...] = ()
    optional: bool = False
    only_ack: bool = False
    ends_on: Literal["complete", "arrive", "ack"] = "complete"
    ack_wait: int | None = None
    arrive_by: AwareDatetime | None = None
    finish_by: AwareDatetime | None = None
    ask_every: int | None = None
    assigned_at: AwareDatetime
    helps: tuple[Help, ...] = ()
    carried_from: str | None = None
    opened_by: str | None = None
    calls: tuple[Outside, ...] | None = None
    may_answer: tuple[Role, ...] | None = None
    assumed: tuple[Name, ...] | None = None
    pace: Lane | None = None
    drill: bool = False
    timers: tuple[Timer, ...] | None = None


class TaskChanged(Fact):
    """Something about an open task is different; `None` means unchanged. `to` restarts only the `ack` clock."""

    type: Literal["task.changed"] = "task.changed"
    task_id: str
    what: Literal["acknowledged", "started", "arrived", "noted", "handed_over", "declined", "limit", "asked_wider"]
    to: Addressee | None = None
    by: Speaker | None = None
    may_answer: tuple[Role, ...] | None = None
    arrive_by: AwareDatetime | None = None
    finish_by: AwareDatetime | None = None
    note: Text | None = None
    record: dict[str, RecordValue] | None = None
    late: bool = False


class TaskEnded(Fact):
    """Done by an outcome, with what was recorded. An ended task never reopens but by a later version."""

    type: Literal["task.ended"] = "task.ended"
    task_id: str
    outcome: Name
    record: dict[str, RecordValue] = Field(default_factory=dict)
    by: Speaker | None = None
    timers: tuple[Timer, ...] | None = None


class TaskWithdrawn(Fact):
    """No longer wanted; its holder is stood down by a task or notice of its own."""

    type: Literal["task.withdrawn"] = "task.withdrawn"
    task_id: str
    why: Literal[
        "help_changed", "kind_corrected", "withdrawn", "followed", "linked", "closed", "relieved", "drill_stopped"
    ]


class ReplyRefused(Fact):
    """What somebody said could not be taken: read by the reply's event id at the register."""

    type: Literal["reply.refused"] = "reply.refused"
    refused: UUID
    task_id: str | None = None
    reason: Name
    words: Words


TaskEvent = Annotated[
    ReportOpened
    | ReportChanged
    | ReportClosed
    | ReportReopened
    | TaskAssigned
    | TaskChanged
    | TaskEnded
    | TaskWithdrawn
    | ReplyRefused,
    Field(discriminator="type"),
]
CLOCKS: tuple[Clock, ...] = ("ack", "arrive", "finish")
