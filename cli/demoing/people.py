"""Who says what when: from what was sent out to what people answer. Pure; the run and its rehearsal share it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cli.demoing.evening import ACCEPTED, Amend, Evening, Filing, Says, Unusable, idempotency_key, timed
from shared.contracts.event import Addressee, Event
from shared.contracts.ids import ReportId, keyed_event_id, parse_report_id
from shared.contracts.tasks import TaskAssigned, TaskChanged, TaskEnded, TaskWithdrawn
from shared.contracts.vocabulary import Role, lane_of
from shared.domain.estates.roster import Estate, holders


class Request(NamedTuple):
    """What goes to the door at `at`, and what it has to answer."""

    at: datetime
    path: str
    body: dict[str, Any]
    key: str
    expect: int
    report_id: str
    task_id: str | None = None


class Answer(NamedTuple):
    """An answer that is due, unless its task has ended by then."""

    at: datetime
    task_id: str
    row: Says
    name: str


class People:
    """Knows each report by its id, which the evening's keys determine, and who holds each open task."""

    def __init__(self, evening: Evening, estates: Sequence[Estate], begins: datetime) -> None:
        self._evening, self._begins = evening, begins
        self._estates = {estate.estate: estate for estate in estates}
        self._filings = {report_id(evening, f): f for f in evening.report}
        self._holders: dict[str, Addressee] = {}

    def reports(self) -> list[Request]:
        """Every filing, and its repetitions under the same key."""
        found = []
        for filing in self._evening.report:
            for after in (filing.at - filing.at, *filing.again):
                found.append(self._filing(filing, self._begins + filing.at + after))
        return sorted(found, key=lambda request: request.at)

    def amendments(self) -> list[Request]:
        """Those of every report."""
        return [
            self._amendment(filing, number, amend)
            for filing in self._evening.report
            for number, amend in enumerate(filing.amends)
        ]

    def unusable(self) -> list[tuple[datetime, Unusable]]:
        return [(self._begins + u.at, u) for u in self._evening.unusable]

    def heard(self, event: Event) -> list[Answer]:
        """What will be answered to this fact; a task that ended or was withdrawn is answered no more."""
        if isinstance(event, TaskAssigned):
            self._holders[event.task_id] = event.to
            return self._answers(event)
        if isinstance(event, TaskChanged) and event.to:
            self._holders[event.task_id] = event.to
        if isinstance(event, TaskEnded | TaskWithdrawn):
            self._holders.pop(event.task_id, None)
        return []

    def request(self, answer: Answer) -> Request | None:
        """The answer as it goes to the door; None when its task has ended."""
        to = self._holders.get(answer.task_id)
        report = answer.task_id.rsplit(".", 2)[0]
        if to is None:
            return None
        said = answer.row.model_dump(exclude={"after", "by", "expect", "reply"}, exclude_none=True)
        if answer.row.reply != "complete":
            said.pop("record")
        else:
            said["record"] = timed(answer.row.record, answer.at)
        body = {"type": answer.row.reply, "by": self._by(report, to, answer), **said}
        path = f"/v1/tasks/{answer.task_id}/replies"
        return Request(answer.at, path, body, answer.name, answer.row.expect, report, answer.task_id)

    def _answers(self, sent: TaskAssigned) -> list[Answer]:
        filing = self._filings.get(sent.report_id)
        if filing is None:
            return []
        rows = self._evening.says(filing, sent.step, sent.n)
        key = (filing.id, sent.step, sent.n)
        return [
            Answer(sent.assigned_at + row.after, sent.task_id, row, idempotency_key(self._evening, *key, i))
            for i, row in enumerate(rows)
        ]

    def _by(self, report: str, to: Addressee, answer: Answer) -> dict[str, str]:
        estate = self._estates[parse_report_id(report).estate]
        stand_in = self._evening.stand_ins.get(estate.estate, {}).get(to.role) if not to.person else None
        role = answer.row.by or stand_in
        if role and role != to.role:
            return _speaker(estate, role, answer.at)
        said = {"role": to.role, "person": to.person, "post": to.post}
        return {name: value for name, value in said.items() if value}

    def _filing(self, filing: Filing, at: datetime) -> Request:
        key = idempotency_key(self._evening, filing.id)
        body = {"estate": filing.estate, **self._resolved(filing, filing.ask, at)}
        return Request(at, "/v1/reports", body, key, ACCEPTED, report_id(self._evening, filing))

    def _amendment(self, filing: Filing, number: int, amend: Amend) -> Request:
        at = self._begins + filing.at + amend.after
        known = report_id(self._evening, filing)
        fields = self._resolved(filing, amend.fields, at)
        body = {"by": _speaker(self._estates[filing.estate], amend.by, at), **fields}
        key = idempotency_key(self._evening, filing.id, "amend", number)
        return Request(at, f"/v1/reports/{known}/amendments", body, key, amend.expect, known)

    def _resolved(self, filing: Filing, fields: dict[str, Any], at: datetime) -> dict[str, Any]:
        return timed({name: self._named(filing, name, value) for name, value in fields.items()}, at)

    def _named(self, filing: Filing, field: str, value: Any) -> Any:
        """The number of the report or task that a name stands for, or when that report began."""
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        kind, _, task = value.partition(":")
        if kind == "@task":
            return f"{report_id(self._evening, filing)}.{task}"
        other = next(f for f in self._evening.report if f.id == value.removeprefix("@"))
        began = self._begins + other.at
        return began.isoformat() if field == "clock_from" else report_id(self._evening, other)


def report_id(evening: Evening, filing: Filing) -> str:
    """Known before it is filed: estate and Idempotency-Key make the event's id, and that the report's."""
    event_id = keyed_event_id(filing.estate, idempotency_key(evening, filing.id))
    category, kind = filing.ask["category"], filing.ask.get("kind")
    return str(ReportId(lane_of(category, kind), category, filing.estate, event_id.hex))


def _speaker(estate: Estate, role: Role, at: datetime) -> dict[str, str]:
    """Whoever holds the role then; the role alone when nobody does."""
    held = next(iter(holders(estate, role, at)), None)
    if held is None:
        return {"role": role}
    return {"role": role, "person": held.person} | ({"post": held.post} if held.post else {})
