"""Dispatch's rules: what follows from a report, an answer, an amendment or a deadline (issue, part 5)."""

from datetime import datetime

from shared.contracts.escalations import GradePromoted, RungReached
from shared.contracts.event import Event, Fact
from shared.contracts.replies import DeadlinePassed, LimitExtended, Reply, ReportJoined, Said
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import ReplyRefused
from shared.domain.dispatching.amendments import AMENDMENTS, on_amendment
from shared.domain.dispatching.answers import ANSWERS, on_reply
from shared.domain.dispatching.endings import relieve_former, settle
from shared.domain.dispatching.filing import on_filed
from shared.domain.dispatching.folding import fold
from shared.domain.dispatching.links import never_came
from shared.domain.dispatching.refusals import refusal, refuse
from shared.domain.dispatching.ringing import on_deadline, on_promoted, on_rung
from shared.domain.dispatching.state import is_closed, is_known, task_of
from shared.domain.dispatching.work import SERVICE, Work
from shared.domain.rules import Cause, Deadline, Hold, State, World, next_version


class DispatchRules:
    """Only dispatch creates, changes and ends tasks."""

    service = SERVICE
    takes_estates = False

    def decide(self, state: State, event: Event, now: datetime, world: World) -> list[Fact] | Hold:
        """Holds what came before its report or its task; passes over what is no concern of dispatch."""
        awaits = _awaits(state, event)
        if awaits:
            return Hold(awaits)
        if not _concerns(state, event):
            return []
        work = Work(state, event, now, world)
        _take(work, event, new=not is_known(state))
        if work.said():
            relieve_former(work)
            settle(work)
        return work.facts

    def evolve(self, state: State, event: Event, now: datetime) -> State:
        return fold(state, event, now)

    def deadlines(self, state: State) -> list[Deadline]:
        return [Deadline(t["name"], t["due"], t["armed_by"]) for t in state.get("timers", ())]

    def refuse(self, state: State, event: Event, now: datetime, world: World) -> list[Fact]:
        """What other services say is not answered."""
        if not isinstance(event, Said):
            return []
        reason = "too_late" if _awaits(state, event) else "too_many"
        common = Cause(SERVICE, event, now, next_version(state)).common("reply.refused", 0)
        refused: list[Fact] = [ReplyRefused(**common, **refusal(event, reason))]
        if isinstance(event, ReportJoined) and not is_known(state):
            refused.append(never_came(state, event, now, world))
        return refused

    def closed_at(self, state: State) -> datetime | None:
        found: datetime | None = state.get("closed_at")
        return found


def _awaits(state: State, event: Event) -> str | None:
    """What an answer needs: its report, and the task that it answers."""
    if isinstance(event, ReportFiled | DeadlinePassed) or type(event) not in _HEARD:
        return None
    if not is_known(state):
        return event.report_id
    if isinstance(event, Reply | LimitExtended | RungReached) and task_of(state, event.task_id) is None:
        return event.task_id
    return None


_HEARD = {*ANSWERS, *AMENDMENTS, RungReached, GradePromoted}


def _concerns(state: State, event: Event) -> bool:
    if isinstance(event, DeadlinePassed):
        live = ((t["name"], t["armed_by"]) for t in state.get("timers", ()))
        return event.owner == SERVICE and (event.name, event.armed_by) in live
    return isinstance(event, ReportFiled) or type(event) in _HEARD


def _take(work: Work, event: Event, new: bool) -> None:
    if isinstance(event, ReportFiled):
        on_filed(work, event) if new else refuse(work, "other_content")
    elif isinstance(event, Reply):
        on_reply(work, event)
    elif isinstance(event, DeadlinePassed):
        on_deadline(work, event)
    elif isinstance(event, RungReached):
        on_rung(work, event)
    elif isinstance(event, GradePromoted):
        if not is_closed(work.state) and not work.state.get("ending"):
            on_promoted(work, event)
    else:
        on_amendment(work, event)
