"""A case as notify sees it: how it is kept, and how to read it.

    {"version", "closed": {"order", "at"}, "tasks": {"<step>-<n>": task}, "messages": {hex: message},
     "used": [device], "unsent_since": the oldest attempt of which nothing is known,
     "watched_since": the oldest whose channel is to be asked for an answer}

A message is what one event wants somebody to be told: a task's sending, or a notice; its id is that event's.
`tries` are its attempts in their order, one a device; `over`: why no further device is tried. `order` is dispatch's
own, by which an end that is read before its assignment still ends it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.event import Addressee
from shared.contracts.ids import parse_task_id
from shared.domain.rules import Deadline, State

SERVICE = "notify"
Message = dict[str, Any]
Try = dict[str, Any]
REMINDER = "reminder"
RINGS = frozenset({"rung", REMINDER})
"""Escalation's notices that ask for an answer to a task."""
STANDS_DOWN = frozenset({"stand_down", "stood_down", "gate_arrived"})
"""What calls people back goes out on every device that the case has used for them."""
SUPERSEDED = "superseded"
_RANK = {None: 0, "refused": 0, "accepted": 1, "delivered": 2, "answered": 3}
_KEPT, _TURNS = 40, 60


def key_of(task_id: str) -> str:
    """A name without dots, which the database would take for a path."""
    found = parse_task_id(task_id)
    return f"{found.step}-{found.n}"


def message_of(state: State, message: UUID) -> Message | None:
    found: Message | None = state.get("messages", {}).get(message.hex)
    return found


def task_of(state: State, task_id: str) -> dict[str, Any]:
    """What is known of the task; empty before anything is."""
    found: dict[str, Any] = state.get("tasks", {}).get(key_of(task_id), {})
    return found


def addressee(message: Message) -> Addressee:
    return Addressee(**message["to"])


def wants_answer(message: Message) -> bool:
    """Whether it is about an open task that its reader is to answer."""
    return message["task"] is not None and (message["kind"] == "task" or message["name"] in RINGS)


def is_by_name(state: State, message: Message) -> bool:
    """Handed over by name, or acknowledged: it is this person's, a change of shift included (SOP)."""
    if message["task"] is None:
        return False
    return bool(message.get("by_name")) or "acked" in task_of(state, message["task"])


def is_in_line(message: Message) -> bool:
    """What has not gone out yet waits for its turn, not for its device; for an hour at most."""
    last = message["tries"][-1] if message["tries"] else None
    return bool(last and last["mark"] is None and stands_in_line(message) and last["waits"] < _TURNS)


def stands_in_line(message: Message) -> bool:
    """All that is routine, and drills of emergencies: they give way to the real ones."""
    return message["urgency"] != "emergency" or bool(message["drill"])


def is_settled(state: State, message: Message) -> bool:
    """No further device is to be tried: answered, ended, failed or put aside for good."""
    return bool(message["over"]) or (wants_answer(message) and _is_answered(state, message))


def has_ended(state: State, message: Message) -> bool:
    """Its task ended or went to somebody else: what was not sent yet is not sent any more."""
    return message["over"] == SUPERSEDED or (
        wants_answer(message) and _end_counts(task_of(state, message["task"]), message)
    )


def _is_answered(state: State, message: Message) -> bool:
    task = task_of(state, message["task"])
    acked: datetime | None = task.get("acked")
    return _end_counts(task, message) or (acked is not None and acked >= message["at"])


def _end_counts(task: dict[str, Any], message: Message) -> bool:
    """An ended task never reopens but by a later version; notices are escalation's, told apart by time."""
    if "ended" not in task:
        return False
    if message["kind"] == "task":
        return bool(task["ended"]["order"] >= message["order"])
    return bool(task["ended"]["at"] >= message["at"])


def has_reached(message: Message) -> bool:
    """One device at least gave the best receipt that its channel can give."""
    return any(_RANK[t["mark"]] >= _RANK[t["best"]] for t in message["tries"])


def unmarked(message: Message) -> list[Try]:
    """Recorded, and nothing known of it: to be sent, again after a crash."""
    return [t for t in message["tries"] if t["mark"] is None]


def watched(state: State, message: Message) -> list[Try]:
    """Whose channel has to be asked: about a task until that has ended, for more may follow; else for a receipt."""
    hopes = ("accepted", "delivered", "answered") if wants_answer(message) else ("accepted",)
    if has_ended(state, message):
        return []
    return [t for t in message["tries"] if t["token"] and t["mark"] in hopes]


def better(mark: str | None, than: str | None) -> bool:
    """A receipt never goes back; a refusal counts only where nothing is known yet."""
    return _RANK[mark] > _RANK[than] or (mark == "refused" and than is None)


def next_look(state: State, message: Message) -> Deadline | None:
    """When the next device is due, armed by the last try; None while nothing is waited for."""
    if message.get("again_at") and not message["tries"]:
        waiting = Deadline(f"quiet.{message['id'].hex}", message["again_at"], message["armed_by"])
        return None if message["over"] or message["armed_by"] in message["passed"] else waiting
    if not message["tries"] or is_settled(state, message) or message["tries"][-1]["armed_by"] in message["passed"]:
        return None
    due = _due(message)
    return Deadline(f"next.{message['id'].hex}", due, message["tries"][-1]["armed_by"]) if due else None


def _due(message: Message) -> datetime | None:
    """Receipts first, all of them; then the rung's own limit for the answer."""
    hopes: list[datetime] = [t["next_at"] for t in message["tries"] if t["mark"] != "refused"]
    if not has_reached(message):
        return max(hopes, default=None)
    answer_by: datetime | None = None if message["tries"][-1]["last"] else message["answer_by"]
    return max([answer_by, *hopes]) if answer_by else None


def pruned(messages: dict[str, Message], state: State) -> dict[str, Message]:
    """A case that rings for days stays small: of what is settled the newest are kept."""
    done = [
        name
        for name, m in messages.items()
        if not unmarked(m) and (is_settled(state, m) or next_look(state, m) is None)
    ]
    gone = set(done[:-_KEPT])
    return {name: m for name, m in messages.items() if name not in gone} if gone else messages
