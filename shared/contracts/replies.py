"""Spoken by intake (and by notify for devices) on `replies.<lane>`: what people answer, amend and withdraw.

`deadline.passed` stands here too: the tickers say it under the same key, so that what was answered before
a deadline is read before it.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.event import Event, Name, RecordValue, Speaker, Text
from shared.contracts.vocabulary import Clock, Grade, Help, Kind, Role, Sign, Urgency


class Said(Event):
    """Something a person said. `heard_by`: entered by someone else on the speaker's behalf, `words` as heard."""

    by: Speaker
    heard_by: Speaker | None = None
    words: Text | None = None


class Reply(Said):
    """An answer to one task."""

    task_id: str


class TaskAcknowledged(Reply):
    """明白. Never refused by state: escalation stops the clock on the reply itself."""

    type: Literal["reply.acknowledged"] = "reply.acknowledged"


class TaskStarted(Reply):
    type: Literal["reply.started"] = "reply.started"


class TaskArrived(Reply):
    """到达. Never refused by state; it also acknowledges."""

    type: Literal["reply.arrived"] = "reply.arrived"


class TaskCompleted(Reply):
    """完成, with one of the step's outcomes and what must be recorded."""

    type: Literal["reply.completed"] = "reply.completed"
    outcome: Name
    record: dict[str, RecordValue] = Field(default_factory=dict)


class TaskDeclined(Reply):
    """不能. `reason` and `onward` (who takes it) are both needed: no shirking (SOP S2c)."""

    type: Literal["reply.declined"] = "reply.declined"
    reason: Text
    onward: Text


class TaskHandedOn(Reply):
    """The task goes to a person by name (it keeps its id), or to another role or department (a new task).

    Never stops or resets the resident's clock (SOP S2c).
    """

    type: Literal["reply.handed_on"] = "reply.handed_on"
    reason: Text
    to_person: Name | None = None
    to_role: Role | None = None
    to_department: Name | None = None


class TaskNoted(Reply):
    """A remark on a task; for a step with half-hourly checks it is the check."""

    type: Literal["reply.noted"] = "reply.noted"
    note: Text


class HelpNeeded(Reply):
    """要支援: opens `short_of_people` (PLAYBOOKS 10)."""

    type: Literal["reply.help_needed"] = "reply.help_needed"
    note: Text | None = None


class SideTaskAsked(Reply):
    """A side task, by its step id, opened by hand from an open step without ending it."""

    type: Literal["reply.side_task_asked"] = "reply.side_task_asked"
    step: Name
    note: Text | None = None


class HelpChanged(Said):
    """The whole new set of helps; who is no longer needed is stood down (SOP S3.0)."""

    type: Literal["amendment.help_changed"] = "amendment.help_changed"
    help: tuple[Help, ...]


class PlaceCorrected(Said):
    """Added or corrected; every holder reads the new place back (PLAYBOOKS `correct_place`)."""

    type: Literal["amendment.place_corrected"] = "amendment.place_corrected"
    place: Name
    place_short: Name | None = None
    building: Name | None = None


class DetailsCorrected(Said):
    """Other fields of the report, added or corrected; `None` leaves a field as it was."""

    type: Literal["amendment.details_corrected"] = "amendment.details_corrected"
    patient_phone: Name | None = None
    reporter: Name | None = None
    reporter_phone: Name | None = None
    relation: Name | None = None
    signs: tuple[Sign, ...] | None = None
    text: Text | None = None
    vulnerable: Name | None = None
    urgency: Urgency | None = None
    appointment_at: AwareDatetime | None = None


class KindCorrected(Said):
    """A kind that would change the lane is refused: file a linked report (PLAYBOOKS 0.6.7)."""

    type: Literal["amendment.kind_corrected"] = "amendment.kind_corrected"
    kind: Kind


class GradeChanged(Said):
    """Raised by many, lowered by the head or the director only; a notice once sent is not taken back."""

    type: Literal["amendment.grade_changed"] = "amendment.grade_changed"
    grade: Grade


class ReportLinked(Said):
    """This report is one event with `to_report_id`: a person's word, never a program's (ARCHITECTURE, 1).

    `household`: which of several callers it is, where the caller can say so; else each report is one.
    """

    type: Literal["amendment.linked"] = "amendment.linked"
    to_report_id: str
    household: Name | None = None


class LimitExtended(Said):
    """A head extends an inner limit with a reason; the resident's clock is unchanged."""

    type: Literal["amendment.limit_extended"] = "amendment.limit_extended"
    task_id: str
    clock: Clock
    until: AwareDatetime
    reason: Text


class ReportWithdrawn(Said):
    """False alarm or no longer wanted; told at once to everyone who was told before."""

    type: Literal["amendment.withdrawn"] = "amendment.withdrawn"
    reason: Text


class ReportFollowed(Said):
    """On the first report's key: a linked report in the right class or lane carries it on."""

    type: Literal["report.followed"] = "report.followed"
    by_report_id: str


class ReportJoined(Said):
    """On the main report's key: a person linked `by_report_id` to it. Households are counted here (SOP S8).

    `drill`: whether that one is a drill, where intake knows.
    """

    type: Literal["report.joined"] = "report.joined"
    by_report_id: str
    household: Name | None = None
    drill: bool | None = None


class DrillStopped(Said):
    """A drill gives way to a real emergency, `for_report_id` where it is filed already."""

    type: Literal["amendment.drill_stopped"] = "amendment.drill_stopped"
    for_report_id: str | None = None


class DeadlinePassed(Event):
    """Said by a ticker, never by a person; `owner` is the service that armed it, all others pass it over."""

    type: Literal["deadline.passed"] = "deadline.passed"
    owner: Name
    name: Name
    armed_by: UUID
    due_at: AwareDatetime


Amendment = (
    HelpChanged
    | PlaceCorrected
    | DetailsCorrected
    | KindCorrected
    | GradeChanged
    | ReportLinked
    | LimitExtended
    | ReportWithdrawn
    | ReportFollowed
    | ReportJoined
    | DrillStopped
)
TaskReply = (
    TaskAcknowledged
    | TaskStarted
    | TaskArrived
    | TaskCompleted
    | TaskDeclined
    | TaskHandedOn
    | TaskNoted
    | HelpNeeded
    | SideTaskAsked
)
ReplyEvent = Annotated[TaskReply | Amendment | DeadlinePassed, Field(discriminator="type")]
