"""What one report's log gives a rehearsal: what people and devices said, and what was decided upon it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.contracts.event import Event, Fact
from shared.contracts.ids import fact_id
from shared.contracts.replies import DeadlinePassed
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReportOpened, TaskAssigned

SERVICES = ("dispatch", "escalation")
"""Whose rules are played; what the others decided about devices is taken from the record."""


class Heard(NamedTuple):
    """An event, and when the broker had it, which is when it was read."""

    at: datetime
    event: Event


class Rang(NamedTuple):
    """A deadline that rang: when it was due, and when the broker had it."""

    due: datetime
    at: datetime


class Record(NamedTuple):
    """One report. `inputs`: what was said, by people and of devices. `facts`: what the two services decided of it.

    `late`: how long after its decision each fact was read. `rang`: each deadline that rang, by its id, which the
    rules give it again when it is armed by the same event.
    """

    filed: ReportFiled
    opened: ReportOpened | None
    inputs: tuple[Heard, ...]
    facts: tuple[Fact, ...]
    late: Mapping[UUID, timedelta]
    rang: Mapping[UUID, Rang]
    asked_at: Mapping[str, datetime]

    @property
    def report_id(self) -> str:
        return self.filed.report_id

    @property
    def estate_id(self) -> str:
        return self.filed.estate_id


def record_of(log: Iterable[Heard], until: datetime) -> Record | None:
    """Of what was read, or decided, by `until`; None without the filing. The log may stand in any order."""
    known = sorted(log, key=_in_order)
    decided = [one for one in known if is_decided(one.event) and one.event.accepted_at <= until]
    known = [one for one in known if one.at <= until]
    filed = next((one.event for one in known if isinstance(one.event, ReportFiled)), None)
    if filed is None:
        return None
    facts = tuple(one.event for one in decided if isinstance(one.event, Fact))
    rings = [(one.at, one.event) for one in known if isinstance(one.event, DeadlinePassed)]
    return Record(
        filed=filed,
        opened=next((fact for fact in facts if isinstance(fact, ReportOpened)), None),
        inputs=tuple(
            one for one in known if not isinstance(one.event, DeadlinePassed) and not is_decided(one.event)
        ),
        facts=facts,
        late={one.event.event_id: max(one.at - one.event.accepted_at, timedelta()) for one in decided},
        rang={ring.event_id: Rang(ring.due_at, at) for at, ring in rings},
        asked_at={one.event.task_id: one.at for one in decided if isinstance(one.event, TaskAssigned)},
    )


def is_decided(event: Event) -> bool:
    """Whether dispatch or escalation decided it: told by its id, since others speak on the same topics."""
    if not isinstance(event, Fact) or event.because_of is None:
        return False
    cause, name, index = event.because_of, event.type, event.index
    return any(event.event_id == fact_id(service, cause, name, index) for service in SERVICES)


_FAMILY = ("report.filed", "reply.", "amendment.", "report.", "task.")


def _in_order(one: Heard) -> tuple[datetime, int, int, int]:
    """By the broker's time; reports before what is said of them, facts as they were decided."""
    rank = next((n for n, name in enumerate(_FAMILY) if one.event.type.startswith(name)), len(_FAMILY))
    fact = one.event if isinstance(one.event, Fact) else None
    return (one.at, rank, fact.case_version if fact else 0, fact.index if fact else 0)
