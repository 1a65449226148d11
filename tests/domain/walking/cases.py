"""Where a walk begins, and how it goes two ways from one case."""

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import time
from typing import Any, get_args

from shared.contracts.escalations import LimitPassed
from shared.contracts.event import Fact
from shared.contracts.vocabulary import KINDS, Form, Grade, Role, Urgency, Weather
from shared.domain.estates.roster import Estate, Person
from shared.domain.estates.rows import Shift
from shared.domain.playbooks.format import Playbook
from shared.domain.rehearsing import Played, Ring
from tests.domain.evenings import CODE, HOME, Evening
from tests.support.estate import an_estate
from tests.support.playbook_coverage import Part, clock_of

OTHER = "2" * 32


def everybody() -> Estate:
    """Every role held by somebody, so that no clock is passed over for want of anybody."""
    estate = an_estate(CODE)
    roles: tuple[Role, ...] = ("department_head",)
    shift = Shift(persons=("keeper-1",), roles=roles, department="engineering", start=time(0), end=time(0))
    people = (*estate.people, Person(id="keeper-1", name="姓名"))
    return estate.model_copy(update={"shifts": (*estate.shifts, shift), "people": people})


def filings(book: Playbook) -> Iterator[dict[str, Any]]:
    """One for everything that may make a difference when a report is filed."""
    helps = {on.value for s in book.steps.values() for on in s.opens_on if on.event == "help"}
    yield {}
    yield dict(HOME)
    for kind in sorted(KINDS.get(book.playbook, ())):
        yield {**HOME, "kind": kind}
    for form in get_args(Form):
        yield {**HOME, "form": form}
    for urgency in get_args(Urgency):
        yield {**HOME, "urgency": urgency}
    for weather in get_args(Weather):
        for kind in (None, *sorted(KINDS.get(book.playbook, ()))):
            yield {**HOME, "weather": weather, "kind": kind}
    for one in sorted(h for h in helps if h):
        yield {**HOME, "help": (one,)}
    yield {**HOME, "help": tuple(sorted(h for h in helps if h))}
    for grade in get_args(Grade):
        yield {**HOME, "grade": grade}
    yield {**HOME, "drill": True, "help": tuple(sorted(h for h in helps if h))}
    yield {**HOME, "same_event_as": f"emergency.medical.qinghe.{OTHER}"}


def filed_events(book: Playbook, evening: Evening) -> Iterator[tuple[str, str | None]]:
    """What happened by the filing; the entries of a kind take the place of those of every report."""
    filed, state = evening.filed, evening.state
    if filed.same_event_as:
        yield "linked", None
        return
    by_kind = any(on.event == "kind" and on.value == filed.kind for s in book.steps.values() for on in s.opens_on)
    if not (filed.kind and by_kind):
        yield "filed", None
    yield "form", filed.form or book.default_form.get(filed.channel, "oral")
    for event, value in (("kind", filed.kind), ("urgency", filed.urgency), ("weather", filed.weather)):
        if value:
            yield event, value
    yield from (("help", one) for one in filed.help)
    if state["grade"] == "major":
        yield "major", None


def fork(evening: Evening) -> Evening:
    """The same case to be played on in another way; states are never changed in place."""
    other, play = copy(evening), copy(evening.play)
    play.cases = {name: _copied(case) for name, case in evening.play.cases.items()}
    play.facts = []
    other.play = play
    return other


def _copied(case: Played) -> Played:
    other = Played()
    other.state, other.taken = case.state, set(case.taken)
    other.held, other.deadlines = list(case.held), list(case.deadlines)
    return other


def part_of(ring: Ring) -> Part:
    if ring.service == "dispatch":
        return Part("clock", clock_of(ring.name))
    clock, _, task = ring.name.partition(".")
    return Part("limit", f"{task.partition('.')[0]}.{clock}")


def passed(facts: Iterable[Fact], ring: Ring) -> bool:
    task = ring.name.partition(".")[2]
    return any(isinstance(f, LimitPassed) and f.task_id.endswith("." + task) for f in facts)
