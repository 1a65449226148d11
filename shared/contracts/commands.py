"""What people send to intake's door, and what the door answers. Shapes only; the rules of the door are intake's.

A command, unlike an event, is deaf to nothing: an unknown field is a mistake of the caller's, named in the answer,
so that a mistyped field is never lost in silence.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.vocabulary import (
    Category,
    Channel,
    Clock,
    Form,
    Grade,
    Help,
    Kind,
    Role,
    Sign,
    Urgency,
    Weather,
)

_HIDDEN = r"\u007f-\u009f\u202a-\u202e\u2066-\u2069"
PLAIN = rf"^[^\u0000-\u001f{_HIDDEN}]*$"
"""No control character and nothing that turns the direction of writing on a guard's screen."""
PLAIN_LINES = rf"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f{_HIDDEN}]*$"
_SOMETHING = rf"[^\s\u0000-\u001f{_HIDDEN}]"
SAID = PLAIN_LINES.removesuffix("$") + _SOMETHING + PLAIN_LINES.removeprefix("^")
"""Of the same characters, and not only blanks."""

LongText = Annotated[str, StringConstraints(max_length=4000, pattern=PLAIN_LINES)]
SaidText = Annotated[str, StringConstraints(max_length=4000, pattern=SAID)]
Line = Annotated[str, StringConstraints(max_length=80, pattern=PLAIN, strip_whitespace=True)]
RosterId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,24}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
ReportIdText = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,100}$")]
TaskIdText = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,150}$")]
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
Recorded = (
    bool
    | Annotated[int, Field(ge=-(2**53), le=2**53)]
    | Annotated[str, StringConstraints(max_length=2000, pattern=PLAIN_LINES)]
    | Annotated[list[Annotated[str, StringConstraints(max_length=200, pattern=PLAIN_LINES)]], Field(max_length=100)]
    | None
)


class Command(BaseModel):
    """Frozen, and an unknown field is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class By(Command):
    """Who says it. `person` and `post` are ids of the estate's file, never a name or a phone number."""

    role: Role
    person: RosterId | None = None
    post: RosterId | None = None


class ReportRequest(Command):
    """`POST /v1/reports`. In an emergency only `category` is needed; a key of one estate may leave out `estate`.

    `clock_from` is the `accepted_at` of the report that this one `follows`. Without `by` the key's own role speaks.
    """

    estate: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,24}$")] | None = None
    category: Category
    kind: Kind | None = None
    urgency: Urgency | None = None
    weather: Weather | None = None
    grade: Grade | None = None
    channel: Channel = "phone"
    form: Form | None = None
    place: Line | None = None
    text: LongText = ""
    reporter: Line | None = None
    reporter_phone: Line | None = None
    patient_place: Line | None = None
    patient_phone: Line | None = None
    relation: Line | None = None
    signs: Annotated[tuple[Sign, ...], Field(max_length=20)] = ()
    help: Annotated[tuple[Help, ...], Field(max_length=3)] = ()
    wished_by: Line | None = None
    vulnerable: Line | None = None
    appointment_at: Instant | None = None
    occurred_at: Instant | None = None
    language: Literal["zh", "en"] = "zh"
    drill: bool = False
    written_up: bool = False
    follows: ReportIdText | None = None
    clock_from: Instant | None = None
    same_event_as: ReportIdText | None = None
    by: By | None = None


class Says(Command):
    """Something a person says. `heard_by` enters it on the speaker's behalf, with the `words` as heard."""

    by: By
    heard_by: By | None = None
    words: LongText | None = None
    occurred_at: Instant | None = None


class Acknowledge(Says):
    """明白."""

    type: Literal["acknowledge"]


class Start(Says):
    """出发."""

    type: Literal["start"]


class Arrive(Says):
    """到达."""

    type: Literal["arrive"]


class Complete(Says):
    """完成, with one of the step's outcomes and what the step wants recorded."""

    type: Literal["complete"]
    outcome: Code
    record: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")], Recorded], Field(max_length=50)
    ] = Field(default_factory=dict)


class Decline(Says):
    """不能. Refused without a reason and a named onward contact: no shirking (SOP S2c)."""

    type: Literal["decline"]
    reason: SaidText
    onward: SaidText


class HandOn(Says):
    """To a person by name, or to another role or department; at least one of the three (SOP S2c)."""

    type: Literal["hand_on"]
    reason: SaidText
    to_person: RosterId | None = None
    to_role: Role | None = None
    to_department: Line | None = None


class Note(Says):
    """A remark; for a step with half-hourly checks it is the check."""

    type: Literal["note"]
    note: SaidText


class NeedHelp(Says):
    """要支援."""

    type: Literal["need_help"]
    note: LongText | None = None


class AskSideTask(Says):
    """A side task by its step's id, opened by hand without ending this one."""

    type: Literal["side_task"]
    step: Code
    note: LongText | None = None


ReplyRequest = Annotated[
    Acknowledge | Start | Arrive | Complete | Decline | HandOn | Note | NeedHelp | AskSideTask,
    Field(discriminator="type"),
]


class ChangeHelp(Says):
    """The whole new set of helps, which may be empty."""

    type: Literal["help"]
    help: Annotated[tuple[Help, ...], Field(max_length=3)]


class CorrectPlace(Says):
    """Added or corrected."""

    type: Literal["place"]
    place: Annotated[Line, Field(min_length=1)]


class CorrectDetails(Says):
    """Other fields, added or corrected; what is left out stays as it was."""

    type: Literal["details"]
    patient_phone: Line | None = None
    reporter: Line | None = None
    reporter_phone: Line | None = None
    relation: Line | None = None
    signs: Annotated[tuple[Sign, ...], Field(max_length=20)] | None = None
    text: LongText | None = None
    vulnerable: Line | None = None
    urgency: Urgency | None = None
    appointment_at: Instant | None = None


class CorrectKind(Says):
    """Refused when it would change the lane: file a linked report."""

    type: Literal["kind"]
    kind: Kind


class ChangeGrade(Says):
    type: Literal["grade"]
    grade: Grade


class LinkReport(Says):
    """This report is one event with `to_report_id`: a person's word. `household`: a room, to count callers by."""

    type: Literal["link"]
    to_report_id: ReportIdText
    household: Line | None = None


class ExtendLimit(Says):
    """An inner limit, with a reason; the resident's clock is unchanged."""

    type: Literal["extend"]
    task_id: TaskIdText
    clock: Clock
    until: Instant
    reason: SaidText


class Withdraw(Says):
    """False alarm, or no longer wanted."""

    type: Literal["withdraw"]
    reason: SaidText


class StopDrill(Says):
    """A drill gives way to a real emergency; refused for what is no drill."""

    type: Literal["stop_drill"]
    for_report_id: ReportIdText | None = None


AmendmentRequest = Annotated[
    ChangeHelp
    | CorrectPlace
    | CorrectDetails
    | CorrectKind
    | ChangeGrade
    | LinkReport
    | ExtendLimit
    | Withdraw
    | StopDrill,
    Field(discriminator="type"),
]


class GiveHandover(Says):
    """The desk's shift ends: what is open, in the order in which it is to be looked at."""

    type: Literal["give"]
    items: Annotated[tuple[ReportIdText, ...], Field(max_length=200)] = ()
    note: LongText | None = None


class TakeHandover(Says):
    """Signed for by who comes, who is another person than who gave it. `given`: the event id of what was given."""

    type: Literal["take"]
    given: UUID
    note: LongText | None = None


HandoverRequest = Annotated[GiveHandover | TakeHandover, Field(discriminator="type")]

Durable = Literal["kafka", "spool"]


class FieldMistake(BaseModel):
    """One field that could not be taken: why, and what to do."""

    model_config = ConfigDict(frozen=True)

    field: str
    reason: str
    way_out: str


class ReportAccepted(BaseModel):
    """202. `unread`: fields of an emergency that could not be read; what was said stands in the report's text."""

    model_config = ConfigDict(frozen=True)

    report_id: str
    event_id: UUID
    accepted_at: AwareDatetime
    durable: Durable
    unread: tuple[FieldMistake, ...] = ()


class SaidAccepted(BaseModel):
    """202 for replies and amendments. `refusal_at`: where the register shows it if the case cannot take it."""

    model_config = ConfigDict(frozen=True)

    report_id: str
    task_id: str | None = None
    event_id: UUID
    accepted_at: AwareDatetime
    durable: Durable
    refusal_at: str


class Problem(BaseModel):
    """RFC 9457 `application/problem+json`, in the language of `Accept-Language`."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldMistake, ...] = ()
