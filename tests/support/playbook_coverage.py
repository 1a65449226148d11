"""What the tests of a session reached of each playbook: steps, outcomes, notices, and what the clock brings.

Filled from every rehearsal of the rules (`tests/conftest.py`) and from what journeys read at the register.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from shared.contracts.event import Event, Fact
from shared.contracts.ids import parse_report_id, parse_task_id
from shared.contracts.vocabulary import Category
from shared.domain.playbooks.format import Playbook
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.playbooks.mistakes import PlaybookMistake
from shared.domain.rehearsing import Rehearsal

ENGINE = {"rung": "device_or_rung_silent"}
"""Notices of escalation's own that stand in a playbook for their words."""


class Part(NamedTuple):
    """One thing a playbook says: `kind` is step, outcome, notice, clock or limit."""

    kind: str
    name: str

    def __str__(self) -> str:
        return self.name


KINDS = ("step", "outcome", "notice", "clock", "limit")
NAMED = 12
"""So many that were never reached are named in a line of the table; a run of one file reaches little."""


def beyond(book: Playbook) -> set[Part]:
    """What a class has from the common steps and can never come to."""
    rows = [row for step in book.steps.values() for row in step.outcomes.values()]
    return {Part("notice", "reopened")} if not any(row.reopens for row in rows) else set()


class Coverage:
    """Parts of playbooks by class, each once."""

    def __init__(self) -> None:
        self.reached: dict[Category, set[Part]] = {}

    def see(self, events: Iterable[Event]) -> None:
        """What was said or rang and what was decided of it; what was refused reaches nothing."""
        events = list(events)
        for event in () if any(e.type == "reply.refused" for e in events) else events:
            self._take(event.type, vars(event))

    def see_documents(self, bodies: Iterable[Mapping[str, Any]]) -> None:
        """The same as the register's log has it."""
        for body in bodies:
            self._take(body["type"], body)

    def _take(self, type_name: str, body: Mapping[str, Any]) -> None:
        parts = _READ.get(type_name)
        if parts and body.get("report_id"):
            category = parse_report_id(body["report_id"]).category
            self.reached.setdefault(category, set()).update(parts(body))


# ---- what an event shows -----------------------------------------------------


def _assigned(body: Mapping[str, Any]) -> Iterator[Part]:
    yield Part("notice" if body.get("only_ack") else "step", body["step"])


def _ended(body: Mapping[str, Any]) -> Iterator[Part]:
    yield Part("outcome", f"{parse_task_id(body['task_id']).step}.{body['outcome']}")


def _handed_on(body: Mapping[str, Any]) -> Iterator[Part]:
    """To a person by name is no outcome. A second time it is noted in the words of whoever said it."""
    if body.get("to_role") or body.get("to_department"):
        yield Part("outcome", f"{parse_task_id(body['task_id']).step}.hand_on")


def _noted(body: Mapping[str, Any]) -> Iterator[Part]:
    """An outcome that leaves its step open is noted by its name; other notes name no outcome of the step."""
    if body["what"] == "noted" and body.get("note"):
        yield Part("outcome", f"{parse_task_id(body['task_id']).step}.{body['note']}")


def _issued(body: Mapping[str, Any]) -> Iterator[Part]:
    yield Part("notice", ENGINE.get(body["name"], body["name"]))


def _limit(body: Mapping[str, Any]) -> Iterator[Part]:
    yield Part("limit", f"{parse_task_id(body['task_id']).step}.{body['clock']}")


def _rang(body: Mapping[str, Any]) -> Iterator[Part]:
    if body["owner"] == "dispatch":
        yield Part("clock", clock_of(body["name"]))


def clock_of(timer: str) -> str:
    """A timer's name without the number of its task: `timed.tell_leader-1` is `timed.tell_leader`."""
    return ".".join(part.partition("-")[0] for part in timer.split("."))


_READ = {
    "task.assigned": _assigned,
    "task.ended": _ended,
    "task.changed": _noted,
    "notice.issued": _issued,
    "limit.passed": _limit,
    "deadline.passed": _rang,
    "reply.handed_on": _handed_on,
}


# ---- all there is --------------------------------------------------------------


def parts_of(book: Playbook) -> set[Part]:
    """Everything of the class that some test is to reach; `cancelled` and `impossible` belong to every step."""
    return {*_said(book), *(Part("clock", name) for name in _clocks(book))} - beyond(book)


def _said(book: Playbook) -> Iterator[Part]:
    for step in book.steps.values():
        yield Part("step", step.id)
        yield from (Part("outcome", f"{step.id}.{name}") for name in {**step.outcomes, **book.always})
        yield from (Part("limit", f"{step.id}.{row.clock}") for row in step.limits)
    yield from (Part("notice", name) for name in book.notices)


def _clocks(book: Playbook) -> Iterator[str]:
    for step in book.steps.values():
        yield from (f"timed.{step.id}" + (f".{n}" if n else "") for n in range(len(step.timed)))
        yield from (f"opens.{step.id}.{row.step}" for row in step.opens_after)
        if step.check_every:
            yield f"check.{step.id}"
    for notice in book.notices.values():
        for n, row in enumerate(notice.on):
            if row.after is not None:
                yield f"notice.{notice.id}.{n}" + (f".{row.step}" if row.step else "")
    if book.grading.without_place_after:
        yield "grade.no_place"


# ---- the table -------------------------------------------------------------------

SESSION = Coverage()
"""What this run of the tests has reached."""


@contextmanager
def watching() -> Iterator[None]:
    """Every rehearsal of the rules fills `SESSION`, whoever plays it."""
    patch, fold = pytest.MonkeyPatch(), Rehearsal._fold

    def seen(self: Rehearsal, service: str, case: Any, event: Event, facts: list[Fact], at: Any) -> list[Fact]:
        SESSION.see([event, *facts])
        return fold(self, service, case, event, facts, at)

    patch.setattr(Rehearsal, "_fold", seen)
    yield
    patch.undo()


def table(seen: Coverage) -> list[str]:
    """One line a class that was played at all, and below it what was never reached."""
    lines: list[str] = []
    try:
        books = load_playbooks().by_category if seen.reached else {}
    except PlaybookMistake as mistake:
        return [f"not to be told: {mistake}"]
    for category, book in sorted(books.items()):
        reached, there = seen.reached.get(category, set()), parts_of(book)
        if reached:
            lines.append(f"{category:<10} " + "  ".join(_share(kind, there, reached) for kind in KINDS))
            lines += [f"           never: {kind} {names}" for kind, names in _never(there - reached)]
    return lines


def _share(kind: str, there: set[Part], reached: set[Part]) -> str:
    mine = {part for part in there if part.kind == kind}
    return f"{kind}s {len(mine & reached)}/{len(mine)}"


def _never(parts: set[Part]) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        names = sorted(part.name for part in parts if part.kind == kind)
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        if names:
            yield kind, ", ".join(names[:NAMED]) + more
