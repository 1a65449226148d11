"""One open report as the board shows it, read off its row: who has to do what, by when, and who was asked."""

from collections.abc import Iterable
from typing import Any

from shared.domain.escalating.clocks import FIRST_RINGS
from shared.domain.registering.columns import show_number
from shared.domain.registering.task_lives import due_at, earliest

Row = dict[str, Any]
Line = dict[str, Any]

SHOWN_STATES = ("filed", "open")
FIELDS = (
    "events", "estate", "category", "lane", "state", "kind", "urgency", "grade", "help", "place", "patient_place",
    "building", "drill", "owner", "received_at", "opened_at", "clock_from", "unassigned_at", "hand_ons", "late",
    "tasks", "rungs", "callers", "follows", "written_up",
)  # fmt: skip
"""All that a line is made of; whoever reads rows for the board leaves the rest out."""

_TAKEN_OVER = ("kind", "urgency", "grade", "help", "building", "owner", "received_at", "callers", "follows")
_TOP = "management_director"


def is_shown(row: Row) -> bool:
    """Open or only just filed; a row of which nothing but others' links is known is no report."""
    return row["state"] in SHOWN_STATES and bool(row.get("received_at") or row.get("opened_at"))


def line_of(row: Row, number: Row | None) -> Line:
    """`v` grows with every event, so of two lines of a report the one with the greater is the newer."""
    rungs = row.get("rungs", ())
    tasks = [_task(task, rungs) for task in row.get("tasks", ()) if task["state"] == "open"]
    unassigned = not tasks or any(task["unheld"] for task in tasks)
    return {
        "report_id": row["_id"],
        "v": row["events"],
        "estate": row["estate"],
        "category": row["category"],
        "lane": row["lane"],
        "state": row["state"],
        "no": show_number(number),
        "place": row.get("patient_place") or row.get("place"),
        "drill": bool(row.get("drill")),
        **{name: row[name] for name in _TAKEN_OVER if row.get(name) is not None},
        "hand_ons": row.get("hand_ons", 0),
        "late": bool(row.get("late")),
        "unassigned": unassigned,
        "tasks": tasks,
        "due_at": _due_at(row, unassigned=unassigned),
    }


def _due_at(row: Row, *, unassigned: bool) -> Any:
    """The first clock of an emergency that has no task yet is that it gets one."""
    found = earliest(due_at(task) for task in row.get("tasks", ()))
    if found is not None or not unassigned or row["lane"] != "emergency":
        return found
    since = row.get("clock_from") or row.get("received_at")
    return row.get("unassigned_at") or (since and since + FIRST_RINGS)


def _task(task: Row, rungs: Iterable[Row]) -> Line:
    asked = [rung for rung in rungs if rung["task_id"] == task["id"]]
    reached = [rung for rung in asked if "skipped" not in rung]
    return {
        "id": task["id"],
        "step": task["step"],
        "to": task["to"],
        "state": _state(task),
        "only_ack": task["only_ack"],
        "optional": task["optional"],
        "clocks": _clocks(task),
        "rung": {name: reached[-1][name] for name in ("clock", "rung", "role", "turn")} if reached else None,
        "unheld": _is_unheld(asked),
    }


def _state(task: Row) -> str:
    """The furthest that its holder has come; `waiting`: nobody has said 明白 yet."""
    for name, state in (("arrived_at", "arrived"), ("started_at", "on_way")):
        if task.get(name):
            return state
    return "waiting" if task.get("ack_by") else "acknowledged" if task.get("acknowledged_at") else "given"


def _clocks(task: Row) -> list[Line]:
    """Only those that still run; a return visit has none (SOP S3.5)."""
    if task["visit"]:
        return []
    ends = {
        "ack": task["ack_by"],
        "arrive": None if "arrived_at" in task else task["arrive_by"],
        "finish": task["finish_by"],
    }
    return [{"clock": clock, "due_at": at} for clock, at in ends.items() if at is not None]


def _is_unheld(asked: list[Row]) -> bool:
    """Nobody was there on any rung below the top, so that no more than the director was asked (SOP, Ladders)."""
    below = [rung for rung in asked if rung["role"] != _TOP]
    return any(rung.get("skipped") == "nobody" for rung in asked) and all("skipped" in rung for rung in below)
