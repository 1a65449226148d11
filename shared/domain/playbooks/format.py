"""The procedure as data: what a playbook file may say. Rows, no expressions (PLAYBOOKS 0.6).

`shared/domain/playbooks/loading.py` reads the files and refuses what cannot work, naming file and line.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.contracts.event import Words
from shared.contracts.vocabulary import Category, Clock, Grade, Help, Kind, Lane, Outside, Role, Sign

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

LONGEST = timedelta(days=366)
"""No procedure waits longer than a year, and an instant plus this is still a date."""


def read_duration(text: object) -> timedelta:
    """`20s`, `5m`, `48h`, `3d`; a leading minus means before. ValueError for anything else or beyond a year."""
    seconds = text.total_seconds() if isinstance(text, timedelta) else _seconds(text)
    if abs(seconds) > LONGEST.total_seconds():
        raise ValueError(f"a duration is {LONGEST.days}d at most")
    return timedelta(seconds=seconds)


def _seconds(text: object) -> int:
    if not isinstance(text, str) or text[-1:] not in _UNITS or not text[:-1].removeprefix("-").isdecimal():
        raise ValueError("a duration is a whole number and one of s, m, h, d, such as 20s or 3d")
    return int(text[:-1]) * _UNITS[text[-1]]


Duration = Annotated[timedelta, BeforeValidator(read_duration)]


class Row(BaseModel):
    """Frozen, and an unknown key is a mistake, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Opening(Row):
    """What opens a step, or sends a notice, without a predecessor."""

    event: Literal["filed", "help", "kind", "urgency", "form", "major", "promoted", "reopened", "linked"]
    value: str | None = None


class RecordField(Row):
    """One thing to be recorded. `unknown`: may be "unknown" if the reply says who was asked.

    A field named like a field of the report (`patient_place`, `patient_phone`, `help`, `grade`, `kind`) also
    changes the report. `addresses`: names the addressee of what follows; an `owner` is a role's code name, else a
    department's. `several`: more than one of the choices. `closed`: never on the air, shown by role (SOP S10).
    Of a step that ends on an acknowledgement or an arrival no field is demanded.
    """

    id: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    type: Literal["time", "text", "choice", "posts", "department", "person", "owner", "number", "flag"]
    zh: str
    en: str
    choices: tuple[str, ...] = ()
    several: bool = False
    closed: bool = False
    unknown: bool = False
    optional: bool = False
    addresses: bool = False


class Limit(Row):
    """One row of one clock. Rows of the same clock are tried in order; the first that resolves counts.

    `after`: the start (sending of the task, its holder's `start`, acceptance of the report, a step's end, closing).
    `value`: one duration, or one for each word of `by`. `field`: a recorded time instead of a start, `value` added
    to it, never later than `at_most` after the start. `carried`: as first set on the task this one carries on.
    `repeat`: once passed, asked again every so often, which is also the first wait of its ladder.
    """

    clock: Clock
    src: str
    after: str = Field(default="sent", pattern=r"^(sent|start|report|close|step:[a-z0-9_]+)$")
    by: str | None = Field(default=None, pattern=r"^(lane|urgency|on_duty|grade|field:[a-z0-9_]+)$")
    value: Duration | dict[str, Duration] | None = None
    calendar: Literal["wall", "working"] = "wall"
    field: str | None = None
    at_most: Duration | None = None
    carried: bool = False
    repeat: Duration | None = None


class Outcome(Row):
    """What follows an outcome. `record=False`: may be said without the step's record fields.

    `withdraws`: ends the other open tasks of the same helps, or all of the case where the task has none.
    `ends`: an outcome that opens side tasks only leaves its step open; the loader sets it where a file does not.
    `reopens`: the case starts its next round, as a failed return visit does. `grade`: the report has it from now
    on, unless it has a higher one. `only_grade`: to be said of these grades alone; a report without one counts as
    ordinary. `calls`: to be said when these were called too, such as 120 to a fight.
    """

    opens: tuple[str, ...] = ()
    help: tuple[Help, ...] = ()
    kind: Kind | None = None
    grade: Grade | None = None
    only_grade: tuple[Grade, ...] = ()
    calls: tuple[Outside, ...] = ()
    close: bool = False
    record: bool = True
    withdraws: bool = False
    ends: bool = True
    reopens: bool = False


class TimedOutcome(Row):
    """An outcome by the clock: fires `after` sending unless the task was acknowledged; leaves the step open."""

    after: Duration
    unless: Literal["ack", "end"] = "ack"
    opens: tuple[str, ...] = ()
    kind: Kind | None = None


class OpensAfter(Row):
    """Timed opening, counted from the named step's sending (no `outcome`) or from that outcome.

    `from_report`: it only waits for that; the delay counts from where the resident's clock began.
    `unless`: steps of which one has ended by then; `repeat`: opens anew, until then. A gate guard in position has
    not ended `meet`, so an arrival counts only where the step ends on it.
    """

    step: str
    delay: Duration
    outcome: str | None = None
    from_report: bool = False
    unless: tuple[str, ...] = ()
    repeat: Duration | None = None


class Skip(Row):
    """The step counts as done by `outcome` when the report already has all these fields."""

    fields: tuple[str, ...]
    outcome: str | None = None


class Step(Row):
    """One step. `role="holder"`: whoever holds each open task. `side`: opened by hand or by an outcome, does not
    end its step. `needs`: all of these groups, of each group one, must have ended before it is sent. `last`: sent
    when no other obligatory task is open. `until`: ends by itself, by the first outcome, when one of those steps
    ends, or ends by that outcome (`report:sent`). `ends_on`: an arrival or acknowledgement ends it, by the first
    outcome. `first_ends_others`: one task's completion ends the step's others by this outcome. `may`: who else may
    answer it, such as over the head of whom it is for. `owns`: its role owns the report from its sending on.
    `relieves`: so does that, and it ends the former owner's tasks. `calls`: whom it calls outside the estate, for
    every kind or by kind; never in a drill. `quota`: a return visit that so many of a hundred cases are to have.
    """

    id: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    clause: tuple[str, ...]
    src: str
    role: Role | Literal["holder"]
    zh: str
    en: str
    count: int | Literal["each"] = 1
    department: str | None = None
    opens_on: tuple[Opening, ...] = ()
    opens_after: tuple[OpensAfter, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    side: bool = False
    last: bool = False
    optional: bool = False
    outlives_case: bool = False
    may: tuple[Role, ...] = ()
    owns: bool = False
    relieves: bool = False
    calls: tuple[Outside, ...] | dict[Kind, tuple[Outside, ...]] = ()
    quota: int | None = Field(default=None, ge=1, le=100)
    ends_on: Literal["complete", "arrive", "ack"] = "complete"
    until: tuple[str, ...] = ()
    check_every: Duration | None = None
    first_ends_others: str | None = None
    skip: Skip | None = None
    guard: tuple[str, ...] = ()
    record: tuple[RecordField, ...] = ()
    limits: tuple[Limit, ...] = ()
    timed: tuple[TimedOutcome, ...] = ()
    outcomes: dict[str, Outcome] = Field(min_length=1)

    @property
    def words(self) -> Words:
        return Words(zh=self.zh, en=self.en)

    @property
    def first_outcome(self) -> str:
        """By which the step ends where nobody names one: by `ends_on`, by `until`."""
        return next(iter(self.outcomes))


class NoticeTo(Row):
    """`others`: every post of the role except the one that spoke."""

    role: Role
    department: str | None = None
    others: bool = False


class NoticeOn(Row):
    """What a notice waits for. `step` with `outcome`; without one the step's sending. `check_missed` names a step.

    `after` counts from the report's acceptance, for `step` from that sending or outcome; with `from_report` that is
    only waited for, and it counts from where the resident's clock began. `weather` without a value: any colour.
    """

    event: Literal[
        "filed",
        "major",
        "kind",
        "form",
        "urgency",
        "weather",
        "step",
        "check_missed",
        "promoted",
        "reopened",
        "stray_link",
        "engine",
    ]
    value: str | None = None
    step: str | None = None
    outcome: str | None = None
    after: Duration | None = None
    from_report: bool = False
    calendar: Literal["wall", "working"] = "wall"
    unless: tuple[str, ...] = ()


class Notice(Row):
    """`ack`: goes out as a task that ends on acknowledgement, so it has a ladder (docs/decisions).

    `real`: never marked as a drill's, though the case may be one. `calls`: as of a step. `outlives_case`: still to
    be acknowledged when the case has closed.
    """

    id: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    clause: tuple[str, ...]
    src: str
    to: tuple[NoticeTo, ...] = ()
    on: tuple[NoticeOn, ...]
    zh: str
    en: str
    urgency: Literal["emergency", "routine", "morning"] = "routine"
    ack: bool = False
    real: bool = False
    outlives_case: bool = False
    calls: tuple[Outside, ...] | dict[Kind, tuple[Outside, ...]] = ()

    @property
    def words(self) -> Words:
        return Words(zh=self.zh, en=self.en)


class Promotion(Row):
    """A case becomes major by itself: open for `after`, or by links of `households`; `only_if`: a recorded flag."""

    after: Duration
    households: int
    only_if: str | None = None


class Grading(Row):
    """When an emergency is major by itself (PLAYBOOKS 0.4), and when a complaint is promoted (SOP S8)."""

    always: bool = False
    kinds: tuple[Kind, ...] = ()
    signs: tuple[Sign, ...] = ()
    without_place_after: Duration | None = None
    raised_by: tuple[Role, ...] = ()
    lowered_by: tuple[Role, ...] = ()
    promotion: Promotion | None = None


class Waits(Row):
    """How long each rung of a role's ladder is given before the next is added; the last repeats at the top."""

    role: Role
    lane: Lane
    waits: tuple[Duration, ...] = Field(min_length=1)
    src: str

    def at(self, rung: int) -> timedelta:
        return self.waits[min(rung, len(self.waits) - 1)]


class Always(Row):
    """An outcome that every step takes (`cancelled`, `impossible`), so that nothing hangs for ever."""

    opens: tuple[str, ...] = ()
    record: tuple[RecordField, ...] = ()


class Playbook(Row):
    """One class, the common steps included. `steps` in the order of the SOP.

    `common`: the version of the common steps it stands on. `always`: what every step's `cancelled` and `impossible`
    need and open; a step's own row of that name says what follows instead. `includes`: ids of the steps that came
    from another playbook.
    """

    playbook: Category
    version: int = Field(ge=1)
    common: int = Field(default=1, ge=1)
    zh: str
    en: str
    owner: Role = "customer_assistant"
    default_form: dict[str, Literal["oral", "written"]] = {}
    recording_step: str | None = None
    grading: Grading = Grading()
    steps: dict[str, Step]
    notices: dict[str, Notice]
    includes: tuple[str, ...] = ()
    always: dict[str, Always] = {}


class Playbooks(Row):
    """All that the rules know of the procedure: playbooks by class, waits, guardrails, words for kinds."""

    by_category: dict[Category, Playbook]
    earlier: dict[Category, dict[int, Playbook]] = {}
    waits: tuple[Waits, ...]
    guardrails: dict[str, Words]
    kinds: dict[str, Words]

    def wait(self, role: Role, lane: Lane, rung: int) -> timedelta:
        """The wait at a rung, past the last the last."""
        return self.ladder(role, lane).at(rung)

    def ladder(self, role: Role, lane: Lane) -> Waits:
        """The row that counts for the lane. A ladder missing for a lane takes the other lane's."""
        rows = [w for w in self.waits if w.role == role]
        return next((w for w in rows if w.lane == lane), rows[0])

    def of(self, category: Category, version: int | None = None) -> Playbook:
        """The newest, or the version a case began with; KeyError for one that never was."""
        newest = self.by_category[category]
        return newest if version in (None, newest.version) else self.earlier[category][version or 0]
