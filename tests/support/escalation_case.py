"""One case of escalation in a test: events at seconds from the start, and what was said, as short lines."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.deliveries import DeliveryFailed
from shared.contracts.escalations import LimitPassed, ReportUnassigned, RungReached, RungSkipped
from shared.contracts.event import Addressee, Fact, Speaker, Words
from shared.contracts.ids import NAMESPACE, deadline_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed, TaskAcknowledged, TaskArrived
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReportChanged, ReportClosed, TaskAssigned, TaskChanged, TaskEnded, TaskWithdrawn
from shared.contracts.vocabulary import Role
from shared.domain.escalating.rules import EscalationRules
from shared.domain.estates.roster import Estate, OfficeHours, Post
from shared.domain.estates.rows import Shift
from shared.domain.playbooks.format import Playbooks, Waits
from shared.domain.rules import Deadline, World
from tests.support.rules_case import RulesCase

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
REPORT = {lane: f"{lane}.{category}.bamboo.{'0' * 31}1" for lane, category in
          (("emergency", "medical"), ("routine", "inquiry"))}  # fmt: skip
_WAITS: tuple[tuple[Role, str, str], ...] = (
    ("guard", "emergency", "30s 30s 60s 120s"),
    ("gate_guard", "emergency", "30s 30s 60s 120s"),
    ("control_room", "emergency", "20s 30s 60s 120s"),
    ("shift_leader", "emergency", "30s 60s 120s"),
    ("security_supervisor", "emergency", "60s 120s"),
    ("customer_assistant", "emergency", "20s 60s 120s"),
    ("customer_assistant", "routine", "5m 15m 60m"),
    ("service_head", "routine", "15m 60m"),
    ("management_director", "emergency", "120s"),
    ("engineering", "routine", "10m 15m 30m 60m"),
    ("department_head", "routine", "15m 30m 60m"),
)
PLAYBOOKS = Playbooks(
    by_category={},
    waits=tuple(
        Waits.model_validate({"role": role, "lane": lane, "waits": waits.split(), "src": "own"})
        for role, lane, waits in _WAITS
    ),
    guardrails={},
    kinds={},
)
EVERYBODY: dict[str, tuple[str, ...]] = {
    "guard": ("ann", "ben"),
    "gate_guard": ("gus",),
    "shift_leader": ("lee",),
    "security_supervisor": ("sue",),
    "customer_assistant": ("amy",),
    "service_head": ("hal",),
    "management_director": ("dan",),
    "control_room": ("cam",),
}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def estate(roles: dict[str, tuple[str, ...]]) -> Estate:
    """Who holds what, all day, everybody at a post of his own; `department_head@engineering` is a department's."""
    shifts: list[dict[str, Any]] = []
    posts = []
    for held, persons in roles.items():
        role, _, department = held.partition("@")
        for person in persons:
            where = {"department": department or None}
            posts.append(Post.model_validate({"id": f"post-{person}", "zh": person, "role": role, **where}))
            shifts.append({"persons": [person], "roles": [role], "post": f"post-{person}", **where})
    return Estate(
        estate="bamboo",
        zh="竹园",
        en="Bamboo",
        posts=tuple(posts),
        office=OfficeHours(start=time(0), end=time(0)),
        shifts=tuple(Shift.model_validate({**s, "start": time(0), "end": time(0)}) for s in shifts),
    )


class EscalationCase(RulesCase):
    """What escalation says of one report."""

    def __init__(self, roles: dict[str, tuple[str, ...]] | None = None, lane: str = "emergency") -> None:
        super().__init__(START)
        self.rules = EscalationRules()
        self.world = World(estate(EVERYBODY if roles is None else roles), PLAYBOOKS)
        self.report = REPORT[lane]
        self.version = 0

    def run(self, seconds: float) -> list[str]:
        """What was said up to here, as `seconds what`."""
        self.run_until(at(seconds))
        return self.lines

    def passed(self, due: Deadline) -> DeadlinePassed:
        event_id = deadline_id(due.armed_by, due.name)
        assert event_id not in self.taken, f"{due.name} was not armed anew"
        return DeadlinePassed(
            **{**self.said(""), "event_id": event_id, "accepted_at": self.now},
            owner="escalation",
            name=due.name,
            armed_by=due.armed_by,
            due_at=due.due,
        )

    @property
    def live(self) -> dict[str, float]:
        return {d.name: (d.due - START).total_seconds() for d in self.deadlines}

    @property
    def lines(self) -> list[str]:
        return [f"{(f.accepted_at - START).total_seconds():g} {line(f)}" for f in self.facts]

    def said(self, name: str, seconds: float = 0) -> dict[str, Any]:
        return {
            "event_id": uuid5(NAMESPACE, f"test {name} {seconds}"),
            "report_id": self.report,
            "estate_id": "bamboo",
            "occurred_at": at(seconds),
            "accepted_at": at(seconds),
        }

    def fact(self, name: str, seconds: float, version: int | None = None) -> dict[str, Any]:
        self.version = version or self.version + 1
        return {**self.said(f"{name} v{self.version}", seconds), "case_version": self.version, "index": 0}

    def task_id(self, task: str) -> str:
        return f"{self.report}.{task}"

    def filed(self, seconds: float = 0, **fields: Any) -> ReportFiled:
        lane, category = self.report.split(".")[:2]
        about = {"category": category, "lane": lane, "channel": "phone", "by": {"role": "customer_assistant"}}
        return ReportFiled.model_validate({**self.said("filed", seconds), **about, **fields})

    def assigned(
        self, task: str, role: Role, person: str | None, seconds: float = 0, **fields: Any
    ) -> TaskAssigned:
        step, n = task.split(".")
        return TaskAssigned(
            **{
                **self.fact(f"assigned {task}", seconds, fields.pop("version", None)),
                "task_id": self.task_id(task),
                "step": step,
                "n": int(n),
                "clause": ("S3.1.1",),
                "playbook": self.report.split(".")[1],
                "playbook_version": 1,
                "to": Addressee(role=role, person=person, post=f"post-{person}" if person else None),
                "words": Words(zh="去B3待命", en="Go to B3"),
                "assigned_at": at(seconds),
                **fields,
            }
        )

    def changed(self, task: str, what: str, seconds: float, **fields: Any) -> TaskChanged:
        common = self.fact(f"{what} {task}", seconds, fields.pop("version", None))
        return TaskChanged.model_validate({**common, "task_id": self.task_id(task), "what": what, **fields})

    def ended(self, task: str, seconds: float, version: int | None = None) -> TaskEnded:
        return TaskEnded(**self.fact(f"ended {task}", seconds, version), task_id=self.task_id(task), outcome="done")

    def withdrawn(self, task: str, seconds: float) -> TaskWithdrawn:
        return TaskWithdrawn(
            **self.fact(f"withdrawn {task}", seconds), task_id=self.task_id(task), why="help_changed"
        )

    def closed(self, seconds: float) -> ReportClosed:
        return ReportClosed(**self.fact("closed", seconds), why="done")

    def acknowledged(self, task: str, person: str, role: Role, seconds: float) -> TaskAcknowledged:
        by = Speaker(role=role, person=person)
        return TaskAcknowledged(**self.said(f"ack {task} {person}", seconds), by=by, task_id=self.task_id(task))

    def arrived(self, task: str, person: str, role: Role, seconds: float) -> TaskArrived:
        by = Speaker(role=role, person=person)
        return TaskArrived(**self.said(f"arrived {task} {person}", seconds), by=by, task_id=self.task_id(task))

    def place_changed(self, zh: str, short: str, seconds: float) -> ReportChanged:
        return ReportChanged(**self.fact(f"place {zh}", seconds), place=zh, place_short=short)

    def undelivered(self, task: str, message: UUID, seconds: float) -> DeliveryFailed:
        common = {**self.said(f"failed {message}", seconds), "case_version": 1, "index": 0}
        return DeliveryFailed(**common, message=message, task_id=self.task_id(task), reason="off")


def line(fact: Fact) -> str:
    """`rung 1 shift_leader lee`, `skip 2 already_asked`, `notice rung lee`, `limit ack`."""
    match fact:
        case RungReached():
            again = f" again {fact.turn}" if fact.turn > 1 else ""
            return " ".join(("rung", fact.clock, str(fact.rung), fact.role, *fact.persons)) + again
        case RungSkipped():
            return f"skip {fact.clock} {fact.rung} {fact.role} {fact.why}"
        case NoticeIssued():
            return f"notice {fact.name} {fact.to.person or fact.to.role}"
        case LimitPassed():
            return f"limit {fact.clock}"
        case ReportUnassigned():
            return "unassigned"
    raise AssertionError(fact)


def without_notices(lines: Iterable[str]) -> list[str]:
    return [text for text in lines if " notice " not in text]
