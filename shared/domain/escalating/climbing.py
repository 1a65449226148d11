"""What is said when a clock runs out: the limit passed, rungs skipped, the rung reached, and who is told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.contracts.escalations import LimitPassed, ReportUnassigned, RungReached, RungSkipped
from shared.contracts.event import Addressee, Fact
from shared.contracts.ids import parse_report_id
from shared.contracts.notices import NoticeIssued
from shared.contracts.vocabulary import LADDERS, Clock
from shared.domain.escalating.clocks import ask_every, limit, ring_again
from shared.domain.escalating.ladders import Choice, Rung, Rungs, already_asked, choose, first_rung, held
from shared.domain.escalating.own import RINGS, turn_of
from shared.domain.escalating.state import (
    Task,
    addressee,
    is_open,
    ladder_of,
    pace_of,
    sent,
    started_by,
)
from shared.domain.escalating.wording import task_words, unassigned_words
from shared.domain.estates.office import in_office_hours
from shared.domain.rules import Cause, State, World

STILL_VALID = timedelta(minutes=5)
"""A notice goes out until its next one has been due for so long; then that one says it."""
F = TypeVar("F", bound=Fact)


class Saying:
    """One decision's facts, numbered as they are said."""

    def __init__(self, state: State, cause: Cause, world: World) -> None:
        self.state, self.cause, self.world = state, cause, world
        self.facts: list[Fact] = []

    def say(self, kind: type[F], **fields: Any) -> None:
        name = str(kind.model_fields["type"].default)
        self.facts.append(kind(**self.cause.common(name, len(self.facts)), **fields))

    def tell(self, task: Task, name: str, what: str, to: Addressee, again_at: datetime) -> None:
        """A notice about a task: as urgent as the task's pace, in the task's own clause."""
        about = task["assigned"]
        self.say(
            NoticeIssued,
            name=name,
            task_id=task["id"],
            clause=about["clause"],
            playbook=about["playbook"],
            playbook_version=about["playbook_version"],
            to=to,
            words=task_words(self.state, task, what, self.world),
            urgency=pace_of(task),
            valid_until=again_at + STILL_VALID,
            answer_by=again_at if name in RINGS else None,
            drill=about["drill"],
        )


def climb(saying: Saying, task: Task, clock: Clock, *, repeat: bool) -> None:
    """Goes to the next rung that can be asked, or asks the top one again; without `repeat` only the former."""
    now, ladder = saying.cause.now, ladder_of(task, clock) or {}
    first = first_rung(task, saying.world.estate, now)
    at = ladder.get("rung", 0 if clock == "ack" and first else -1)
    to = addressee(sent(task))
    rungs = Rungs(saying.world.estate, to, first, now)
    choice = choose(rungs, at, already_asked(task, clock, first))
    if choice.again and not repeat:
        return
    _say_limit(saying, task, clock)
    for skipped in choice.skipped:
        if skipped.rung not in ladder.get("skipped", ()):
            saying.say(RungSkipped, task_id=task["id"], clock=clock, **skipped._asdict())
    turn = ladder.get("turn", 0 if at < 0 else 1) + 1 if choice.again else 1
    again_at = _ask(saying, task, clock, choice, turn)
    if not choice.again:
        for earlier in _earlier(task, clock, first, choice.asked):
            saying.tell(task, "informed", "informed", earlier, again_at)


def _say_limit(saying: Saying, task: Task, clock: Clock) -> None:
    """Once for each arming; a rung climbed because no device answered passes no limit."""
    due, start = limit(task, clock), started_by(task, clock)
    if due and start and due <= saying.cause.now and task.get("passed", {}).get(clock) != start["event"]:
        saying.say(LimitPassed, task_id=task["id"], clock=clock, due_at=due)


def _ask(saying: Saying, task: Task, clock: Clock, choice: Choice, turn: int) -> datetime:
    """Waits grow with each repeat as they would with each rung, up to the ladder's last."""
    to = addressee(sent(task))
    wait = saying.world.wait(to.role, pace_of(task), choice.rung + turn - 1)
    again_at = saying.cause.now + wait
    if choice.again and pace_of(task) == "routine":
        # Who was asked once, at whatever hour, is asked again when the office is open.
        again_at = in_office_hours(saying.world.estate, again_at)
    saying.say(
        RungReached,
        task_id=task["id"],
        clock=clock,
        rung=choice.rung,
        role=LADDERS[to.role][choice.rung],
        persons=tuple(a.person for a in choice.asked if a.person),
        turn=turn,
        again_at=again_at,
    )
    for asked in choice.asked or (_nobody(to),):
        saying.tell(task, "rung" if choice.rung else "reminder", clock, asked, again_at)
    return again_at


def _nobody(to: Addressee) -> Addressee:
    """Held by nobody: to the role itself, so that whoever is at the post's device hears it."""
    return to.model_copy(update={"person": None})


def _earlier(task: Task, clock: Clock, first: Rung, asked: Rung) -> Iterable[Addressee]:
    """Who was asked on this ladder before, each once."""
    start = started_by(task, clock)
    rows = [a for a in task.get("asked", []) if a["clock"] == clock and start and a["start"] == start["event"]]
    found = {a.person: a for a in first} | {
        a["person"]: Addressee(role=a["role"], person=a["person"]) for a in rows
    }
    return [a for person, a in found.items() if person and person not in {x.person for x in asked}]


def ask_again(saying: Saying, task: Task) -> None:
    """How does it go? To the holder alone; no rung is climbed (PLAYBOOKS 0.6.2)."""
    now = saying.cause.now
    every = ask_every(task)
    for asked in first_rung(task, saying.world.estate, now) or (_nobody(addressee(sent(task))),):
        saying.tell(task, "reminder", "ask", asked, now + (every or timedelta()))


def ring_unassigned(saying: Saying) -> None:
    """The control room, or the first rung above it that somebody holds; said as a fact once."""
    turn = turn_of(saying.state)
    if turn == 0:
        saying.say(ReportUnassigned)
    for asked in _first_held(saying):
        saying.say(
            NoticeIssued,
            name="unassigned",
            clause=("S2a",),
            playbook=parse_report_id(saying.cause.event.report_id).category,
            to=asked,
            words=unassigned_words(saying.state, saying.world.estate),
            urgency="emergency",
            valid_until=saying.cause.now + ring_again(turn + 1) + STILL_VALID,
            drill=saying.state["filed"]["drill"],
        )


def _first_held(saying: Saying) -> Rung:
    for role in LADDERS["control_room"]:
        if found := held(saying.world.estate, role, saying.cause.now):
            return found
    return (Addressee(role="control_room"),)


def messages(task: Task, clock: Clock) -> list[Any]:
    """What was sent to the rung that is being asked: the task itself, then escalation's notices."""
    ladder = ladder_of(task, clock)
    if ladder:
        return list(ladder["messages"])
    return [sent(task)["event"]] if clock == "ack" and is_open(task) else []
