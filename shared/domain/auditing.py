"""Whether any chain stalled: what dispatch holds open must be under a live deadline of escalation.

Pure: both cases are documents as the engine stores them, `{_id, state, deadlines: [{name, due, armed_by}],
ring_at}`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shared.contracts.event import Words
from shared.contracts.vocabulary import LADDERS
from shared.domain.dispatching.state import open_tasks
from shared.domain.escalating.clocks import unassigned
from shared.domain.escalating.state import Task, answers, is_open, sent, task_of

Stored = Mapping[str, Any]


class Finding(NamedTuple):
    """One place where nobody would be asked again."""

    report_id: str
    task_id: str | None
    words: Words


class Moment(NamedTuple):
    """`lease`: how long what is due may be under way from the ticker to the rules. `horizon`: the longest lease."""

    now: datetime
    lease: timedelta
    horizon: timedelta


def audit_case(dispatch: Stored | None, escalation: Stored | None, moment: Moment) -> list[Finding]:
    """All findings of one report; either service may know nothing of it yet."""
    found = list(_unguarded(dispatch, escalation, moment)) if dispatch else []
    return found + (list(_unrung(escalation, moment)) if escalation else [])


def _unguarded(dispatch: Stored, escalation: Stored | None, moment: Moment) -> Iterator[Finding]:
    state = escalation["state"] if escalation else {}
    for task in open_tasks(dispatch["state"]):
        if task["at"] >= moment.now - moment.lease:
            continue
        known = task_of(state, task["id"])
        if not is_open(known):
            yield Finding(dispatch["_id"], task["id"], _unknown("ended" in known))
        elif not _deadlines_of(escalation or {}, task) and not answered_at_top(known):
            words = Words(
                zh="任务没有任何时限在走,也无最高一级应答", en="no deadline runs and no top rung answered"
            )
            yield Finding(dispatch["_id"], task["id"], words)


def _unknown(ended: bool) -> Words:
    if ended:
        return Words(zh="派单仍未结束,升级已当作结束", en="open for dispatch, ended for escalation")
    return Words(zh="升级服务不知道此任务", en="escalation does not know this task")


def _deadlines_of(escalation: Stored, task: Task) -> list[Any]:
    name = f"{task['step']}.{task['n']}"
    return [d for d in escalation.get("deadlines", ()) if d["name"].partition(".")[2] == name]


def answered_at_top(task: Task) -> bool:
    """Whether the last rung of the task's ladder has taken it."""
    top = LADDERS[sent(task)["to"]["role"]][-1]
    return any((a["by"] or {}).get("role") == top for a in answers(task))


def _unrung(escalation: Stored, moment: Moment) -> Iterator[Finding]:
    """What is armed must ring: not overdue by more than a lease, and the ticker must come by in time."""
    deadlines = escalation.get("deadlines", ())
    for d in deadlines:
        if d["due"] < moment.now - moment.lease:
            late = int((moment.now - d["due"]).total_seconds())
            zh, en = f"时限 {d['name']} 已过 {late} 秒未处理", f"deadline {d['name']} passed {late} s ago unheard"
            yield Finding(escalation["_id"], None, Words(zh=zh, en=en))
    ring_at = escalation.get("ring_at")
    latest = max([moment.now + moment.horizon, *([min(d["due"] for d in deadlines)] if deadlines else [])])
    if deadlines and (ring_at is None or ring_at > latest):
        words = Words(zh="有时限,但不会按时响铃", en="deadlines are armed, but will not ring in time")
        yield Finding(escalation["_id"], None, words)
    chased = unassigned(escalation["state"])
    if chased and chased.name not in {d["name"] for d in deadlines}:
        words = Words(zh="急事无人派单,也无时限催促", en="an emergency without a task, and nobody will be rung")
        yield Finding(escalation["_id"], None, words)
