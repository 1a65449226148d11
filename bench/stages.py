"""Where the time goes inside a process: the steps of one inquiry, each timed alone, without Kafka and MongoDB."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

from bench.estate import estate, inquiry, record
from bench.evening import events
from shared.contracts.history import read_event
from shared.contracts.reports import ReportFiled
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.folding import as_document, fold
from shared.domain.rules import World
from shared.platform.cases import Case
from shared.platform.deciding import Bounds, Engine
from shared.platform.records import Incoming, Taken, outgoing

_OPTIONS: CodecOptions[dict[str, object]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
Step = tuple[str, Callable[[], object]]
_BOUNDS = Bounds(held=timedelta(minutes=10), facts_kept=timedelta(days=1), most_events=2000, records_kept=1000)


def measured(times: int) -> list[str]:
    """Lines of a list, in microseconds a report or an event."""
    return [*_dispatch(times), *_register(times)]


def _dispatch(times: int) -> list[str]:
    filed = [inquiry() for _ in range(times)]
    taken = [_taken(one) for one in filed]
    world, rules = World(estate(), load_playbooks()), DispatchRules()
    engine, cases = Engine(rules, _BOUNDS), [_case(one) for one in filed]
    facts = rules.decide({}, filed[0], filed[0].accepted_at, world)
    assert isinstance(facts, list)
    steps: list[Step] = [
        ("reading the record", lambda: [read_event(t.incoming.value) for t in taken]),
        ("deciding", lambda: [rules.decide({}, one, one.accepted_at, world) for one in filed]),
        ("writing the facts as records", lambda: [outgoing(f, "", "dispatch") for _ in filed for f in facts]),
        (
            "the engine: both, and folding",
            lambda: [engine.take(c, t, world) for c, t in zip(cases, taken, strict=True)],
        ),
        (
            "encoding the case for MongoDB",
            lambda: [bson.encode(_document(c), codec_options=_OPTIONS) for c in cases],
        ),
    ]
    return ["Dispatch, an inquiry with its two facts, alone in one process:", "", *_timed(steps, times), ""]


def _taken(filed: ReportFiled) -> Taken:
    return Taken(Incoming("", 0, 0, filed.report_id, record(filed).value, {}, filed.accepted_at), filed)


def _case(filed: ReportFiled) -> Case:
    return Case(id=filed.report_id, lane=filed.lane, estate=filed.estate_id)


def _document(case: Case) -> dict[str, object]:
    return {"state": case.state, "taken": list(case.taken), "produced": case.produced}


def _register(times: int) -> list[str]:
    mix = events(times)
    stories: dict[str, list[dict[str, Any]]] = {}
    for event in mix:
        stories.setdefault(event.report_id, []).append(as_document(event))
    values = [record(event).value for event in mix]
    steps: list[Step] = [
        ("reading the record", lambda: [read_event(value) for value in values]),
        ("making the log's document", lambda: [as_document(event) for event in mix]),
        ("folding each report's row once", lambda: [fold(report, said) for report, said in stories.items()]),
    ]
    title = f"Register, an event of the mix ({len(mix) / len(stories):.0f} events a report):"
    return [title, "", *_timed(steps, len(mix))]


def _timed(steps: Sequence[Step], per: int) -> list[str]:
    lines = []
    for name, work in steps:
        began = time.perf_counter()
        work()
        lines.append(f"- {name}: {(time.perf_counter() - began) / per * 1e6:,.0f} µs")
    return lines
