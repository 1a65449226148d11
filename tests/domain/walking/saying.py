"""What is said to a task so that it ends by an outcome, with everything recorded that this demands."""

from datetime import timedelta
from typing import Any

from shared.contracts.event import Fact
from shared.contracts.replies import TaskHandedOn
from shared.domain.playbooks.format import Playbook, RecordField, Step
from tests.domain.evenings import HOME, Evening


def said(evening: Evening, book: Playbook, task: dict[str, Any], outcome: str) -> list[Fact]:
    """An acknowledgement or an arrival where the step ends on it; a hand-on; else its completion."""
    name, step = f"{task['step']}.{task['n']}", book.steps.get(task["step"])
    if step is None or (step.ends_on == "ack" and outcome == step.first_outcome):
        return evening.ack(name)
    if step.ends_on == "arrive" and outcome == step.first_outcome:
        return evening.arrive(name)
    if outcome == "hand_on":
        return evening.reply(TaskHandedOn, name, reason="非本部门", to_department="engineering")
    return evening.done(name, outcome, **record_of(evening, book, step, outcome))


def acknowledge_all(evening: Evening) -> None:
    for task in [t for t in evening.state["tasks"].values() if t["open"] and not t["acked"]]:
        if task["open"] and task["ends_on"] == "complete":
            evening.ack(f"{task['step']}.{task['n']}")


def record_of(evening: Evening, book: Playbook, step: Step, outcome: str) -> dict[str, Any]:
    """What the outcome goes with for every choice of the record; times that limits count from, to come."""
    row = step.outcomes.get(outcome)
    if row is None or not row.record:
        return {}
    counted = {limit.field for s in book.steps.values() for limit in s.limits if limit.field}
    found: dict[str, Any] = {}
    for field in step.record:
        if field.type == "choice":
            found[field.id] = _choice(evening, step, outcome, field)
        elif field.type == "time":
            later = timedelta(minutes=40) if field.id in counted else timedelta()
            found[field.id] = (evening.now + later).isoformat()
        elif field.id == "patient_place":
            found[field.id] = HOME["patient_place"]
    return found


def _choice(evening: Evening, step: Step, outcome: str, field: RecordField) -> Any:
    row, report = step.outcomes[outcome], evening.state["report"]
    if field.id == "numbers_called":
        by_kind = step.calls if isinstance(step.calls, tuple) else step.calls.get(report.get("kind"), ())
        wanted = [one for one in field.choices if one in (*by_kind, *row.calls)]
        others = {one for other in step.outcomes.values() for one in other.calls}
        return wanted or [one for one in field.choices if one not in others][:1]
    if field.id == "help":
        return list(row.help) or [field.choices[0]]
    meant = {"kind": row.kind or report.get("kind"), "grade": row.grade, "urgency": report.get("urgency")}
    value = meant.get(field.id) if meant.get(field.id) in field.choices else field.choices[0]
    return [value] if field.several else value
