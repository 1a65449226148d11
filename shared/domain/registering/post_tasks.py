"""The open tasks of a post as its page shows them: what to do, which answers may follow, what has to be recorded.

A page that lies open at a gate shows neither a resident's name, nor a phone number, nor an illness (SOP S10).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from shared.contracts.event import Words
from shared.contracts.vocabulary import Role
from shared.domain.playbooks.format import Notice, Playbook, Playbooks, RecordField, Step
from shared.domain.playbooks.overriding import under
from shared.domain.registering.masking import masked

Body = Mapping[str, Any]
Row = Mapping[str, Any]

_ALWAYS = ("impossible", "cancelled")
_OF_REPORT = ("category", "lane", "kind", "grade", "urgency", "drill", "help", "received_at")
_OF_TASK = (
    "to", "clause", "optional", "only_ack", "assigned_at", "sent_at", "ack_by", "arrive_by", "finish_by",
    "acknowledged_at", "started_at", "arrived_at", "calls",
)  # fmt: skip


class Hands(NamedTuple):
    """Who looks: a post with whoever is on duty there, or a person (then `post` is None)."""

    post: str | None
    persons: frozenset[str]
    roles: frozenset[Role]
    department: str | None = None


def why_asked(task: Body, rungs: Iterable[Body], hands: Hands) -> str | None:
    """`own`: theirs by post or person; `role`: nobody holds it yet; `wider`: asked after others were silent."""
    to = task["to"]
    if (hands.post and to.get("post") == hands.post) or to.get("person") in hands.persons:
        return "own"
    theirs = to["role"] in hands.roles and to.get("department") in (None, hands.department)
    if theirs and not to.get("person") and not to.get("post"):
        return "role"
    if any(_asks(rung, task, hands) for rung in rungs):
        return "wider"
    return None


def _asks(rung: Body, task: Body, hands: Hands) -> bool:
    """While the clock runs by which they were asked; a rung without a person asks all of its role."""
    runs = {"ack": task.get("ack_by") is not None, "arrive": "arrived_at" not in task}
    if rung["task_id"] != task["id"] or "skipped" in rung or not runs.get(rung["clock"], True):
        return False
    persons = rung.get("persons")
    return not hands.persons.isdisjoint(persons) if persons else rung["role"] in hands.roles


def asked_of(row: Row, hands: Hands) -> dict[str, str]:
    """Which open tasks of the report they are asked for, each with why."""
    rungs = row.get("rungs", ())
    open_ones = [task for task in row["tasks"] if task["state"] == "open"]
    found = {task["id"]: why_asked(task, rungs, hands) for task in open_ones}
    return {task_id: why for task_id, why in found.items() if why}


def shown(row: Row, assigned: Mapping[str, Body], hands: Hands, playbooks: Playbooks) -> list[dict[str, Any]]:
    """Their tasks of one report; `assigned` holds what dispatch said of each when it sent it, by its id.

    A version that this release does not have any more shows words and answers, and no record fields.
    """
    book = _book(row, playbooks)
    asked = asked_of(row, hands)
    whole = [task for task in row["tasks"] if task["id"] in asked and task["id"] in assigned]
    return [_task(row, task, assigned[task["id"]], asked[task["id"]], book, playbooks) for task in whole]


def in_order(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Emergencies first; of those what nobody has acknowledged; then what is due first."""
    return sorted(tasks, key=_rank)


def _rank(task: Mapping[str, Any]) -> tuple[bool, bool, str, str]:
    due = min((task[n].isoformat() for n in ("ack_by", "arrive_by", "finish_by") if task.get(n)), default="9")
    return (task["lane"] != "emergency", task.get("ack_by") is None, due, task["task_id"])


def answers_of(step: Step | Notice | None, body: Body) -> list[str]:
    """明白 出发 到达 完成, as far as the step goes: one that ends on an acknowledgement has nothing after it."""
    ends_on = body.get("ends_on", "complete")
    if body.get("only_ack") or ends_on == "ack":
        return ["acknowledge"]
    goes = ends_on == "arrive" or body.get("arrive_by") is not None
    if isinstance(step, Step):
        goes = goes or any(limit.clock == "arrive" or limit.after == "start" for limit in step.limits)
    way = ["acknowledge", *(("start", "arrive") if goes else ())]
    return way if ends_on == "arrive" else [*way, "complete"]


def _book(row: Row, playbooks: Playbooks) -> Playbook | None:
    try:
        return under(playbooks.of(row["category"], row.get("playbook_version")), row.get("overrides"))
    except KeyError:
        return None


def _task(
    row: Row, task: Body, body: Body, why: str, book: Playbook | None, playbooks: Playbooks
) -> dict[str, Any]:
    step = (book.steps.get(task["step"]) or book.notices.get(task["step"])) if book else None
    guards = [playbooks.guardrails[name] for name in body.get("guard", ()) if name in playbooks.guardrails]
    place = {name: masked(row.get(name), name) for name in ("place", "patient_place")}
    outcomes, fields = _outcomes(body, step if isinstance(step, Step) else None, book, row)
    return {
        "task_id": task["id"],
        "report_id": row["_id"],
        "step": task["step"],
        "why": why,
        "words": body["words"],
        "guard": [_said(words) for words in guards],
        "answers": answers_of(step, body),
        "ends_on": body.get("ends_on", "complete"),
        "outcomes": outcomes,
        "fields": fields,
        **{name: task.get(name) for name in _OF_TASK},
        **{name: row.get(name) for name in _OF_REPORT},
        **place,
    }


def _outcomes(
    body: Body, step: Step | None, book: Playbook | None, row: Row
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The step's own first, then what every step takes; `fields` names what each wants recorded."""
    fields: dict[str, RecordField] = {}
    found: list[dict[str, Any]] = []
    if body.get("only_ack") or body.get("ends_on", "complete") == "ack":
        return [], []
    own = [name for name in body.get("outcomes", ()) if step is None or _fits(step, name, row)]
    for name in (*own, *(a for a in _ALWAYS if book and a in book.always and a not in own)):
        wanted = _wanted(step, name, book, row)
        fields |= {field.id: field for field in wanted}
        found.append({"outcome": name, "own": name in own, "fields": [field.id for field in wanted]})
    return found, [_field(field) for field in fields.values()]


def _fits(step: Step, outcome: str, row: Row) -> bool:
    """An outcome that is for other grades is not offered (PLAYBOOKS 0.4)."""
    known = step.outcomes.get(outcome)
    return known is None or not known.only_grade or (row.get("grade") or "ordinary") in known.only_grade


def _wanted(step: Step | None, outcome: str, book: Playbook | None, row: Row) -> tuple[RecordField, ...]:
    known = step.outcomes.get(outcome) if step else None
    if known is None:
        return book.always[outcome].record if book and outcome in book.always else ()
    if step is None or not known.record or step.ends_on != "complete":
        return ()
    # A drill called nobody.
    return tuple(f for f in step.record if not (row.get("drill") and f.id == "numbers_called"))


def _field(field: RecordField) -> dict[str, Any]:
    return field.model_dump(
        include={"id", "type", "zh", "en", "choices", "several", "unknown", "optional", "closed"}
    )


def _said(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
