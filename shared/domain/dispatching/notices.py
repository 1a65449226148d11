"""Who is told: the playbook's notices, each to one addressee, and those that want an acknowledgement as tasks."""

from datetime import timedelta
from typing import Literal

from shared.contracts.event import Addressee, Words
from shared.contracts.notices import NoticeIssued
from shared.domain.dispatching.addressing import notice_to
from shared.domain.dispatching.sending import send_notice
from shared.domain.dispatching.state import Task, of_step
from shared.domain.dispatching.timers import is_so, over
from shared.domain.dispatching.wording import fill
from shared.domain.dispatching.work import Work
from shared.domain.playbook import Notice, Step

VALID_EMERGENCY = timedelta(hours=2)
VALID_ROUTINE = timedelta(hours=24)
"""After that a notice is recorded, not sent: lost offsets never send guards to last week's cases."""


def at_filing(work: Work) -> None:
    for notice in work.playbook.notices.values():
        if any(row.after is None and is_so(work, row, work.state["grade"]) for row in notice.on):
            issue(work, notice)


def on_event(work: Work, event: str, spoke: Task | None = None, step: str | None = None) -> None:
    """`major`, `promoted`, `reopened`, `check_missed`."""
    for notice in work.playbook.notices.values():
        if any(row.event == event and row.after is None and row.step == step for row in notice.on):
            issue(work, notice, spoke)


def on_step(work: Work, step: Step, task: Task, outcome: str | None) -> None:
    """At a step's sending (`outcome` None), or at one of its outcomes, even one that leaves it open."""
    for notice in work.playbook.notices.values():
        for row in notice.on:
            fits = row.event == "step" and row.step == step.id and row.outcome == outcome
            if fits and row.after is None and not over(work, row.unless):
                issue(work, notice, task)


def issue(work: Work, notice: Notice, spoke: Task | None = None) -> None:
    """A notice still waiting for its acknowledgement is not asked again; its ladder does that."""
    if notice.ack and any(task["open"] for task in of_step(work.state, notice.id)):
        return
    for to in (a for one in notice.to for a in notice_to(work, one, spoke)):
        if notice.ack:
            send_notice(work, notice, to, spoke)
        else:
            tell(work, notice.id, notice.clause, notice.words, to, notice.urgency, spoke)


def tell(
    work: Work,
    name: str,
    clause: tuple[str, ...],
    words: Words,
    to: Addressee,
    urgency: Literal["emergency", "routine", "morning"],
    spoke: Task | None = None,
) -> None:
    work.add(
        NoticeIssued,
        name=name,
        task_id=spoke["id"] if spoke else None,
        clause=clause,
        playbook=work.report["category"],
        playbook_version=work.playbook.version,
        to=to,
        words=fill(work, words, spoke),
        urgency=urgency,
        valid_until=work.now + (VALID_EMERGENCY if urgency == "emergency" else VALID_ROUTINE),
        drill=bool(work.report.get("drill")),
    )
