"""A playbook looked up by what happens: built once for each playbook, since a report is decided in microseconds."""

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from shared.domain.playbooks.format import Notice, NoticeOn, OpensAfter, Playbook, Step
from shared.domain.same import Same


class Waiting(NamedTuple):
    """A notice's row, and its place in the notice."""

    notice: Notice
    place: int
    row: NoticeOn


class Lookup(NamedTuple):
    """`opened_by`: steps by event and value. `after`: timed openings by step and outcome. `at_once`, `timed`:
    notices by the event they wait for. `patient`: steps that may have to wait for others.
    """

    opened_by: dict[tuple[str, str | None], tuple[Step, ...]]
    after: dict[tuple[str, str | None], tuple[tuple[Step, OpensAfter], ...]]
    at_once: dict[str, tuple[Waiting, ...]]
    timed: dict[str, tuple[Waiting, ...]]
    patient: tuple[Step, ...]


def lookup(playbook: Playbook) -> Lookup:
    return _build(Same(playbook))


@lru_cache(maxsize=1024)
def _build(key: Same[Playbook]) -> Lookup:
    playbook = key.it
    opened_by: dict[tuple[str, str | None], list[Step]] = defaultdict(list)
    after: dict[tuple[str, str | None], list[tuple[Step, OpensAfter]]] = defaultdict(list)
    for step in playbook.steps.values():
        for event, value in dict.fromkeys((row.event, row.value) for row in step.opens_on):
            opened_by[event, value].append(step)
        for row in step.opens_after:
            after[row.step, row.outcome].append((step, row))
    rows = [Waiting(n, place, row) for n in playbook.notices.values() for place, row in enumerate(n.on)]
    return Lookup(
        {on: tuple(steps) for on, steps in opened_by.items()},
        {on: tuple(found) for on, found in after.items()},
        _by_event([w for w in rows if w.row.after is None]),
        _by_event([w for w in rows if w.row.after is not None]),
        tuple(step for step in playbook.steps.values() if step.needs or step.last),
    )


def _by_event(rows: list[Waiting]) -> dict[str, tuple[Waiting, ...]]:
    return {event: tuple(w for w in rows if w.row.event == event) for event in {w.row.event for w in rows}}
