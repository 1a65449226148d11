"""What was called for against what is there: each thing once, nothing missing, nothing besides. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from shared.contracts.escalations import LimitPassed, ReportUnassigned, RungReached, RungSkipped
from shared.contracts.event import Event
from shared.contracts.notices import NoticeIssued
from shared.contracts.tasks import TaskAssigned


class Called(NamedTuple):
    """One task, notice or step of a ladder, by what it is and not by its event's id: so doubles are found."""

    what: str
    report_id: str
    task_id: str
    name: str
    role: str


class Difference(NamedTuple):
    """How often something was called for, and how often it is there."""

    called: Called
    wanted: int
    found: int


def called_for(events: Iterable[Event]) -> Counter[Called]:
    """Everything that the playbooks call for; what else stands among the events is passed over."""
    return Counter(called for event in events if (called := _called(event)))


def differences(wanted: Counter[Called], found: Counter[Called]) -> list[Difference]:
    """Empty when everything called for is there once and nothing besides."""
    every = sorted(wanted.keys() | found.keys())
    return [Difference(one, wanted[one], found[one]) for one in every if wanted[one] != found[one]]


def without_ladders(calls: Counter[Called], tasks: Collection[str | None]) -> Counter[Called]:
    """All but the rungs of these tasks, those skipped, and who was told of them."""
    return Counter({c: times for c, times in calls.items() if c.task_id not in tasks or not _is_of_ladder(c)})


def _is_of_ladder(called: Called) -> bool:
    return called.what.startswith("rung") or (called.what == "notice" and called.name.startswith("rung "))


def by_report(calls: Counter[Called]) -> dict[str, Counter[Called]]:
    """Reports are independent of one another: each is right or wrong by itself."""
    found: dict[str, Counter[Called]] = {}
    for called, times in calls.items():
        found.setdefault(called.report_id, Counter())[called] = times
    return found


def _called(event: Event) -> Called | None:
    if isinstance(event, TaskAssigned):
        return Called("task", event.report_id, event.task_id, event.step, event.to.role)
    if isinstance(event, NoticeIssued):
        name = f"{event.name} → {event.to.person or '-'}"
        return Called("notice", event.report_id, event.task_id or "", name, event.to.role)
    if isinstance(event, RungReached):
        name = f"{event.clock} {event.rung}/{event.turn}"
        return Called("rung", event.report_id, event.task_id, name, event.role)
    if isinstance(event, RungSkipped):
        return Called("rung skipped", event.report_id, event.task_id, f"{event.clock} {event.rung}", event.role)
    if isinstance(event, LimitPassed):
        return Called("limit passed", event.report_id, event.task_id, event.clock, "")
    return Called("unassigned", event.report_id, "", "", "") if isinstance(event, ReportUnassigned) else None
