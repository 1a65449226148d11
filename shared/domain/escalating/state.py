"""A case as escalation sees it: how it is kept, and how to read it.

    {"version", "filed", "place", "closed", "reopened", "ringing", "tasks": {"<step>-<n>": task},
     "promotion", "grade", "flags": {field: yes or no}, "joined": [report], "promoted"}

A task gathers what was read about it in any order: `assigned` (nothing counts before), `tos` (whom it went to),
`arrive` and `finish` (limits), `answers`, `failed` (messages that reached nobody), `ended`; and escalation's
own: `ladders`, `passed`, `asked`, `asking`. Facts of dispatch are applied by `order`, their (case_version, index).
"""

from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Addressee, Fact, Speaker
from shared.contracts.ids import lane_of_key, parse_task_id
from shared.contracts.vocabulary import Clock, Lane
from shared.domain.answering import Voice, counts
from shared.domain.rules import State

Task = dict[str, Any]
Order = list[int]

BEFORE_ALL: Order = [0, 0]
HAND_OVER_WAIT: dict[Lane, timedelta] = {"emergency": timedelta(seconds=60), "routine": timedelta(minutes=15)}
"""A task that asked for no acknowledgement does, once it goes to somebody else (PLAYBOOKS 1, `take_over`)."""


def order_of(fact: Fact) -> Order:
    """As a list, since that is what comes back from the database."""
    return [fact.case_version, fact.index]


def key_of(task_id: str) -> str:
    """A name without dots, which the database would take for a path."""
    found = parse_task_id(task_id)
    return f"{found.step}-{found.n}"


def task_of(state: State, task_id: str) -> Task:
    """What is known of the task, or the beginning of it; not yet part of the state."""
    known: Task | None = state.get("tasks", {}).get(key_of(task_id))
    return known or {"id": task_id}


def task_named(state: State, deadline: str) -> Task | None:
    """The task that a deadline's name (`<clock>.<step>.<n>`) is about."""
    found: Task | None = state.get("tasks", {}).get("-".join(deadline.split(".")[1:]))
    return found


def with_task(state: State, task: Task) -> State:
    """A copy in which this task stands; everything else is shared."""
    return {**state, "tasks": {**state.get("tasks", {}), key_of(task["id"]): task}}


def is_open(task: Task) -> bool:
    """An end read before the assignment is kept as a tombstone, so the assignment opens nothing."""
    return "assigned" in task


def has_task(state: State) -> bool:
    """Whether any task was ever sent, open or ended: then nobody needs to be told that none was."""
    return any(is_open(task) or "ended" in task for task in state.get("tasks", {}).values())


def is_closed(state: State) -> bool:
    """By the later of closing and reopening, whichever was read first."""
    closed: Order = state.get("closed", {"order": BEFORE_ALL})["order"]
    reopened: Order = state.get("reopened", {"order": BEFORE_ALL})["order"]
    return closed > reopened


def lane_of(task: Task) -> Lane:
    return lane_of_key(task["id"])


def pace_of(task: Task) -> Lane:
    """By whose waits and hours it is chased: a return visit after an emergency is routine (PLAYBOOKS 0.6.3)."""
    return task["assigned"].get("pace") or lane_of(task)


def sent(task: Task) -> dict[str, Any]:
    """The latest sending: the assignment, or the change that gave the task to another."""
    latest: dict[str, Any] = task["tos"][-1]
    return latest


def addressee(sending: dict[str, Any]) -> Addressee:
    return Addressee(**sending["to"])


def _heard_after(task: Task) -> datetime | None:
    """What was answered up to here was another holder's word; None: everything counts."""
    if sent(task)["why"] == "assigned":
        return task["ended"]["at"] if "ended" in task else None
    at: datetime = sent(task)["at"]
    return at


def answers(task: Task) -> list[dict[str, Any]]:
    """The answers that hold for the latest sending, first ones first; of anyone on its ladder (SOP, Ladders)."""
    after, order = _heard_after(task), sent(task)["order"]
    found = [a for a in _counted(task) if after is None or a["at"] > after or a["order"] > order]
    return sorted(found, key=lambda a: (a["at"], a["order"], a["id"]))


def _counted(task: Task) -> list[dict[str, Any]]:
    """What dispatch took, and what it will take: not the word of somebody who was never asked."""
    to = [addressee(s) for s in task.get("tos", ())]
    said = list(task.get("answers", {}).values())
    return [a for a in said if a["order"] > BEFORE_ALL or (a["by"] and counts(_voice(a), to))]


def _voice(answer: dict[str, Any]) -> Voice:
    return Voice(Speaker(**answer["by"]), answer.get("heard", False))


def has_arrived(task: Task) -> bool:
    """Handing on does not send anyone away again: only `ack` starts anew (PLAYBOOKS 0.1, `limits`)."""
    return any(a["arrived"] for a in _counted(task))


def holder(task: Task) -> Addressee:
    """Who acknowledged first, since the task is that person's from then on; else whom it was sent to."""
    said = answers(task)
    by = said[0]["by"] if said else None
    return Addressee(**by) if by else addressee(sent(task))


def asked_since(task: Task) -> Order:
    """Who was asked before a hand-over by name may be asked again; a decline forgets nobody."""
    given = [s["order"] for s in task["tos"] if s["why"] != "declined"]
    order: Order = given[-1] if given else BEFORE_ALL
    return order


def started_by(task: Task, clock: Clock) -> dict[str, Any] | None:
    """What armed this clock (`event`, `due`), or None when the task has no such clock."""
    if clock == "ack":
        return sent(task)
    limit: dict[str, Any] | None = task.get(clock)
    return limit


def ladder_of(task: Task, clock: Clock) -> dict[str, Any] | None:
    """The ladder climbed since the clock was last armed; an older one is void."""
    found: dict[str, Any] | None = task.get("ladders", {}).get(clock)
    start = started_by(task, clock)
    return found if found and start and found["start"] == start["event"] else None
