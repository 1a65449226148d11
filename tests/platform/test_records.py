"""Records as they go to Kafka: CloudEvents 1.0 in its Kafka binding, and one trace from call to register."""

import json
import re
from datetime import datetime

import pytest

from cli.docs import recorded
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.event import Event
from shared.contracts.history import UnknownType, read_event
from shared.platform.records import Outgoing, is_said_by_people, outgoing
from tests.support.events import a_note, a_report

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
EXAMPLES = recorded("examples")
EVENTS = sorted(name for name in EXAMPLES if not name.startswith("door."))
REQUIRED = {"ce_specversion", "ce_id", "ce_type", "ce_source"}
"""What CloudEvents 1.0 demands; its Kafka binding puts `ce_` before each, and the content's type without it."""


def header(record: Outgoing, name: str) -> str:
    return dict(record.headers)[name].decode("utf-8")


def example(name: str) -> Event:
    event = read_event(json.dumps(EXAMPLES[name]).encode())
    assert not isinstance(event, UnknownType)
    return event


def test_the_headers_are_those_of_the_kafka_binding() -> None:
    report = a_report(text="老人摔倒", place="3栋1单元1201")
    record = outgoing(report, "reports.medical.emergency", "intake")
    names = [name for name, _ in record.headers]
    assert len(set(names)) == len(names)
    assert set(names) > REQUIRED
    assert {n for n in names if not n.startswith("ce_")} == {"content-type", "traceparent"}
    assert header(record, "ce_specversion") == "1.0"
    assert header(record, "ce_id") == str(report.event_id)
    assert header(record, "ce_type") == "report.filed"
    assert header(record, "ce_source") == "/baoshi/intake"
    assert header(record, "ce_subject") == record.key == report.report_id
    assert datetime.fromisoformat(header(record, "ce_time")) == report.occurred_at
    assert header(record, "content-type") == "application/json"


def test_the_headers_are_those_that_the_document_promises() -> None:
    promised = asyncapi_document(EXAMPLES, "kafka")["components"]["schemas"]["CloudEventHeaders"]["required"]
    record = outgoing(a_report(), "reports.medical.emergency", "intake")
    assert [name for name, _ in record.headers] == promised


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_goes_out_and_comes_back(name: str) -> None:
    event = example(name)
    record = outgoing(event, "tasks.emergency", "dispatch")
    assert read_event(record.value) == event
    assert record.key == event.key == header(record, "ce_subject")


def test_an_event_of_no_report_has_its_estates_key() -> None:
    record = outgoing(a_note("", estate="lanting"), "replies.routine", "intake")
    assert record.key == header(record, "ce_subject") == "estate.lanting"


def test_the_trace_goes_on_over_every_hop_and_each_hop_is_a_span_of_its_own() -> None:
    report = a_report()
    hops = [outgoing(report, "reports.medical.emergency", "intake")]
    for service in ("dispatch", "escalation", "register"):
        before = header(hops[-1], "traceparent")
        hops.append(outgoing(a_note(report.report_id), "tasks.emergency", service, before))
    found = [TRACEPARENT.fullmatch(header(hop, "traceparent")) for hop in hops]
    assert all(found)
    assert {f[1] for f in found if f} == {report.event_id.hex}
    assert len({f[2] for f in found if f}) == len(hops)


@pytest.mark.parametrize(
    "given", [None, "", "00", "00-xyz", "00-1-2-3-4", "00-zz-1-01", "00-" + "0" * 32 + "-1-01", "a-b-c-d"]
)
def test_a_trace_that_is_none_starts_anew(given: str | None) -> None:
    """Whoever sends a broken or an empty one must not break ours."""
    report = a_report()
    found = TRACEPARENT.fullmatch(
        header(outgoing(report, "reports.medical.emergency", "intake", given), "traceparent")
    )
    assert found and found[1] == report.event_id.hex


BY_PEOPLE = ("reply.", "amendment.", "handover.", "report.f", "report.j")


def test_what_people_said_is_told_from_what_services_decided() -> None:
    people = {n for n in EVENTS if is_said_by_people(example(n))}
    assert people == {n for n in EVENTS if n.startswith(BY_PEOPLE)} - {"reply.refused.v1"}
