"""One case of notify in a test: what is to be told at seconds from the start, and what the devices are sent."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid5

from shared.contracts.deliveries import (
    Delivery,
    DeliveryAccepted,
    DeliveryAttempted,
    DeliveryDelivered,
    DeliveryFailed,
    DeliveryRefused,
    DeliverySkipped,
)
from shared.contracts.event import Addressee, Event, Fact, Speaker, Words
from shared.contracts.ids import NAMESPACE, deadline_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import DeadlinePassed
from shared.contracts.tasks import ReportClosed, TaskAssigned, TaskChanged, TaskEnded
from shared.domain.estates.devices import Device, DeviceChannel
from shared.domain.estates.roster import Estate
from shared.domain.notifying.can import Can
from shared.domain.notifying.rules import NotifyRules
from shared.domain.playbooks.format import Playbooks
from shared.domain.rules import Deadline, World
from tests.support.estate import an_estate
from tests.support.rules_case import RulesCase

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
REPORT = f"emergency.medical.qinghe.{'0' * 31}1"
CANS: dict[str, Can] = {
    "snpp": Can("accepted", 80, "ascii", False, True),
    "mqtt": Can("delivered", 80, "any", True, True),
    "sms": Can("delivered", 70, "any", True, False),
}
CHANNELS = (
    DeviceChannel(id="pager", kind="snpp"),
    DeviceChannel(id="radio", kind="mqtt"),
    DeviceChannel(id="phone", kind="sms"),
)
DEVICES: tuple[dict[str, Any], ...] = (
    {"id": "radio-leader", "channel": "radio", "address": "leader", "person": "leader-1"},
    {"id": "pager-leader", "channel": "pager", "address": "4711", "person": "leader-1"},
    {"id": "phone-leader", "channel": "phone", "address": "13800000001", "person": "leader-1"},
    {"id": "radio-south", "channel": "radio", "address": "gate-south", "post": "gate-south"},
    {"id": "radio-north", "channel": "radio", "address": "gate-north", "post": "gate-north"},
    {"id": "phone-head", "channel": "phone", "address": "13800000002", "person": "head-1"},
)
NO_PLAYBOOKS = Playbooks(by_category={}, waits=(), guardrails={}, kinds={})


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def connected(*devices: dict[str, Any], **fields: Any) -> Estate:
    """The tests' estate with channels, and these devices or the usual ones."""
    rows = tuple(Device.model_validate(row) for row in (devices or DEVICES))
    return an_estate().model_copy(update={"channels": CHANNELS, "devices": rows, **fields})


class NotifyCase(RulesCase):
    """Whom notify tells of one report, and by what."""

    def __init__(self, estate: Estate | None = None) -> None:
        super().__init__(START)
        self.rules = NotifyRules(lambda row: CANS.get(row.kind))
        self.world = World(estate or connected(), NO_PLAYBOOKS)
        self._n = 0

    def passed(self, due: Deadline) -> DeadlinePassed:
        return DeadlinePassed(
            event_id=deadline_id(due.armed_by, due.name),
            owner="notify",
            name=due.name,
            armed_by=due.armed_by,
            due_at=due.due,
            **self._common(self.now),
        )

    def run(self, seconds: float) -> "NotifyCase":
        return self.run_until(at(seconds))

    def _common(self, when: datetime) -> dict[str, Any]:
        return {"report_id": REPORT, "estate_id": "qinghe", "occurred_at": when, "accepted_at": when}

    def _fact(self, when: float, version: int | None) -> dict[str, Any]:
        self._n += 1
        order = {"case_version": version or self._n, "index": 0}
        return {"event_id": uuid5(NAMESPACE, f"n{self._n}"), **order, **self._common(at(when))}

    # ---- what the others say ---------------------------------------------------------------------------------

    def assign(
        self, when: float, role: str = "shift_leader", person: str | None = "leader-1", **more: Any
    ) -> Event:
        step, n = more.pop("step", "tell_leader"), more.pop("n", 1)
        fields = {
            "task_id": f"{REPORT}.{step}.{n}", "step": step, "n": n, "clause": ("S3.2.2",), "playbook": "medical",
            "playbook_version": 1, "words": Words(zh="120将到南门,立即通知门岗", en="AMBULANCE to GATE. Alert."),
            "to": Addressee.model_validate({"role": role, "person": person, "post": more.pop("post", None)}),
            "ack_wait": 30, "assigned_at": at(when), "outcomes": ("told",), **more,
        }  # fmt: skip
        return TaskAssigned.model_validate({**self._fact(when, more.pop("version", None)), **fields})

    def notice(self, when: float, role: str = "service_head", **more: Any) -> Event:
        fields = {
            "name": "major_now", "clause": ("S3.4",), "to": Addressee.model_validate({"role": role}),
            "words": Words(zh="重大急救:南门,已派人", en="MAJOR MEDICAL GATE."), "urgency": "emergency",
            "valid_until": at(when + 7200), **more,
        }  # fmt: skip
        return NoticeIssued.model_validate({**self._fact(when, None), **fields})

    def ended(self, when: float, task: str = "tell_leader.1", version: int | None = None) -> Event:
        return TaskEnded(**self._fact(when, version), task_id=f"{REPORT}.{task}", outcome="told")

    def acknowledged(self, when: float, task: str = "tell_leader.1") -> Event:
        by = Speaker(role="shift_leader", person="leader-1")
        return TaskChanged(**self._fact(when, None), task_id=f"{REPORT}.{task}", what="acknowledged", by=by)

    def handed_over(self, when: float, person: str, task: str = "tell_leader.1") -> Event:
        to = Addressee(role="shift_leader", person=person)
        return TaskChanged(**self._fact(when, None), task_id=f"{REPORT}.{task}", what="handed_over", to=to)

    def closed(self, when: float) -> Event:
        return ReportClosed(**self._fact(when, None), why="done")

    # ---- what comes of it ------------------------------------------------------------------------------------

    def receipt(self, when: float, kind: type[Delivery], device: str, **more: Any) -> Event:
        """About the latest attempt by this device."""
        tried = next(f for f in reversed(self.facts) if isinstance(f, DeliveryAttempted) and f.device == device)
        about = tried.model_dump(include={"message", "task_id", "device", "channel", "attempt"})
        return kind(**{**self._fact(when, tried.case_version), "because_of": tried.event_id}, **about, **more)

    def accepted(self, when: float, device: str) -> Event:
        return self.receipt(when, DeliveryAccepted, device)

    def delivered(self, when: float, device: str) -> Event:
        return self.receipt(when, DeliveryDelivered, device)

    def refused(self, when: float, device: str) -> Event:
        return self.receipt(when, DeliveryRefused, device, reason="refused_550")

    @property
    def told(self) -> list[str]:
        """`12 radio-leader`, `40 failed not_reached`, `0 skipped expired`: second and what was said."""
        return [line for fact in self.facts if (line := _line(fact))]


def _line(fact: Fact) -> str:
    second = f"{(fact.accepted_at - START).total_seconds():g}"
    if isinstance(fact, DeliveryAttempted):
        return f"{second} {fact.device}"
    if isinstance(fact, DeliveryFailed | DeliverySkipped):
        return f"{second} {fact.type.split('.')[1]} {fact.reason}"
    return f"{second} {fact.name}" if isinstance(fact, NoticeIssued) else ""


def seconds_of(lines: Sequence[str]) -> list[float]:
    return [float(line.split()[0]) for line in lines]
