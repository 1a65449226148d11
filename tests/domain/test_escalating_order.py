"""Topics are read in no common order, and any record may come twice: escalation must not care (ARCHITECTURE)."""

from copy import deepcopy
from typing import Any
from uuid import uuid5

import pytest
from bson import decode, encode
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.escalations import RungReached
from shared.contracts.event import Event
from shared.contracts.ids import NAMESPACE
from shared.domain.escalating.rules import EscalationRules
from shared.domain.escalating.state import is_open
from shared.domain.rules import Deadline
from tests.support.escalation_case import EVERYBODY, EscalationCase, at

TASKS = ("go.1", "go.2", "visit.1")
WHAT = (
    "ack",
    "arrive",
    "started",
    "acked",
    "decline",
    "hand_over",
    "limit",
    "undelivered",
    "end",
    "withdraw",
    "place",
)
Step = tuple[str, str, str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(TASKS), st.sampled_from(WHAT), st.sampled_from(("ann", "ben", "lee")), st.integers(0, 90)
    ),
    max_size=12,
)


def history(case: EscalationCase, plan: list[Step]) -> list[Event]:
    """A report, three tasks, then what was drawn, in the order it happened; nothing is said of an ended task."""
    events: list[Event] = [case.filed()]
    events += [
        case.assigned("go.1", "guard", "ann", ack_wait=30, arrive_by=at(240)),
        case.assigned("go.2", "guard", "ben", ack_wait=30, finish_by=at(600)),
        case.assigned("visit.1", "customer_assistant", "amy", finish_by=at(9_000)),
    ]
    now, over = 0.0, set()
    for task, what, person, later in plan:
        now += later
        if task not in over:
            events.append(happened(case, task, what, person, now, len(events)))
        if what in ("end", "withdraw"):
            over.add(task)
    return [*events, *([case.closed(now)] if over == set(TASKS) else [])]


def happened(case: EscalationCase, task: str, what: str, person: str, now: float, n: int) -> Event:
    to = {"role": "guard", "person": person}
    match what:
        case "ack":
            return case.acknowledged(task, person, "guard", now)
        case "arrive":
            return case.arrived(task, person, "guard", now)
        case "started":
            return case.changed(task, "started", now, by=to)
        case "acked":
            said = case.acknowledged(task, person, "guard", now)
            return case.changed(task, "acknowledged", now, by=to, because_of=said.event_id)
        case "decline":
            return case.changed(task, "declined", now, to=to)
        case "hand_over":
            return case.changed(task, "handed_over", now, to=to)
        case "limit":
            return case.changed(task, "limit", now, finish_by=at(now + 700), arrive_by=at(now + 100))
        case "undelivered":
            return case.undelivered(task, uuid5(NAMESPACE, f"message {n}"), now)
        case "end":
            return case.ended(task, now)
        case "withdraw":
            return case.withdrawn(task, now)
    return case.place_changed("5栋", f"B{n}", now)


def folded(events: list[Event]) -> dict[str, Any]:
    rules, state = EscalationRules(), {}
    for event in events:
        before = deepcopy(state)
        after = rules.evolve(state, event, event.accepted_at)
        assert state == before
        state = after
    return state


def live(state: dict[str, Any]) -> set[Deadline]:
    return set(EscalationRules().deadlines(state))


@settings(max_examples=150, deadline=None)
@given(plan=steps, data=st.data())
def test_any_order_and_repetition_gives_the_same_state(plan: list[Step], data: st.DataObject) -> None:
    events = history(EscalationCase(), plan)
    again = data.draw(st.lists(st.sampled_from(events), max_size=6))
    other = data.draw(st.permutations([*events, *again]))
    state, shuffled = folded(events), folded(list(other))
    assert live(shuffled) == live(state)
    assert shuffled == state
    assert EscalationRules().closed_at(shuffled) == EscalationRules().closed_at(state)


@settings(max_examples=100, deadline=None)
@given(
    plan=steps,
    holders=st.dictionaries(
        st.sampled_from(list(EVERYBODY)),
        st.lists(st.sampled_from(("ann", "ben", "lee", "dan")), unique=True).map(tuple),
    ),
)
def test_no_open_task_is_ever_without_a_deadline(plan: list[Step], holders: dict[str, tuple[str, ...]]) -> None:
    """Whoever is on duty and whatever is answered; while no clock starts anew nobody is a new rung to himself."""
    case = EscalationCase(EVERYBODY | holders)
    for event in history(case, plan):
        case.hear(event)
        assert_guarded(case)
    for seconds in (60, 700, 4_000):
        case.run_until(case.now + (at(seconds) - at(0)))
        assert_guarded(case)
    if not {"decline", "hand_over", "limit"} & {what for _, what, _, _ in plan}:
        assert_nobody_asked_twice(case)


def assert_guarded(case: EscalationCase) -> None:
    due = {d.name.split(".", 1)[-1] for d in case.deadlines if d.due >= case.now}
    tasks = case.state.get("tasks", {}).values()
    assert {".".join(t["id"].rsplit(".", 2)[1:]) for t in tasks if is_open(t)} <= due


def assert_nobody_asked_twice(case: EscalationCase) -> None:
    asked: set[tuple[str, str, str]] = set()
    for fact in case.facts:
        if isinstance(fact, RungReached):
            these = {(fact.task_id, fact.clock, person) for person in fact.persons}
            assert fact.turn > 1 or not asked & these
            asked |= these


@pytest.mark.parametrize(
    "order", [("ack", "assigned"), ("assigned", "ack"), ("ack", "ack", "assigned", "ack", "assigned")]
)
def test_an_acknowledgement_counts_wherever_it_is_read(order: tuple[str, ...]) -> None:
    case = EscalationCase()
    events: dict[str, Event] = {
        "ack": case.acknowledged("go.1", "ann", "guard", 1),
        "assigned": case.assigned("go.1", "guard", "ann", 2, ack_wait=30, finish_by=at(900)),
    }
    for name in order:
        case.take(events[name])
    assert case.live == {"finish.go.1": 900}


def test_an_end_read_before_the_assignment_is_a_tombstone() -> None:
    case = EscalationCase()
    assigned, ended = case.assigned("go.1", "guard", "ann", ack_wait=30), case.ended("go.1", 5)
    case.take(ended)
    case.take(assigned)
    case.take(case.acknowledged("go.1", "ann", "guard", 6))
    assert case.live == {}
    assert case.run(100) == []


def test_an_ended_task_opens_again_by_a_later_version_only() -> None:
    case = EscalationCase()
    ended = case.ended("go.1", 5, version=4)
    case.hear(case.assigned("go.1", "guard", "ann", version=3, ack_wait=30), ended)
    case.hear(case.assigned("go.1", "guard", "ben", 10, version=2, ack_wait=30))
    assert case.live == {}
    case.take(case.assigned("go.1", "guard", "ben", 20, version=5, ack_wait=30, finish_by=at(900)))
    assert case.live == {"ack.go.1": 50, "finish.go.1": 900}
    case.take(case.acknowledged("go.1", "ben", "guard", 30))
    assert case.live == {"finish.go.1": 900}


def test_an_end_read_after_its_reopening_voids_what_was_answered_before() -> None:
    case = EscalationCase()
    ended = case.ended("go.1", 5, version=4)
    case.take(case.acknowledged("go.1", "ann", "guard", 3))
    case.take(case.assigned("go.1", "guard", "ben", 20, version=5, ack_wait=30, finish_by=at(900)))
    assert case.live == {"finish.go.1": 900}
    case.take(ended)
    assert case.live == {"ack.go.1": 50, "finish.go.1": 900}


def test_an_answer_of_the_former_holder_does_not_count_for_the_next() -> None:
    case = EscalationCase()
    for event in (
        case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)),
        case.changed("go.1", "declined", 10, to={"role": "guard", "person": "ben"}),
        case.acknowledged("go.1", "ann", "guard", 9),
    ):
        case.take(event)
    assert case.live == {"ack.go.1": 40, "finish.go.1": 900}


@pytest.mark.parametrize("first", ["reply", "fact"])
def test_a_reply_and_dispatchs_word_of_it_are_one_answer(first: str) -> None:
    """Dispatch's order decides where times do not; the speaker is the reply's."""
    case = EscalationCase()
    case.take(case.assigned("go.1", "guard", "ann", ack_wait=30, arrive_by=at(240), finish_by=at(900)))
    case.take(case.changed("go.1", "handed_over", 10, to={"role": "guard", "person": "ben"}))
    reply = case.arrived("go.1", "lee", "shift_leader", 10)
    assert case.live["ack.go.1"] == 40
    facts = [
        case.changed("go.1", what, 10, by={"role": "guard", "person": "ben"}, because_of=reply.event_id)
        for what in ("arrived", "acknowledged")
    ]
    for event in [reply, *facts] if first == "reply" else [*facts, reply]:
        case.take(event)
    assert case.live == {"finish.go.1": 900}
    assert case.run(900)[-1] == "900 notice reminder lee"


def test_an_answer_at_the_instant_of_the_decline_was_the_former_holders() -> None:
    case = EscalationCase()
    case.take(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)))
    case.take(case.acknowledged("go.1", "ann", "guard", 10))
    case.take(case.changed("go.1", "declined", 10, to={"role": "guard", "person": "ben"}))
    assert case.live["ack.go.1"] == 40


def test_what_comes_late_to_an_ended_task_leaves_nothing_behind() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30), case.ended("go.1", 5))
    before = case.state
    case.hear(case.acknowledged("go.1", "ann", "guard", 6), case.changed("go.1", "acknowledged", 6, late=True))
    assert case.state is before


def test_an_old_deadline_arms_nothing_and_says_nothing() -> None:
    case = EscalationCase()
    case.hear(case.filed()).run(29)
    ring = case.passed(case.deadlines[0])
    case.run(59)
    assert case.rules.decide(case.state, ring, at(59), case.world) == []
    case.hear(case.assigned("go.1", "guard", "ann", 59)).run(59)
    ask = case.passed(case.deadlines[0])
    case.run(4000)
    assert case.rules.decide(case.state, ask, at(4000), case.world) == []
    assert case.rules.evolve(case.state, ask, at(4000)) is case.state


def test_a_deadline_that_is_no_longer_live_says_nothing() -> None:
    case = EscalationCase()
    case.hear(case.filed(), case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)))
    passed = case.passed(next(d for d in case.deadlines if d.name == "ack.go.1"))
    case.hear(case.acknowledged("go.1", "ann", "guard", 5))
    case.take(passed)
    assert case.facts == []


def test_facts_carry_the_cases_version_and_their_place() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900))).run(60)
    assert [(f.case_version, f.index) for f in case.facts] == [
        (1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    assert len({f.event_id for f in case.facts}) == len(case.facts)


def test_the_state_survives_the_database() -> None:
    case = EscalationCase()
    case.hear(case.filed(), case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(300)))
    case.hear(case.acknowledged("go.1", "lee", "shift_leader", 45)).run(2_000)
    options: CodecOptions[dict[str, Any]] = CodecOptions(
        tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
    )
    assert decode(encode(case.state, codec_options=options), codec_options=options) == case.state
