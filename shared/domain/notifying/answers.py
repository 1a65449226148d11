"""From what somebody presses or writes on a device to an answer of the procedure (PLAYBOOKS 10). Pure."""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from shared.contracts import replies
from shared.contracts.event import Speaker
from shared.contracts.vocabulary import Lane

Meaning = Literal["acknowledge", "start", "arrive", "complete", "decline", "need_help", "worse"]
KEYS: Mapping[str, Meaning] = {
    "1": "acknowledge",
    "2": "start",
    "3": "arrive",
    "4": "complete",
    "5": "decline",
    "6": "need_help",
    "9": "worse",
}
_WORDS: Mapping[str, Meaning] = {
    **dict.fromkeys(("明白", "收到", "好的", "ok", "ack", "roger", "yes"), "acknowledge"),
    **dict.fromkeys(("出发", "go", "start", "on my way", "omw"), "start"),
    **dict.fromkeys(("到达", "到了", "已到", "arrived", "here", "arrive"), "arrive"),
    **dict.fromkeys(("完成", "办完", "办结", "done", "complete"), "complete"),
    **dict.fromkeys(("不能", "去不了", "no", "cannot", "can't"), "decline"),
    **dict.fromkeys(("要支援", "支援", "help", "need help"), "need_help"),
    **dict.fromkeys(("加重", "worse"), "worse"),
}
_ANSWER = re.compile(r"\s*(?:#?(?P<code>\d{2})(?!\d)[\s,.:,。:]*)?(?P<rest>.*?)[\s!.。!]*", re.DOTALL)


class Heard(NamedTuple):
    """`code`: which task. `meaning` None: nobody but a person can tell what was meant."""

    code: str | None
    meaning: Meaning | None


class Task(NamedTuple):
    """What is known of an open task at the device that answers it."""

    task_id: str
    lane: Lane
    by: Speaker
    outcomes: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    ends_on: str = "complete"


class Unplaced(NamedTuple):
    """It was understood, and yet only a person can enter it: `why` says what is missing."""

    why: Literal["no_task", "two_tasks", "words", "outcome", "onward"]


def read(words: str, code: str | None = None, key: str | None = None) -> Heard:
    """`27 明白`, `27 1`, `明白` or `1`; a key that the device names apart counts before its words."""
    found = _ANSWER.fullmatch(words)
    said, rest = (found["code"], found["rest"].strip().lower()) if found else (None, "")
    if key:
        return Heard(code or said, KEYS.get(key))
    return Heard(code or said, KEYS.get(rest) or _WORDS.get(rest))


def reply(task: Task, meaning: Meaning, words: str, common: Mapping[str, Any]) -> replies.Said | Unplaced:
    """The event that says it; `common` is what every reply carries. What lacks a word of the procedure is no reply.

    To complete wants an outcome and what is to be recorded, to decline a reason and who takes it (SOP S2c): the
    desk or the leader enters those, so nothing is done on half a word.
    """
    said = {**common, "by": task.by, "words": words or None}
    if meaning == "worse":
        return _worse(task, said)
    if meaning == "decline":
        return Unplaced("onward")
    if meaning == "complete":
        return _complete(task, said)
    kinds: Mapping[str, type[replies.Reply]] = {
        "acknowledge": replies.TaskAcknowledged,
        "start": replies.TaskStarted,
        "arrive": replies.TaskArrived,
        "need_help": replies.HelpNeeded,
    }
    return kinds[meaning](**said, task_id=task.task_id)


def _complete(task: Task, said: Mapping[str, Any]) -> replies.Said | Unplaced:
    if task.ends_on == "ack":
        return replies.TaskAcknowledged(**said, task_id=task.task_id)
    if task.ends_on == "arrive":
        return replies.TaskArrived(**said, task_id=task.task_id)
    if len(task.outcomes) == 1 and not task.record:
        return replies.TaskCompleted(**said, task_id=task.task_id, outcome=task.outcomes[0])
    return Unplaced("outcome")


def _worse(task: Task, said: Mapping[str, Any]) -> replies.Said:
    """In an emergency it becomes major; out of one it is filed anew in the right lane (PLAYBOOKS 0.4, 10)."""
    if task.lane == "emergency":
        return replies.GradeChanged(**said, grade="major")
    return replies.SideTaskAsked(**said, task_id=task.task_id, step="raise_to_emergency")
