"""Spoken by dispatch and escalation on `notices.<lane>`: what someone is to be told."""

from typing import Literal

from pydantic import AwareDatetime

from shared.contracts.event import Addressee, Fact, Name, Words
from shared.contracts.vocabulary import Category


class NoticeIssued(Fact):
    """Told, not asked to do. `urgency` is the notice's own: the morning's list wakes nobody (ARCHITECTURE).

    `name` is the playbook's notice, or one of the engine's: `rung` (the next rung is rung for `task_id`),
    `informed` (earlier rungs stay informed), `reminder`, `stood_down`, `unassigned`, `parked`, `break_glass`,
    `device_test`, `device_silent`, `answer_unplaced`. After `valid_until` it is recorded, not sent. `answer_by`:
    when the next rung is asked. `device`: to this one alone. `already`: devices that have it, rung while Kafka was
    away.
    """

    type: Literal["notice.issued"] = "notice.issued"
    name: Name
    task_id: str | None = None
    clause: tuple[Name, ...]
    playbook: Category | None = None
    playbook_version: int | None = None
    to: Addressee
    words: Words
    urgency: Literal["emergency", "routine", "morning"]
    valid_until: AwareDatetime
    drill: bool = False
    answer_by: AwareDatetime | None = None
    device: Name | None = None
    already: tuple[Name, ...] | None = None
