"""The whole story of one report, in order, from the event log: what happened, where it stands on Kafka, and why."""

from typing import Any

from shared.contracts.ids import BadId, parse_task_id
from shared.domain.registering.remarks import OWN_ROWS, assumption
from shared.domain.registering.story_words import ALSO, CHANGED, TOLD

Body = dict[str, Any]
Logged = dict[str, Any]
Entry = dict[str, Any]

_FAMILY = {"reports": 0, "replies": 1, "tasks": 2, "notices": 3, "escalations": 4, "deliveries": 5}
_ELSEWHERE = frozenset(
    {
        "event_id", "type", "version", "report_id", "estate_id", "occurred_at", "accepted_at", "because_of",
        "case_version", "index",
    }
)  # fmt: skip


def tell(log: list[Logged]) -> list[Entry]:
    """Causes before what follows from them; a reply's clause and playbook version are its task's."""
    tasks = {e["body"]["task_id"]: e["body"] for e in log if e["type"] == "task.assigned"}
    return [_entry(logged, tasks) for logged in sorted(log, key=_order)]


def _order(logged: Logged) -> tuple[Any, ...]:
    body = logged["body"]
    family = _FAMILY.get(logged["topic"].split(".")[0], 9)
    return (body["accepted_at"], family, body.get("case_version", 0), body.get("index", 0), body["event_id"])


def _entry(logged: Logged, tasks: dict[str, Body]) -> Entry:
    body = logged["body"]
    entry: Entry = {
        "at": body["accepted_at"],
        "happened_at": body["occurred_at"],
        "type": body["type"],
        "event_id": body["event_id"],
        "because_of": body.get("because_of"),
        "topic": logged["topic"],
        "partition": logged["partition"],
        "offset": logged["offset"],
    }
    entry |= {name: value for name, value in body.items() if name not in _ELSEWHERE}
    if task := tasks.get(body.get("task_id", "")):
        entry = {"clause": task["clause"], "playbook_version": task["playbook_version"], **entry}
    entry["told"] = _told(body)
    return entry


def _told(body: Body) -> dict[str, str]:
    """One line in both languages; an event this reader has no words for is told by its type."""
    zh, en = TOLD.get(body["type"], (body["type"], body["type"]))
    values = _Values(body, step=_step(body))
    more = [_also(body, language) for language in (0, 1)]
    return {"zh": zh.format_map(values) + more[0], "en": en.format_map(values) + more[1]}


def _also(body: Body, language: int) -> str:
    """What of the event has words of its own wherever it stands: what changed, whom it calls, what it assumed."""
    shown = [name for name in ALSO.get(body["type"], ()) if body.get(name) is not None]
    parts = [f"{CHANGED[name][language]} {_plain(name, body[name])}" for name in shown]
    parts += [OWN_ROWS[language]] if body.get("overrides") else []
    parts += [assumption(code)[language] for code in body.get("assumed") or ()]
    opening, comma, closing = (("(", "、", ")"), (" (", ", ", ")"))[language]
    return f"{opening}{comma.join(parts)}{closing}" if parts else ""


def _plain(name: str, value: Any) -> str:
    """Of a record its fields alone: what stands in them may be a name, and a line has no field to mask it by."""
    if isinstance(value, dict) and name != "record":
        return ",".join(f"{inner}={it}" for inner, it in value.items())
    return ",".join(map(str, value)) if isinstance(value, (list, tuple, dict)) else str(value)


def _step(body: Body) -> str:
    try:
        return parse_task_id(body["task_id"]).step if body.get("task_id") else ""
    except BadId:
        return str(body["task_id"])


class _Values(dict[str, Any]):
    """A field that is not there is left out of the line."""

    def __init__(self, body: Body, step: str) -> None:
        super().__init__(body)
        self["step"] = step
        for name in ("by", "to"):
            if isinstance(body.get(name), dict):
                self[name] = "/".join(str(v) for v in body[name].values())
        if isinstance(body.get("words"), dict):
            self["zh"], self["en"] = body["words"]["zh"], body["words"]["en"]

    def __missing__(self, name: str) -> str:
        return ""
