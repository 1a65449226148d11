"""Who is told: the playbook's notices, each to one addressee, and those that want an acknowledgement as tasks."""

from datetime import timedelta
from typing import Literal

from shared.contracts.event import Addressee, Words
from shared.contracts.notices import NoticeIssued
from shared.contracts.vocabulary import Kind
from shared.domain.dispatching.addressing import notice_to
from shared.domain.dispatching.outside import words_of
from shared.domain.dispatching.sending import send_notice
from shared.domain.dispatching.state import Task, of_step, same_hands
from shared.domain.dispatching.timers import AT_FILING, is_so, over
from shared.domain.dispatching.wording import fill
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Notice, Step

VALID_EMERGENCY = timedelta(hours=2)
VALID_ROUTINE = timedelta(hours=24)
"""After that a notice is recorded, not sent: lost offsets never send guards to last week's cases."""


def at_filing(work: Work) -> None:
    rows = [w for event, found in work.lookup.at_once.items() if event in AT_FILING for w in found]
    for notice in {w.notice.id: w.notice for w in rows if is_so(work, w.row, work.state["grade"])}.values():
        issue(work, notice)


def on_event(work: Work, event: str, spoke: Task | None = None, step: str | None = None) -> None:
    """`major`, `promoted`, `reopened`, `check_missed`."""
    for waiting in work.lookup.at_once.get(event, ()):
        if waiting.row.step == step:
            issue(work, waiting.notice, spoke)


def on_kind(work: Work, kind: Kind) -> None:
    """A kind that is learnt after the filing, or corrected, tells the same people."""
    rows = [w for w in work.lookup.at_once.get("kind", ()) if w.row.value == kind]
    for notice in {w.notice.id: w.notice for w in rows}.values():
        issue(work, notice)


def on_step(work: Work, step: Step, task: Task, outcome: str | None) -> None:
    """At a step's sending (`outcome` None), or at one of its outcomes, even one that leaves it open."""
    for waiting in work.lookup.at_once.get("step", ()):
        row = waiting.row
        if row.step == step.id and row.outcome == outcome and not over(work, row.unless):
            issue(work, waiting.notice, task)


def issue(work: Work, notice: Notice, spoke: Task | None = None) -> None:
    """Who has not acknowledged it yet is not asked again; his ladder does that."""
    waiting = [task for task in of_step(work.state, notice.id) if task["open"]]
    for to in (a for one in notice.to for a in notice_to(work, one, spoke)):
        if notice.ack:
            if not any(same_hands(task, to.model_dump()) for task in waiting):
                send_notice(work, notice, to, spoke)
        else:
            tell(work, notice.id, notice.clause, words_of(work, notice), to, notice.urgency, spoke)


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
        drill=work.is_drill,
    )
