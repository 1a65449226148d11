"""A realistic mix of events, by playing the rules through: reports, tasks, answers, rungs, completions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.estate import estate, inquiry, medical
from shared.contracts.event import Event, Speaker
from shared.contracts.ids import fact_id
from shared.contracts.replies import TaskAcknowledged, TaskArrived, TaskNoted
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import TaskAssigned
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.rules import EscalationRules
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.rehearsing import Rehearsal

_MEDICAL_EVERY = 5
_SILENT_EVERY = 4
_WAIT = timedelta(seconds=90)


def events(wanted: int) -> list[Event]:
    """At least so many, in the order in which they were said; reports overlap by a hundred."""
    stories: list[list[Event]] = []
    total, playbooks = 0, load_playbooks()
    while total < wanted:
        stories.append(list(_story(len(stories), playbooks)))
        total += len(stories[-1])
    return [event for group in _groups(stories) for event in group]


def _groups(stories: list[list[Event]], size: int = 100) -> Iterator[list[Event]]:
    for start in range(0, len(stories), size):
        some = stories[start : start + size]
        for step in range(max(map(len, some))):
            yield [story[step] for story in some if step < len(story)]


def _story(number: int, playbooks: Playbooks) -> Iterator[Event]:
    filed = medical() if number % _MEDICAL_EVERY == 0 else inquiry()
    play = Rehearsal((DispatchRules(), EscalationRules()), (estate(),), playbooks)
    facts = play.feed(filed, filed.accepted_at)
    yield filed
    yield from facts
    if number % _SILENT_EVERY:
        for said in _answers(filed, [f for f in facts if isinstance(f, TaskAssigned)]):
            yield said
            yield from play.feed(said, said.accepted_at)
    else:
        yield from play.advance(filed.accepted_at + _WAIT)


def _answers(filed: ReportFiled, tasks: list[TaskAssigned]) -> Iterator[Event]:
    """Everybody acknowledges; who was sent somewhere arrives; the first one also notes something."""
    for place, task in enumerate(tasks):
        yield TaskAcknowledged(**_said(filed, task, "ack", 5 + place))
        if filed.lane == "emergency":
            yield TaskArrived(**_said(filed, task, "arrive", 60 + place))
        if place == 0:
            yield TaskNoted(**_said(filed, task, "note", 120), note="已电话回复住户，约好下午再看")


def _said(filed: ReportFiled, task: TaskAssigned, what: str, seconds: int) -> dict[str, Any]:
    at = filed.accepted_at + timedelta(seconds=seconds)
    return {
        "event_id": fact_id("bench", task.event_id, what, 0),
        "report_id": filed.report_id,
        "estate_id": filed.estate_id,
        "occurred_at": at,
        "accepted_at": at,
        "by": Speaker(role=task.to.role, person=task.to.person),
        "task_id": task.task_id,
    }
