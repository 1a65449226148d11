"""The rules of escalation: which clocks run, who is asked next, who is told (SOP, Ladders)."""

from datetime import datetime

from shared.contracts.deliveries import DeliveryFailed
from shared.contracts.escalations import GradePromoted
from shared.contracts.event import Event, Fact
from shared.contracts.replies import DeadlinePassed
from shared.contracts.tasks import CLOCKS, TaskAssigned, TaskChanged
from shared.contracts.vocabulary import Clock
from shared.domain.escalating import clocks, promoting
from shared.domain.escalating.climbing import Saying, ask_again, climb, messages, ring_unassigned
from shared.domain.escalating.folding import fold
from shared.domain.escalating.ladders import first_rung
from shared.domain.escalating.own import SERVICE
from shared.domain.escalating.state import Task, addressee, is_closed, is_open, sent, task_named, task_of
from shared.domain.rules import Cause, Deadline, Hold, State, World, next_version


class EscalationRules:
    """Never holds: what is read too early is kept in the state until it counts."""

    service = SERVICE
    takes_estates = False

    def decide(self, state: State, event: Event, now: datetime, world: World) -> list[Fact] | Hold:
        """Deadlines ring; a sending or a failed delivery climbs at once when nobody can have heard of it."""
        cause = Cause(SERVICE, event, now, next_version(state))
        if isinstance(event, DeadlinePassed):
            saying = Saying(state, cause, world)
            _on_deadline(saying, event)
            return saying.facts
        if isinstance(event, TaskAssigned | TaskChanged | DeliveryFailed) and event.task_id:
            after = fold(state, event, now)
            saying = Saying(after, cause, world)
            _on_silence(saying, task_of(after, event.task_id), event)
            return saying.facts
        return []

    def evolve(self, state: State, event: Event, now: datetime) -> State:
        """See `folding`."""
        return fold(state, event, now)

    def deadlines(self, state: State) -> list[Deadline]:
        """See `clocks`."""
        return list(clocks.deadlines(state))

    def refuse(self, state: State, event: Event, now: datetime, world: World) -> list[Fact]:
        """Refusing is dispatch's to say."""
        return []

    def closed_at(self, state: State) -> datetime | None:
        """When dispatch closed it and the last task ended; what outlives the case is still chased."""
        tasks = state.get("tasks", {}).values()
        if not is_closed(state) or any(is_open(t) for t in tasks):
            return None
        ends: list[datetime] = [t["ended"]["at"] for t in tasks if "ended" in t]
        return max([state["closed"]["at"], *ends])


def _on_deadline(saying: Saying, passed: DeadlinePassed) -> None:
    """Nothing for a deadline that is no longer live: what was answered is never escalated."""
    if passed.owner != SERVICE:
        return
    if passed.name == clocks.UNASSIGNED:
        ring = clocks.unassigned(saying.state)
        if ring and ring.armed_by == passed.armed_by:
            ring_unassigned(saying)
        return
    if passed.name == promoting.PROMOTE:
        _promote(saying, passed)
        return
    task = task_named(saying.state, passed.name)
    if not task or not is_open(task):
        return
    live = {(d.name, d.armed_by) for d in clocks.task_deadlines(task)}
    if (passed.name, passed.armed_by) not in live:
        return
    for clock in CLOCKS:
        if passed.name.startswith(f"{clock}."):
            climb(saying, task, clock, repeat=True)
    if passed.name.startswith("ask."):
        ask_again(saying, task)


def _promote(saying: Saying, passed: DeadlinePassed) -> None:
    """What dispatch makes of it, is dispatch's: the director takes over (SOP S8)."""
    live, due = promoting.deadline(saying.state), promoting.due_by(saying.state)
    if live and due and live.armed_by == passed.armed_by and live.due <= saying.cause.now:
        saying.say(GradePromoted, grade="major", why=due[1])


def _on_silence(saying: Saying, task: Task, event: Event) -> None:
    """Sent to a role that nobody holds, or every message to the rung failed: the next rung at once."""
    if not is_open(task):
        return
    if isinstance(event, DeliveryFailed):
        for clock in CLOCKS:
            if event.message in messages(task, clock) and _failed(task, clock):
                climb(saying, task, clock, repeat=False)
    elif event.event_id == sent(task)["event"]:
        if _failed(task, "ack"):
            climb(saying, task, "ack", repeat=False)
        elif clocks.deadline(task, "ack") and _is_nobodys(task, saying):
            climb(saying, task, "ack", repeat=True)


def _is_nobodys(task: Task, saying: Saying) -> bool:
    return not addressee(sent(task)).person and not first_rung(task, saying.world.estate, saying.cause.now)


def _failed(task: Task, clock: Clock) -> bool:
    return not clocks.is_stopped(task, clock) and set(messages(task, clock)) <= set(task.get("failed", ()))
