"""A case as dispatch sees it: how it is kept, and how to read it.

    {"version", "report", "playbook_version", "grade", "owner", "clock_from", "round", "help", "hand_ons",
     "tasks": {"<step>-<n>": task}, "timers": [timer], "told": [addressee], "kept": {field: value},
     "joined": [report], "round_from", "ending": {"why", "followed_by"}, "closed_at", "close_why"}

`report`: the fields of the report that rules ask for, as they are now. `kept`: recorded times and code words that
limits and words may name; free text is not kept. `joined`: reports that were linked to this one. A task:

    {"id", "step", "n", "round", "at", "role", "post", "person", "department", "open", "acked", "arrived",
     "optional", "only_ack", "ends_on", "helps", "opened_by", "may", "asked", "addressed", "arrive_by", "finish_by",
     "fixed", "outcome", "ended_at", "withdrawn", "stale"}

`person` is None as long as nobody holds the role. `fixed`: its limit stays (extended, carried, from the start).
`addressed`: everybody who had it or was rung for it, the holder included. `outcome` and `withdrawn` tell how it
ended; `stale`: it belongs to a help that is no longer wanted, or to a case that was withdrawn, so that nothing
waits for it or follows it.
Dicts and lists inside are never changed in place: whoever folds a fact replaces them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.contracts.event import Addressee
from shared.contracts.ids import parse_task_id
from shared.contracts.vocabulary import Help
from shared.domain.rules import State

Task = dict[str, Any]
NUMBERS = "numbers_called"
"""The record's field that says which of the numbers outside were called."""
GIVEN_UP = ("cancelled", "impossible")
WHO = ("role", "post", "person", "department")


def key_of(task_id: str) -> str:
    """A name without dots, which the database would take for a path."""
    found = parse_task_id(task_id)
    return f"{found.step}-{found.n}"


def key(task: Task) -> str:
    return f"{task['step']}-{task['n']}"


def is_known(state: State) -> bool:
    """Whether the report was filed here; before that everything said of it is held."""
    return "report" in state


def is_closed(state: State) -> bool:
    return bool(state.get("closed_at"))


def tasks(state: State) -> list[Task]:
    return list(state.get("tasks", {}).values())


def task_of(state: State, task_id: str | None) -> Task | None:
    if not task_id:
        return None
    found: Task | None = state.get("tasks", {}).get(key_of(task_id))
    return found


def open_tasks(state: State) -> list[Task]:
    return [t for t in tasks(state) if t["open"]]


def obligatory(state: State) -> list[Task]:
    """What holds up the closing."""
    return [t for t in open_tasks(state) if not t["optional"]]


def of_step(state: State, step: str) -> list[Task]:
    """The step's tasks that count in this round: not the withdrawn ones, nor those of a help given up."""
    return [
        t
        for t in tasks(state)
        if t["step"] == step and t["round"] == state["round"] and not t.get("stale") and not t.get("withdrawn")
    ]


def next_number(state: State, step: str) -> int:
    return 1 + sum(1 for t in tasks(state) if t["step"] == step)


def helps_of(state: State) -> tuple[Help, ...]:
    return tuple(state.get("help", ()))


def place_of(state: State) -> str | None:
    """Where people are to go: the patient's place before the caller's (SOP S3.0)."""
    found: str | None = state["report"].get("place")
    return found


def addressee(task: Task) -> Addressee:
    return Addressee(**{field: task.get(field) for field in WHO})


def goes_on(state: State, task: Task, outcome: str | None) -> bool:
    """Its step is not over: one of several gave it up, or it was handed on to others."""
    beside = (t for t in of_step(state, task["step"]) if t["id"] != task["id"])
    return outcome == "hand_on" or (outcome in (None, *GIVEN_UP) and any(t["open"] for t in beside))


def everybody(task: Task) -> list[Task]:
    """All who had the task at any time, the holder included."""
    found: list[Task] = task.get("addressed") or [{field: task[field] for field in WHO if task.get(field)}]
    return found


def same_hands(one: Task, other: Task) -> bool:
    """Whether one radio reaches both: the same person, else the same post, else the same role."""
    for field in ("person", "post"):
        if one.get(field) or other.get(field):
            return one.get(field) == other.get(field)
    return one["role"] == other["role"] and one.get("department") == other.get("department")


def ancestors(state: State, task: Task | None) -> Iterator[Task]:
    """The task itself, then the one that opened it, and so on."""
    while task:
        yield task
        task = state["tasks"].get(task.get("opened_by") or "")


def held_by(state: State, person: str | None, post: str | None) -> bool:
    """Whether this person, or whoever is at this post, has an open task of the case."""
    return any(
        (person and t.get("person") == person) or (post and not t.get("person") and t.get("post") == post)
        for t in open_tasks(state)
    )


def instant(value: object) -> datetime | None:
    """A recorded time; None for everything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None
