"""A case played through the pure rules: who says what, and what dispatch makes of it."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from uuid import uuid5

from shared.contracts.event import Event, Fact, Speaker
from shared.contracts.ids import NAMESPACE, ReportId
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import (
    GradeChanged,
    HelpChanged,
    PlaceCorrected,
    ReportWithdrawn,
    TaskAcknowledged,
    TaskArrived,
    TaskCompleted,
    TaskDeclined,
)
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReplyRefused, ReportClosed, TaskAssigned
from shared.contracts.vocabulary import Category, Role, lane_of
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks, RecordField
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.rehearsing import Rehearsal
from tests.support.estate import an_estate

START = datetime(2026, 3, 6, 19, 0, tzinfo=UTC)
CODE = "qinghe"
DESK = Speaker(role="customer_assistant", person="desk-1")
LEADER = Speaker(role="shift_leader", person="leader-1")
SUPERVISOR = Speaker(role="security_supervisor", person="supervisor-1")
HEAD = Speaker(role="service_head", person="head-1")
DIRECTOR = Speaker(role="management_director", person="director-1")
HOME = {
    "patient_place": "3栋1单元1201",
    "place_short": "B3-1-1201",
    "building": "b3",
    "patient_phone": "13800138000",
}
F = TypeVar("F", bound=Fact)

PERSONS: dict[Role, str] = {
    "customer_assistant": "desk-1",
    "service_head": "head-1",
    "management_director": "director-1",
    "security_supervisor": "supervisor-1",
    "shift_leader": "leader-1",
}
VALUES: dict[str, Any] = {
    "time": "2026-03-06T19:05:00+00:00",
    "text": "已办",
    "posts": ["patrol-east", "patrol-west"],
    "department": "engineering",
    "person": "guard-3",
    "owner": "service_head",
    "number": 1,
    "flag": True,
}


@cache
def playbooks() -> Playbooks:
    return load_playbooks()


class Evening:
    """One report; time passes by itself a second a word, or as told."""

    def __init__(
        self,
        category: Category = "medical",
        estate: Estate | None = None,
        books: Playbooks | None = None,
        **fields: Any,
    ) -> None:
        self.estate = estate or an_estate(CODE)
        self.books = books or playbooks()
        self.play = Rehearsal([DispatchRules()], [self.estate], self.books)
        self.now = START
        self.count = 0
        self.lane = lane_of(category, fields.get("kind"))
        self.report_id = str(ReportId(self.lane, category, CODE, f"{1:032x}"))
        self.filed = self._filing(category, fields)

    def _filing(self, category: Category, fields: dict[str, Any]) -> ReportFiled:
        values = {"category": category, "lane": self.lane, "channel": "phone", "by": DESK, **fields}
        return self.make(ReportFiled, **values)

    def make(self, of: type[Any], **fields: Any) -> Any:
        """Ids follow from the order in which things are said, so that a play repeats."""
        self.count += 1
        common = {
            "event_id": uuid5(NAMESPACE, f"evening|{self.count}"),
            "report_id": self.report_id,
            "estate_id": CODE,
            "occurred_at": self.now,
            "accepted_at": self.now,
        }
        return of(**{**common, **fields})

    def say(self, event: Event) -> list[Fact]:
        self.now += timedelta(seconds=1)
        return self.play.feed(event, self.now)

    def file(self) -> "Evening":
        self.say(self.filed)
        return self

    def later(self, **delta: float) -> list[Fact]:
        self.now += timedelta(**delta)
        return self.play.advance(self.now)

    # ---- what people say ---------------------------------------------------------

    def task_id(self, task: str) -> str:
        """`meet` is `meet.1`."""
        return f"{self.report_id}.{task if '.' in task else task + '.1'}"

    def by(self, task: str) -> Speaker:
        to = self.holder(task)
        return Speaker(role=to["role"], person=to.get("person") or PERSONS.get(to["role"]), post=to.get("post"))

    def holder(self, task: str) -> dict[str, Any]:
        step, _, n = task.partition(".")
        found: dict[str, Any] = self.state["tasks"][f"{step}-{n or 1}"]
        return found

    def ack(self, task: str, by: Speaker | None = None) -> list[Fact]:
        return self.say(self.make(TaskAcknowledged, task_id=self.task_id(task), by=by or self.by(task)))

    def arrive(self, task: str, by: Speaker | None = None) -> list[Fact]:
        return self.say(self.make(TaskArrived, task_id=self.task_id(task), by=by or self.by(task)))

    def done(self, task: str, outcome: str, by: Speaker | None = None, **record: Any) -> list[Fact]:
        """With something for every field that the outcome demands, and these values."""
        said = {**self.record(task, outcome), **record}
        said = {field: value for field, value in said.items() if value is not ...}
        by = by or self.by(task)
        return self.say(self.make(TaskCompleted, task_id=self.task_id(task), by=by, outcome=outcome, record=said))

    def record(self, task: str, outcome: str) -> dict[str, Any]:
        playbook = self.books.of(self.filed.category)
        step = playbook.steps.get(task.partition(".")[0])
        if step is None:
            return {}
        row = step.outcomes.get(outcome)
        fields = playbook.always[outcome].record if row is None and outcome in playbook.always else step.record
        return {f.id: _value(f) for f in fields if not f.optional and f.id not in ("help", "patient_place")}

    def decline(self, task: str, reason: str = "在另一现场", onward: str = "请派下一岗") -> list[Fact]:
        said = {"reason": reason, "onward": onward}
        return self.say(self.make(TaskDeclined, task_id=self.task_id(task), by=self.by(task), **said))

    def reply(self, of: type[Any], task: str, by: Speaker | None = None, **fields: Any) -> list[Fact]:
        return self.say(self.make(of, task_id=self.task_id(task), by=by or self.by(task), **fields))

    def amend(self, of: type[Any], by: Speaker = DESK, **fields: Any) -> list[Fact]:
        return self.say(self.make(of, by=by, **fields))

    def help(self, *wanted: str) -> list[Fact]:
        return self.amend(HelpChanged, help=wanted)

    def place(self, place: str, short: str | None = None) -> list[Fact]:
        return self.amend(PlaceCorrected, place=place, place_short=short)

    def grade(self, grade: str, by: Speaker = DESK) -> list[Fact]:
        return self.amend(GradeChanged, by, grade=grade)

    def withdraw(self) -> list[Fact]:
        return self.amend(ReportWithdrawn, reason="误报")

    # ---- what became of it -----------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        return self.play.state("dispatch", self.report_id)

    def open(self) -> list[str]:
        return sorted(f"{t['step']}.{t['n']}" for t in self.state["tasks"].values() if t["open"])

    def is_open(self, step: str) -> bool:
        return any(name.partition(".")[0] == step for name in self.open())

    def assigned(self, step: str | None = None) -> list[TaskAssigned]:
        found = [f for f in self.play.facts if isinstance(f, TaskAssigned)]
        return [f for f in found if step in (None, f.step)]

    def told(self, name: str) -> list[NoticeIssued]:
        return [f for f in self.play.facts if isinstance(f, NoticeIssued) and f.name == name]

    @property
    def closed(self) -> ReportClosed | None:
        return next((f for f in reversed(self.play.facts) if isinstance(f, ReportClosed)), None)


def _value(field: RecordField) -> Any:
    if field.type == "choice":
        return field.choices[0]
    return VALUES[field.type]


def only(facts: list[Fact], of: type[F]) -> list[F]:
    return [f for f in facts if isinstance(f, of)]


def refused(facts: list[Fact]) -> str | None:
    """The reason, when the answer was refused and nothing else."""
    found = only(facts, ReplyRefused)
    return found[0].reason if found and len(facts) == 1 else None
