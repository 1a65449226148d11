"""The evening as its file has it: who reports what and when, and how people answer. Lengths are of its own time.

A task is answered by the rows of its step's habit; a report's own `says` row replaces the habit's for that step
(and number), `silent` steps get no answer, `records` puts fields into what a step's completion records.
`@<id>` in a request stands for that report's number, `@task:<step>.<n>` for a task of the report itself.
"""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from shared.contracts.vocabulary import Role
from shared.domain.playbooks.format import Duration, Row

Reply = Literal[
    "acknowledge", "start", "arrive", "complete", "decline", "hand_on", "note", "need_help", "side_task"
]
ACCEPTED = 202


class EveningMistake(ValueError):
    """The file cannot be read as an evening; the text names each field."""


class Says(Row):
    """One answer, `after` its task was sent. `by`: who speaks instead of the task's holder.

    In `record` the word `now` stands for the time of the answer, `now+90m` for later.
    """

    after: Duration
    reply: Reply
    by: Role | None = None
    outcome: str | None = None
    record: dict[str, Any] = Field(default_factory=dict)
    reason: str | None = None
    onward: str | None = None
    note: str | None = None
    step: str | None = None
    to_role: Role | None = None
    to_person: str | None = None
    to_department: str | None = None
    expect: int = ACCEPTED


class Habit(Row):
    """How a step's task is answered; `n` for one number only."""

    step: str
    n: int | None = None
    says: tuple[Says, ...]


class Amend(Row):
    """What somebody changes about a report, `after` it was filed. `fields` go into the request as they stand."""

    after: Duration
    by: Role = "customer_assistant"
    fields: dict[str, Any]
    expect: int = ACCEPTED


class Filing(Row):
    """One report. `again`: the same request, key and all, so long after the first.

    `callers`: so many reports, one `every` so often; `{n}` in their words is 01, 02 and so on.
    """

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    at: Duration
    estate: str
    shows: str = ""
    ask: dict[str, Any]
    again: tuple[Duration, ...] = ()
    silent: tuple[str, ...] = ()
    habits: tuple[Habit, ...] = ()
    records: dict[str, dict[str, Any]] = Field(default_factory=dict)
    amends: tuple[Amend, ...] = ()
    callers: int = Field(default=1, ge=1, le=99)
    every: Duration = timedelta(seconds=3)

    def each(self) -> Iterator["Filing"]:
        """One filing for each caller."""
        if self.callers == 1:
            yield self
            return
        for n in range(1, self.callers + 1):
            ask = {name: v.replace("{n}", f"{n:02d}") if isinstance(v, str) else v for name, v in self.ask.items()}
            at, shows = self.at + (n - 1) * self.every, f"{self.shows} {n:02d}"
            own = {"id": f"{self.id}-{n:02d}", "at": at, "shows": shows, "ask": ask, "callers": 1}
            yield self.model_copy(update=own)


class Unusable(Row):
    """A request that the door refuses. `body` is sent as it stands, `padded` to so many bytes.

    `key`: whose key is shown; `same_key_as` names the report whose Idempotency-Key it uses.
    """

    at: Duration
    shows: str
    expect: int
    estate: str = "lanting"
    ask: dict[str, Any] | None = None
    body: str | None = None
    padded: int | None = None
    content_type: str = "application/json"
    key: Literal["admin", "none", "wrong", "other_estate"] = "admin"
    same_key_as: str | None = None


class Evening(Row):
    """`begins`: what the clock shows at the first report. `stand_ins`: who answers for a role that nobody holds."""

    begins: AwareDatetime
    lasts: Duration
    speed: float = Field(gt=0)
    stand_ins: dict[str, dict[Role, Role]] = Field(default_factory=dict)
    habit: tuple[Habit, ...] = ()
    report: tuple[Filing, ...]
    unusable: tuple[Unusable, ...] = ()

    def says(self, filing: Filing, step: str, n: int) -> tuple[Says, ...]:
        """The answers to this task; the report's own rows before the habits, a number's before any number's."""
        if step in filing.silent:
            return ()
        for habits in (filing.habits, self.habit):
            for wanted in (n, None):
                found = next((h for h in habits if h.step == step and h.n == wanted), None)
                if found:
                    return tuple(_with_record(row, filing.records.get(step, {})) for row in found.says)
        return ()


def read_evening(text: str) -> Evening:
    """Raises EveningMistake, naming every field that is wrong."""
    try:
        evening = Evening.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as broken:
        raise EveningMistake(str(broken)) from broken
    except ValidationError as wrong:
        rows = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in wrong.errors(include_url=False)]
        raise EveningMistake("\n".join(rows)) from wrong
    evening = evening.model_copy(update={"report": tuple(one for f in evening.report for one in f.each())})
    ids = [filing.id for filing in evening.report]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise EveningMistake(f"report: {', '.join(twice)}: 编号重复 · the id stands twice")
    if lost := sorted({name for name in _named(evening) if name not in ids}):
        raise EveningMistake(f"report: {', '.join(lost)}: 没有这个编号 · there is no such id")
    return evening


def _named(evening: Evening) -> Iterator[str]:
    """The ids that other reports name."""
    for filing in evening.report:
        for fields in (filing.ask, *(amend.fields for amend in filing.amends)):
            names = [v.removeprefix("@") for v in fields.values() if isinstance(v, str) and v.startswith("@")]
            yield from (name for name in names if not name.startswith("task:"))


def idempotency_key(evening: Evening, *parts: object) -> str:
    """The same in every run over the same evening, so that every id can be known beforehand."""
    return ".".join(["evening", f"{evening.begins:%Y%m%d}", *map(str, parts)])


def timed(record: dict[str, Any], at: datetime) -> dict[str, Any]:
    """`now` and `now+…` as instants; everything else as it stands."""
    return {name: _instant(value, at) for name, value in record.items()}


def _instant(value: Any, at: datetime) -> Any:
    if not isinstance(value, str) or not (value == "now" or value.startswith("now+")):
        return value
    later = Says(after=value.removeprefix("now+"), reply="note").after if value != "now" else at - at
    return (at + later).isoformat()


def _with_record(row: Says, more: dict[str, Any]) -> Says:
    return row.model_copy(update={"record": {**row.record, **more}}) if row.reply == "complete" and more else row
