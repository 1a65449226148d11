"""One report's row: a fold that is the same for the same set of events, whatever their order and repetition.

Events are plain documents (`Event.model_dump()`, or what MongoDB gives back), since a row is folded anew with
every batch that touches its report. People's words stand by (accepted_at, id), facts by their case's version.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.ids import parse_report_id
from shared.domain.registering.corrections import AMENDMENTS, Corrections
from shared.domain.registering.figures import department, is_answered, people, seconds
from shared.domain.registering.joining import joined
from shared.domain.registering.task_lives import Task, answer, assign, change, due_at, earliest, end, is_late
from shared.domain.registering.visits import visits

Body = dict[str, Any]
Row = dict[str, Any]

NEEDLESS = ("words", "guard", "outcomes", "timers", "report_id", "estate_id", "version")
"""Fields of an event that no row is made of: who reads the log for folding may leave them out."""

_FILED = (
    "kind", "urgency", "grade", "channel", "form", "place", "place_short", "building", "text", "reporter",
    "reporter_phone", "patient_place", "patient_phone", "relation", "signs", "help", "wished_by", "vulnerable",
    "appointment_at", "weather", "language", "drill", "written_up", "follows", "clock_from", "same_event_as",
)  # fmt: skip
_ENDS = {"done": "closed", "written_up": "closed"}
_ACKNOWLEDGES = frozenset({"reply.acknowledged", "reply.arrived"})


def as_document(event: Event) -> Body:
    """The event as the log keeps it: plain values, no `None`, times to the millisecond as in MongoDB."""
    document: Body = event.__pydantic_serializer__.to_python(event, exclude_none=True)
    for name, value in document.items():
        if type(value) is datetime and value.microsecond % 1000:
            document[name] = value.replace(microsecond=value.microsecond // 1000 * 1000)
    return document


def fold(report_id: str, bodies: Iterable[Body]) -> Row:
    """`events` counts the events it was folded from; a row is written only over one with fewer."""
    events = list({body["event_id"]: body for body in bodies}.values())
    said = sorted((b for b in events if "case_version" not in b), key=_as_said)
    facts = sorted((b for b in events if "case_version" in b), key=_as_decided)
    about = parse_report_id(report_id)
    row: Row = {
        "_id": report_id,
        "events": len(events),
        "estate": about.estate,
        "category": about.category,
        "lane": about.lane,
        "hex": about.hex,
        "state": "filed",
        "hand_ons": 0,
        "sorted_at": min(b["accepted_at"] for b in events),
    }
    _Fold(row, said, facts).run()
    return row


def _filed(row: Row, body: Body) -> None:
    for name in _FILED:
        if value := body.get(name):
            row[name] = value
    row |= {
        "received_at": body["accepted_at"],
        "happened_at": body["occurred_at"],
        "sorted_at": body["accepted_at"],
        "received_by": body["by"],
    }


def _as_said(body: Body) -> tuple[Any, ...]:
    return (body["accepted_at"], body["event_id"])


def _as_decided(body: Body) -> tuple[Any, ...]:
    return (body["case_version"], body["index"], body["accepted_at"], body["event_id"])


MOST_LISTED = 200
"""Of each list a row has the last so many, and the number of the earlier ones, which stand in the log: a fire that
nobody answers for says 40 kB an hour, and a document ends at 16 MB."""


class _Fold:
    """One pass over what was said, one over the facts, one over the answers that stop clocks by themselves."""

    def __init__(self, row: Row, said: list[Body], facts: list[Body]) -> None:
        self.row, self.said, self.facts = row, said, facts
        self.tasks: dict[str, Task] = {}
        self.lists: dict[str, list[Row]] = {"notices": [], "rungs": [], "limits": [], "refused": [], "notes": []}
        self.not_taken = frozenset(b["refused"] for b in facts if b["type"] == "reply.refused")
        self.corrections = Corrections(row, self.not_taken)
        self.causes = {b["event_id"]: b for b in said}

    def run(self) -> None:
        for body in self.said:
            if body["type"] == "report.filed":
                _filed(self.row, body)
            elif body["type"] in AMENDMENTS:
                self.corrections.said(body)
        for body in self.facts:
            if step := _FACTS.get(body["type"]):
                step(self, body)
        for body in self.said:
            if body["type"] in _ACKNOWLEDGES:
                answer(self.tasks, body)
            elif body["type"] in ("reply.noted", "reply.help_needed"):
                self.noted(body)
        self.finish()

    def opened(self, body: Body) -> None:
        self.row |= {
            "state": "open",
            "opened_at": body["accepted_at"],
            "playbook_version": body["playbook_version"],
            "owner": body["owner"],
            "clock_from": body["clock_from"],
        }
        for name in ("grade", "overrides", "promotion"):
            if body.get(name) is not None:
                self.row[name] = body[name]

    def closed(self, body: Body) -> None:
        why = body["why"]
        self.row |= {"state": _ENDS.get(why, why), "closed_at": body["accepted_at"], "closed_because": why}
        if body.get("followed_by"):
            self.row["followed_by"] = body["followed_by"]

    def reopened(self, body: Body) -> None:
        self.row |= {"state": "open", "closed_at": None, "closed_because": None, "round": body["round"]}

    def changed(self, body: Body) -> None:
        self.corrections.decided(body, self.causes.get(body.get("because_of")))

    def assigned(self, body: Body) -> None:
        assign(self.tasks, body)

    def task_changed(self, body: Body) -> None:
        change(self.tasks, body)
        self.corrections.recorded(body)

    def ended(self, body: Body) -> None:
        end(self.tasks, body)
        self.corrections.recorded(body)

    def noted(self, body: Body) -> None:
        note = {"at": body["accepted_at"], "task_id": body["task_id"], "by": body["by"]["role"]}
        self.lists["notes"].append({**note, "note": body.get("note") or ""})

    def noticed(self, body: Body) -> None:
        notice = {"at": body["accepted_at"], "name": body["name"], "to": body["to"]["role"]}
        self.lists["notices"].append({**notice, "task_id": body["task_id"]} if body.get("task_id") else notice)

    def rung(self, body: Body) -> None:
        reached = body["type"] == "rung.reached"
        entry = {name: body[name] for name in ("task_id", "clock", "rung", "role")} | {"at": body["accepted_at"]}
        entry |= {"turn": body.get("turn", 1)} if reached else {"skipped": body["why"]}
        if body.get("persons"):
            entry["persons"] = body["persons"]
        self.lists["rungs"].append(entry)

    def limit(self, body: Body) -> None:
        entry = {"at": body["accepted_at"], "task_id": body["task_id"], "clock": body["clock"]}
        self.lists["limits"].append({**entry, "due_at": body["due_at"]})

    def refused(self, body: Body) -> None:
        entry = {"event_id": body["refused"], "at": body["accepted_at"], "reason": body["reason"]}
        self.lists["refused"].append(entry)

    def unassigned(self, body: Body) -> None:
        self.row["unassigned_at"] = body["accepted_at"]

    def promoted(self, body: Body) -> None:
        self.row["promoted"] = {"at": body["accepted_at"], "grade": body["grade"], "why": body["why"]}
        self.corrections.promoted(body)

    def finish(self) -> None:
        """What is asked for most often stands ready: counts, the next due time, the figures."""
        row, tasks = self.row, list(self.tasks.values())
        row["tasks"] = tasks
        self.lists["notices"].sort(key=lambda n: n["at"])
        row |= {name: entries[-MOST_LISTED:] for name, entries in self.lists.items() if entries}
        if earlier := {name: len(e) - MOST_LISTED for name, e in self.lists.items() if len(e) > MOST_LISTED}:
            row["earlier"] = earlier
        if entries := sorted(self.corrections.entries.values(), key=lambda e: (e["at"], e["event_id"])):
            row["corrections"] = entries
        row["open_tasks"] = sum(t["state"] == "open" for t in tasks)
        row["unacknowledged"] = sum(t["state"] == "open" and t["ack_by"] is not None for t in tasks)
        row["due_at"] = earliest(map(due_at, tasks))
        passed = {limit["task_id"] for limit in self.lists["limits"]}
        row["late"] = any(is_late(task, passed) for task in tasks)
        row["people"] = sorted(people(row, tasks))
        row["handed_on_by"] = [department(t) for t in tasks if t.get("outcome") == "hand_on"]
        row["seconds"] = seconds(row, tasks)
        if found := visits(tasks):
            row["visits"] = found
        if row.get("linked_to"):
            row["answered"] = is_answered(row, tasks)
        row |= joined(b for b in self.said if b["event_id"] not in self.not_taken)


_FACTS: dict[str, Callable[[_Fold, Body], None]] = {
    "report.opened": _Fold.opened,
    "report.changed": _Fold.changed,
    "report.closed": _Fold.closed,
    "report.reopened": _Fold.reopened,
    "report.unassigned": _Fold.unassigned,
    "task.assigned": _Fold.assigned,
    "task.changed": _Fold.task_changed,
    "task.ended": _Fold.ended,
    "task.withdrawn": _Fold.ended,
    "notice.issued": _Fold.noticed,
    "rung.reached": _Fold.rung,
    "rung.skipped": _Fold.rung,
    "limit.passed": _Fold.limit,
    "reply.refused": _Fold.refused,
    "grade.promoted": _Fold.promoted,
}
