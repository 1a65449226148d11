"""Withdrawing, standing down, and closing: nobody is left standing, and no case is left without an owner."""

from collections.abc import Iterable, Sequence
from typing import Literal

from shared.contracts.event import Addressee, Speaker
from shared.contracts.notices import NoticeIssued
from shared.contracts.replies import Said
from shared.contracts.tasks import ReportChanged, ReportClosed, TaskAssigned, TaskWithdrawn
from shared.domain.dispatching import notices
from shared.domain.dispatching.addressing import Origin, each_of_hands
from shared.domain.dispatching.opening import open_waiting, send_step
from shared.domain.dispatching.reopening import recording_step
from shared.domain.dispatching.sending import send
from shared.domain.dispatching.state import (
    Task,
    addressee,
    everybody,
    is_closed,
    is_known,
    obligatory,
    open_tasks,
    same_hands,
)
from shared.domain.dispatching.work import Work
from shared.domain.playbooks.format import Step

STOOD_DOWN = "stood_down"
STANDING_DOWN = ("stand_down", "drill_stopped")
End = Literal["done", "withdrawn", "followed", "linked", "drill_stopped"]
Why = Literal[
    "help_changed", "kind_corrected", "withdrawn", "followed", "linked", "closed", "relieved", "drill_stopped"
]


def withdraw(work: Work, tasks: Iterable[Task], why: Why, spared: Sequence[Task] = ()) -> list[Task]:
    """Ends them and stands their holders down; gives the tasks that were ended."""
    gone = take_away(work, tasks, why)
    dismiss(work, gone, spared)
    return gone


def take_away(work: Work, tasks: Iterable[Task], why: Why) -> list[Task]:
    """Ends them, and says nothing to anybody yet. A stand-down still waiting for its acknowledgement stays."""
    gone = [t for t in tasks if t["open"] and t["step"] not in STANDING_DOWN]
    for task in gone:
        work.add(TaskWithdrawn, task_id=task["id"], why=why)
    return gone


def dismiss(work: Work, gone: Sequence[Task], spared: Sequence[Task] = ()) -> None:
    """One word to each pair of hands that had one of these, or had one before, or was rung for it.

    `spared`: whose holders stay where they are, under another task. A correction of the place ends without a word
    where its holder goes on with something else.
    """
    spared_ids = {t["id"] for t in spared}
    loud = [t for t in gone if t["step"] != "correct_place" or not _is_busy(work, t, spared)]
    stand_down(work, [t for t in loud if t["id"] not in spared_ids])
    tell_others(work, [who for t in loud for who in _by_name(t)], [*gone, *spared])


def _is_busy(work: Work, task: Task, spared: Sequence[Task]) -> bool:
    """Whose correction of the place ends while he goes on with something else needs no word of it."""
    return any(same_hands(task, other) for other in (*spared, *open_tasks(work.state)))


def _by_name(task: Task) -> list[Task]:
    """Not the role as such, which a task is left with when nobody takes it."""
    return [who for who in everybody(task) if who.get("person") or who.get("post")]


def _words_of_the_end(work: Work) -> Step | None:
    """A drill that gives way says so in its own words: people are to be free, not to go home."""
    ending = work.state.get("ending") or {}
    return work.playbook.steps.get("drill_stopped" if ending.get("why") == "drill_stopped" else "stand_down")


def stand_down(work: Work, gone: Iterable[Task]) -> None:
    step = _words_of_the_end(work)
    if step:
        for task in each_of_hands(gone):
            send(work, step, addressee(task), Origin(opener=task))


def end_case(work: Work, why: Literal["withdrawn", "followed", "linked", "drill_stopped"]) -> None:
    """Everything open is withdrawn; whoever was told before by task or notice is told now."""
    told = [dict(who) for who in work.state["told"]]
    gone = withdraw(work, open_tasks(work.state), why)
    tell_others(work, told, gone)


def tell_others(work: Work, told: Iterable[Task], stood_down: Sequence[Task]) -> None:
    """The words of the stand-down as a notice, for those whose task is over or who only had a notice."""
    step = _words_of_the_end(work)
    if not step:
        return
    busy = [*stood_down, *open_tasks(work.state)]
    for who in each_of_hands(told):
        if not any(same_hands(who, task) for task in busy) and not _knows(work, who):
            _stood_down(work, step, addressee(who))


def _stood_down(work: Work, step: Step, to: Addressee, task: Task | None = None) -> None:
    notices.tell(work, STOOD_DOWN, step.clause, step.words, to, work.lane, task)


def _knows(work: Work, who: Task) -> bool:
    """Whoever says it, and whoever was told in this decision."""
    if isinstance(work.event, Said) and speaks_for(work.event.by, who):
        return True
    told = [f.to for f in work.facts if isinstance(f, NoticeIssued) and f.name == STOOD_DOWN]
    return any(same_hands(who, to.model_dump()) for to in told)


def speaks_for(by: Speaker | None, who: Task) -> bool:
    """Whether the speaker is this person, or holds the role where no person is named."""
    if not by:
        return False
    if by.person and who.get("person"):
        return by.person == who["person"]
    return by.role == who["role"] and by.post == who.get("post")


def relieve_former(work: Work) -> None:
    """Who was sent a step that owns has the report; one that relieves takes over from whoever was to lead the case
    to the same point (SOP S8). Whoever takes over from himself is not sent home."""
    for fact in [f for f in work.facts if isinstance(f, TaskAssigned)]:
        step = work.playbook.steps.get(fact.step)
        if not step or not (step.owns or step.relieves):
            continue
        if fact.to.role != work.state["owner"]:
            work.add(ReportChanged, owner=fact.to.role)
        if step.relieves:
            former = [t for t in open_tasks(work.state) if _same_purpose(work, t, step)]
            himself = [t for t in former if same_hands(t, fact.to.model_dump())]
            withdraw(work, former, "relieved", himself)


def _same_purpose(work: Work, task: Task, by: Step) -> bool:
    step = work.step_of(task)
    if not step or step.side or step.id == by.id:
        return False
    return bool(_leads_to(step) & _leads_to(by))


def _leads_to(step: Step) -> set[str]:
    return {target for row in step.outcomes.values() for target in row.opens}


# ---- closing -----------------------------------------------------------------


def settle(work: Work) -> None:
    """After every decision: send what had to wait, else record, else close. A case is never left with nothing."""
    if not is_known(work.state) or is_closed(work.state):
        return
    ending = work.state.get("ending")
    if not ending:
        open_waiting(work)
    if obligatory(work.state):
        return
    why: End = ending["why"] if ending else "done"
    recording = recording_step(work)
    if recording and why in ("done", "withdrawn") and not work.opened(recording.id):
        send_step(work, recording, Origin())
        return
    close(work, why, ending["followed_by"] if ending else None)


def close(work: Work, why: End, followed_by: str | None) -> None:
    """Optional tasks end with the case and their holders are told; return visits outlive it (PLAYBOOKS 0.1)."""
    step = _words_of_the_end(work)
    for task in open_tasks(work.state):
        own, notice = work.step_of(task), work.playbook.notices.get(task["step"])
        if (own and own.outlives_case) or (notice and notice.outlives_case):
            continue
        work.add(TaskWithdrawn, task_id=task["id"], why="closed")
        if own and step:
            _stood_down(work, step, addressee(task), task)
            tell_others(work, _by_name(task), [task])
    work.add(ReportClosed, why=why, followed_by=followed_by)


def relieve(work: Work, task: Task) -> None:
    """One task's holder is stood down by hand."""
    withdraw(work, [task], "relieved")
