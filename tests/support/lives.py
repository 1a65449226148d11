"""The life of one report as a register reads it: events of every speaker, at minutes after it was filed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.deliveries import (
    DeliveryAccepted,
    DeliveryAnswered,
    DeliveryAttempted,
    DeliveryDelivered,
    DeliveryRefused,
)
from shared.contracts.escalations import LimitPassed, RungReached, RungSkipped
from shared.contracts.event import Addressee, Event, Speaker, Words
from shared.contracts.ids import NAMESPACE, parse_report_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import PlaceCorrected, TaskAcknowledged, TaskArrived, TaskCompleted
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReportChanged, ReportClosed, ReportOpened, TaskAssigned, TaskChanged, TaskEnded
from shared.contracts.topics import topic_of
from shared.contracts.vocabulary import Category, Role
from shared.platform.records import Incoming, Taken
from tests.support.events import a_report

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
"""09:00 at the estate."""
WORDS = Words(zh="做", en="DO")


class Life:
    """`events` is what was said of the report so far; each method adds one and gives it back."""

    def __init__(self, category: Category = "inquiry", *, at: datetime = MORNING, **fields: Any) -> None:
        fields.setdefault("event_id", uuid5(NAMESPACE, f"test|{category}|{at}|{sorted(map(str, fields.items()))}"))
        self.start, self.category = at, category
        self.filed: ReportFiled = a_report(category, at=at, **fields)
        self.report_id = self.filed.report_id
        self.events: list[Event] = [self.filed]
        self._version = 0

    def at(self, minute: float) -> datetime:
        return self.start + timedelta(minutes=minute)

    def fact(self, kind: type[Event], minute: float, **fields: Any) -> Any:
        """A fact with the case's next version; its id follows from its place in this life."""
        self._version += 1
        return self.said(kind, minute, case_version=self._version, index=0, **fields)

    def said(self, kind: type[Event], minute: float, **fields: Any) -> Any:
        event_id = fields.pop("event_id", None) or self._next_id()
        made = kind(
            event_id=event_id,
            report_id=self.report_id,
            estate_id=self.filed.estate_id,
            occurred_at=self.at(minute),
            accepted_at=self.at(minute),
            **fields,
        )
        self.events.append(made)
        return made

    def opened(self, minute: float = 0, **fields: Any) -> ReportOpened:
        values = {"playbook": self.category, "playbook_version": 1, "owner": "customer_assistant", **fields}
        values.setdefault("clock_from", self.start)
        opened: ReportOpened = self.fact(ReportOpened, minute, grade=None, because_of=self.filed.event_id, **values)
        return opened

    def task(self, step: str, minute: float = 0, role: Role = "customer_assistant", **fields: Any) -> str:
        """Assigns the step's first task and gives its id; `n` for another."""
        n, to = fields.pop("n", 1), fields.pop("to", Addressee(role=role))
        task_id = f"{self.report_id}.{step}.{n}"
        common = {"clause": ("S4.2",), "playbook": self.category, "playbook_version": 1, "words": WORDS, **fields}
        self.fact(
            TaskAssigned, minute, task_id=task_id, step=step, n=n, to=to, assigned_at=self.at(minute), **common
        )
        return task_id

    def changed(self, task_id: str, what: str, minute: float, **fields: Any) -> TaskChanged:
        changed: TaskChanged = self.fact(TaskChanged, minute, task_id=task_id, what=what, **fields)
        return changed

    def ended(self, task_id: str, minute: float, outcome: str = "done", **fields: Any) -> TaskEnded:
        ended: TaskEnded = self.fact(TaskEnded, minute, task_id=task_id, outcome=outcome, **fields)
        return ended

    def closed(self, minute: float, why: str = "done") -> ReportClosed:
        closed: ReportClosed = self.fact(ReportClosed, minute, why=why)
        return closed

    def noticed(self, minute: float, name: str = "rung", **fields: Any) -> NoticeIssued:
        values = {"clause": ("S3.4",), "to": Addressee(role="service_head"), "words": WORDS, "urgency": "routine"}
        until = self.at(minute + 60)
        notice: NoticeIssued = self.fact(NoticeIssued, minute, name=name, valid_until=until, **{**values, **fields})
        return notice

    def _next_id(self) -> UUID:
        return uuid5(self.filed.event_id, str(len(self.events)))


def by(role: Role, person: str | None = None) -> Speaker:
    return Speaker(role=role, person=person)


def a_whole_life() -> Life:
    """An inquiry that a silent desk lets run up the ladder, with a correction, a hand-on, a refusal and an end."""
    life = Life(place="3栋1单元1201", text="问停车费", reporter="王先生", reporter_phone="13800138000")
    life.opened()
    task = life.task("answer_now", ack_wait=300, finish_by=life.at(30))
    life.fact(LimitPassed, 5, task_id=task, clock="ack", due_at=life.at(5))
    life.fact(RungSkipped, 5, task_id=task, clock="ack", rung=1, role="service_head", why="nobody")
    life.fact(RungReached, 5, task_id=task, clock="ack", rung=2, role="management_director")
    life.noticed(5, task_id=task)
    life.changed(task, "acknowledged", 7, by=by("customer_assistant", "desk-1"))
    life.ended(task, 20, "answered", record={"answer": "每月二百"}, by=by("customer_assistant", "desk-1"))
    life.closed(20)
    return life


def a_paged_life(**filed: Any) -> Life:
    """An emergency: a guard is paged, answers on the second page and arrives late; the place is corrected."""
    values: dict[str, Any] = {
        "patient_place": "9栋2单元1503",
        "text": "老人昏倒,电话13800138005",
        "reporter": "尤女士",
    }
    values |= {"patient_phone": "13800138005", "help": ("ambulance",), **filed}
    life = Life("medical", **values)
    life.opened(playbook_version=3, owner="shift_leader")
    to = Addressee(role="guard", post="patrol-east", person="guard-1")
    words = Words(zh="赶到病人家", en="GO TO THE PATIENT")
    limits: dict[str, Any] = {"ack_wait": 60, "arrive_by": life.at(4), "finish_by": life.at(30)}
    task = life.task("go_to_patient", 0.1, to=to, words=words, clause=("S3.1.2",), playbook_version=3, **limits)
    assigned = life.events[-1].event_id
    pager = {"message": assigned, "task_id": task, "device": "pager-east", "channel": "espa"}
    life.fact(DeliveryAttempted, 0.15, **pager)
    life.fact(DeliveryAccepted, 0.2, **pager)
    life.fact(DeliveryRefused, 0.3, **pager, reason="no carrier")
    radio = {"message": assigned, "task_id": task, "device": "radio-east", "channel": "mqtt", "attempt": 1}
    life.fact(DeliveryAttempted, 0.35, **radio)
    life.fact(DeliveryAccepted, 0.4, **radio)
    life.fact(DeliveryDelivered, 0.45, **radio)
    life.fact(DeliveryAnswered, 1.4, **radio, words="明白")
    life.fact(LimitPassed, 1.1, task_id=task, clock="ack", due_at=life.at(1.1))
    life.fact(RungReached, 1.1, task_id=task, clock="ack", rung=2, role="shift_leader")
    life.noticed(1.15, task_id=task, to=Addressee(role="shift_leader"), words=Words(zh="无人回应", en="NO ANSWER"))
    guard = by("guard", "guard-1")
    said = life.said(TaskAcknowledged, 1.4, task_id=task, by=guard)
    life.changed(task, "acknowledged", 1.4, by=guard, because_of=said.event_id)
    place = {"place": "9栋2单元1505", "building": "b9", "place_short": "B9-2-1505"}
    said = life.said(PlaceCorrected, 2, by=by("customer_assistant", "desk-1"), **place)
    life.fact(ReportChanged, 2, **place, because_of=said.event_id)
    said = life.said(TaskArrived, 5, task_id=task, by=guard, heard_by=by("control_room"), words="到了")
    life.changed(task, "arrived", 5, by=guard, because_of=said.event_id)
    record = {"condition": "清醒", "contact_phone": "13900139001"}
    said = life.said(TaskCompleted, 12, task_id=task, by=guard, outcome="done", record=record)
    life.ended(task, 12, "done", record=record, by=guard, because_of=said.event_id)
    return life


def taken(events: list[Event], *, first_offset: int = 0) -> list[Taken]:
    """As a consumer hands them on, each from the topic it belongs to."""
    return [Taken(_record(event, first_offset + n), event) for n, event in enumerate(events)]


_FAMILIES = {
    "notice": "notices",
    "delivery": "deliveries",
    "task": "tasks",
    "amendment": "replies",
    "deadline": "replies",
}
_ESCALATION = ("rung.", "limit.", "grade.", "report.unassigned")
_DISPATCH = ("report.opened", "report.changed", "report.closed", "report.reopened", "reply.refused")


def _record(event: Event, offset: int) -> Incoming:
    return Incoming(_topic(event), 3, offset, event.key, b"", {}, event.accepted_at)


def _topic(event: Event) -> str:
    if not event.report_id:
        return "notices.routine"
    about = parse_report_id(event.report_id)
    if event.type == "report.filed":
        return topic_of("reports", about.lane, about.category)
    if event.type.startswith(_ESCALATION):
        return topic_of("escalations", about.lane)
    if event.type in _DISPATCH:
        return topic_of("tasks", about.lane)
    return topic_of(_FAMILIES.get(event.type.split(".")[0], "replies"), about.lane)
