"""One event taken into one case: again, held, or decided. Pure but for the case it is given."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from shared.contracts.event import Event, Fact
from shared.contracts.history import FAMILY_OF, UnknownType, read_event, write_event
from shared.contracts.replies import DeadlinePassed, Said, TaskNoted
from shared.contracts.reports import ReportFiled
from shared.contracts.topics import topic_of
from shared.domain.rules import Deadline, Hold, Rules, State, World
from shared.platform.cases import Case
from shared.platform.mongo import Document
from shared.platform.records import Outgoing, Taken, outgoing

_HELD = "held."
_MOST_TAKEN = 10_000
_TIMES = {"accepted_at", "occurred_at"}


class Bounds(NamedTuple):
    """Settings of the engine, as lengths of the installation's time."""

    held: timedelta
    facts_kept: timedelta
    most_events: int
    records_kept: int


class Engine(NamedTuple):
    """The rules with the engine's own bounds."""

    rules: Rules
    bounds: Bounds

    def take(self, case: Case, taken: Taken, world: World) -> list[Outgoing]:
        """What is to be published for this record; the same when it comes again. Marks the case when it changed."""
        event, now = taken.event, taken.incoming.at
        if event.event_id in case.taken:
            if isinstance(event, ReportFiled) and content_of(event) != case.content:
                return self._outgoing(case, self._other_content(case, event, now, world), _trace(taken))
            return self._again(case, event)
        if isinstance(event, DeadlinePassed) and not self._live(case, event, now):
            return []
        facts = self._decide(case, event, now, world)
        if not case.changed:
            return []
        facts += self._work_held(case, now, world)
        return self._keep(case, taken, facts, now)

    def _again(self, case: Case, event: Event) -> list[Outgoing]:
        kept = next((p for p in case.produced if p["record"] == event.event_id), None)
        return (
            [_outgoing(self.rules.service, f["value"], f["topic"], kept["trace"]) for f in kept["facts"]]
            if kept
            else []
        )

    def _other_content(self, case: Case, event: ReportFiled, now: datetime, world: World) -> list[Fact]:
        """The same key with other content, taken unchecked while MongoDB was away; refused each time it comes."""
        decided = self.rules.decide(case.state, event, now, world)
        return [] if isinstance(decided, Hold) else decided

    def _live(self, case: Case, event: DeadlinePassed, now: datetime) -> bool:
        """Still armed, and due by the broker's clock too; where the database's runs ahead it is rung again."""
        return event.owner == self.rules.service and any(
            d.name == event.name and d.armed_by == event.armed_by and d.due <= now for d in case.deadlines
        )

    def _decide(self, case: Case, event: Event, now: datetime, world: World) -> list[Fact]:
        if isinstance(event, DeadlinePassed) and event.name.startswith(_HELD):
            return self._give_up(case, event, now, world)
        if isinstance(event, TaskNoted) and len(case.taken) >= self.bounds.most_events:
            return self._refuse(case, event, now, world)
        decided = self.rules.decide(case.state, event, now, world)
        if isinstance(decided, Hold):
            self._hold(case, event, now)
            return []
        return self._fold(case, event, decided, now)

    def _fold(self, case: Case, event: Event, facts: list[Fact], now: datetime) -> list[Fact]:
        state = self.rules.evolve(case.state, event, now)
        if state is not case.state or facts or _must_be_remembered(case, event):
            self._advance(case, event, state, facts, now)
            if isinstance(event, ReportFiled):
                case.content = content_of(event)
        return facts

    def _refuse(self, case: Case, event: Event, now: datetime, world: World) -> list[Fact]:
        """The event itself is not folded: it counts as never said."""
        facts = self.rules.refuse(case.state, event, now, world)
        self._advance(case, event, case.state, facts, now)
        return facts

    def _advance(self, case: Case, event: Event, state: State, facts: list[Fact], now: datetime) -> None:
        for fact in facts:
            state = self.rules.evolve(state, fact, now)
        case.state = {**state, "version": int(case.state.get("version", 0)) + 1}
        case.taken[event.event_id] = None
        case.changed = True

    def _hold(self, case: Case, event: Event, now: datetime) -> None:
        case.held = [*case.held, {"id": event.event_id, "at": now, "value": write_event(event)}]
        case.taken[event.event_id] = None
        case.changed = True

    def _work_held(self, case: Case, now: datetime, world: World) -> list[Fact]:
        """Held events whose time has come, in the order they came; each may make room for another."""
        facts: list[Fact] = []
        progress = True
        while progress and case.held:
            progress = False
            for row in case.held:
                event = _event(row["value"])
                decided = self.rules.decide(case.state, event, now, world)
                if not isinstance(decided, Hold):
                    case.held = [h for h in case.held if h["id"] != row["id"]]
                    facts += self._fold(case, event, decided, now)
                    progress = True
                    break
        return facts

    def _give_up(self, case: Case, passed: DeadlinePassed, now: datetime, world: World) -> list[Fact]:
        row = next(h for h in case.held if h["id"] == passed.armed_by)
        event = _event(row["value"])
        case.held = [h for h in case.held if h["id"] != row["id"]]
        case.taken[passed.event_id] = None
        return self._refuse(case, event, now, world)

    def _keep(self, case: Case, taken: Taken, facts: list[Fact], now: datetime) -> list[Outgoing]:
        records = self._outgoing(case, facts, _trace(taken))
        if records:
            stored = [{"topic": r.topic, "value": r.value} for r in records]
            row = {"record": taken.event.event_id, "at": now, "trace": _trace(taken), "facts": stored}
            case.produced = [*self._still_kept(case, now), {**row, "bell": isinstance(taken.event, DeadlinePassed)}]
        if not case.is_a_reports:
            # An estate's own case never closes; its events come once a day and a device.
            case.taken = dict.fromkeys(list(case.taken)[-_MOST_TAKEN:])
        case.closed_at = self.rules.closed_at(case.state)
        held = [Deadline(_HELD + h["id"].hex, h["at"] + self.bounds.held, h["id"]) for h in case.held]
        case.deadlines = [*self.rules.deadlines(case.state), *held]
        return records

    def _outgoing(self, case: Case, facts: list[Fact], trace: str | None) -> list[Outgoing]:
        """On the topics of the case's lane, which an estate's own key does not say."""
        service = self.rules.service
        topics = (topic_of(FAMILY_OF[f.type], case.lane) for f in facts)
        return [outgoing(fact, topic, service, trace) for fact, topic in zip(facts, topics, strict=True)]

    def _still_kept(self, case: Case, now: datetime) -> list[Document]:
        """Young facts, and not too many: a neglected case rings for days and must stay below MongoDB's 16 MB.

        A deadline that comes again after its facts are gone is no longer live, so its id need not be kept either.
        """
        kept = [p for p in case.produced if p["at"] > now - self.bounds.facts_kept][-self.bounds.records_kept :]
        if len(kept) < len(case.produced):
            still = {p["record"] for p in kept}
            for gone in (p for p in case.produced if p["bell"] and p["record"] not in still):
                case.taken.pop(gone["record"], None)
        return kept


def _must_be_remembered(case: Case, event: Event) -> bool:
    """What people said counts once, even where it changed nothing: by its next coming the case may differ."""
    return isinstance(event, Said) and bool(case.state)


def content_of(filed: ReportFiled) -> bytes:
    """What a repeated request has in common with the first one: all but the times of its acceptance."""
    return sha256(filed.__pydantic_serializer__.to_json(filed, exclude=_TIMES, exclude_none=True)).digest()[:16]


def _trace(taken: Taken) -> str | None:
    return taken.incoming.headers.get("traceparent")


def _event(value: bytes) -> Event:
    event = read_event(value)
    if isinstance(event, UnknownType):
        raise ValueError(f"a held event of unknown type {event.type}")
    return event


def _outgoing(service: str, value: bytes, topic: str, trace: str | None) -> Outgoing:
    return outgoing(_event(value), topic, service, trace)
