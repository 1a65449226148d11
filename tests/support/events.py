"""Events as tests need them: whole, with only what matters to say."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.contracts.event import Speaker
from shared.contracts.ids import ReportId
from shared.contracts.replies import TaskAcknowledged, TaskNoted
from shared.contracts.reports import ReportFiled
from shared.contracts.vocabulary import Category, lane_of

DESK = Speaker(role="customer_assistant", person="desk-1")


def a_report(
    category: Category = "medical",
    *,
    estate: str = "lanting",
    at: datetime | None = None,
    event_id: UUID | None = None,
    **fields: Any,
) -> ReportFiled:
    """A report with the desk as its speaker; everything else as given."""
    event_id, at = event_id or uuid4(), at or datetime.now(UTC)
    lane = lane_of(category, fields.get("kind"))
    values = {"channel": "phone", "by": DESK, **fields}
    return ReportFiled(
        event_id=event_id,
        report_id=str(ReportId(lane, category, estate, event_id.hex)),
        estate_id=estate,
        occurred_at=at,
        accepted_at=at,
        category=category,
        lane=lane,
        **values,
    )


def an_acknowledgement(
    report: ReportFiled, task_id: str, by: Speaker, at: datetime | None = None
) -> TaskAcknowledged:
    at = at or datetime.now(UTC)
    return TaskAcknowledged(
        event_id=uuid4(),
        report_id=report.report_id,
        estate_id=report.estate_id,
        occurred_at=at,
        accepted_at=at,
        task_id=task_id,
        by=by,
    )


def a_note(report_id: str, estate: str = "lanting", text: str = "记下") -> TaskNoted:
    at = datetime.now(UTC)
    return TaskNoted(
        event_id=uuid4(),
        report_id=report_id,
        estate_id=estate,
        occurred_at=at,
        accepted_at=at,
        task_id=f"{report_id}.answer_now.1",
        by=DESK,
        note=text,
    )
