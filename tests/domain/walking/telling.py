"""Who is to be told by the playbook's notices, at once or by the clock, looked for in what was decided."""

from collections.abc import Iterator, Sequence

from shared.contracts.event import Fact, Speaker
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import TaskAssigned
from shared.domain.playbooks.format import Notice, NoticeOn, Playbook, Step
from tests.domain.walking.turn import State, Task, Turn, is_over, key, open_tasks, tasks_of


def rows(book: Playbook, event: str) -> Iterator[tuple[Notice, int, NoticeOn]]:
    return ((x, n, row) for x in book.notices.values() for n, row in enumerate(x.on) if row.event == event)


def said_of_step(turn: Turn, step: Step, task: Task, outcome: str | None) -> Iterator[str]:
    """At its sending (`outcome` None) or at this outcome: notices, and what opens by the clock from here."""
    for notice, n, row in rows(turn.book, "step"):
        if (row.step, row.outcome) == (step.id, outcome):
            yield from told(turn, notice, n, row, f".{key(task)}")
    names = {t["name"] for t in turn.after["timers"]}
    for other in turn.book.steps.values():
        for after in other.opens_after:
            asked = (after.step, after.outcome) == (step.id, outcome) and not is_over(turn.after, after.unless)
            if asked and not turn.after.get("closed_at") and f"opens.{other.id}.{key(task)}" not in names:
                yield f"{other.id} does not wait for its time"


def told(turn: Turn, notice: Notice, n: int, row: NoticeOn, task: str) -> Iterator[str]:
    if is_over(turn.after, row.unless) or all(to.others for to in notice.to):
        return
    if row.after is not None:
        if not any(t["name"] == f"notice.{notice.id}.{n}{task}" for t in turn.after["timers"]):
            yield f"{notice.id} does not wait for its time"
    else:
        yield from notice_sent(turn, notice)


def notice_sent(turn: Turn, notice: Notice) -> Iterator[str]:
    """To everyone it names; one that still waits for its acknowledgement is not asked again."""
    told = {f.to.role for f in turn.facts if isinstance(f, NoticeIssued) and f.name == notice.id}
    told |= {f.to.role for f in turn.sent(notice.id)}
    waiting = notice.ack and any(t["open"] for t in tasks_of(turn.before, notice.id))
    missed = {to.role for to in notice.to if not to.others} - told
    if missed and not waiting:
        yield f"notice {notice.id} did not go to {sorted(missed)}"


def all_told(before: State, facts: Sequence[Fact], step: str, by: Speaker) -> Iterator[str]:
    """Whoever held a task that is over has a word about it, but whoever said so himself."""
    told = {(f.to.person, f.to.post) for f in facts if isinstance(f, TaskAssigned) and f.step == step}
    told |= {(f.to.person, f.to.post) for f in facts if isinstance(f, NoticeIssued) and f.name == "stood_down"}
    for task in open_tasks(before):
        who = (task.get("person"), task.get("post"))
        if who not in told and who[0] != by.person:
            yield f"{key(task)}: {who} was not told"
