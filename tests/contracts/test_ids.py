"""Ids say what they are about, and only what was written by us is read as one."""

from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.ids import (
    NAMESPACE,
    BadId,
    ReportId,
    TaskId,
    deadline_id,
    fact_id,
    keyed_event_id,
    lane_of_key,
    parse_report_id,
    parse_task_id,
)
from shared.contracts.vocabulary import CATEGORIES, LANES

HEX = "0123456789abcdef0123456789abcdef"
REPORT = f"emergency.medical.lanting.{HEX}"
REPORTS = st.builds(
    ReportId,
    st.sampled_from(LANES),
    st.sampled_from(CATEGORIES),
    st.from_regex(r"[a-z0-9-]{2,24}", fullmatch=True),
    st.uuids().map(lambda u: u.hex),
)
TASKS = st.builds(TaskId, REPORTS.map(str), st.from_regex(r"[a-z0-9_]{1,40}", fullmatch=True), st.integers(1, 9999))
CAUSE, OTHER = UUID(HEX), uuid4()


@given(REPORTS)
def test_a_report_id_is_read_as_it_was_written(report: ReportId) -> None:
    assert parse_report_id(str(report)) == report
    assert lane_of_key(str(report)) == report.lane


@given(TASKS)
def test_a_task_id_is_read_as_it_was_written_and_holds_its_reports(task: TaskId) -> None:
    assert parse_task_id(str(task)) == task
    assert str(parse_report_id(parse_task_id(str(task)).report_id)) == task.report_id


@given(st.text(max_size=80) | TASKS.map(str).map(lambda s: s + "\n") | REPORTS.map(lambda r: f" {r}"))
def test_whatever_is_read_is_written_the_same(text: str) -> None:
    """No two texts are one id, so nothing is told apart by its spelling."""
    for parse in (parse_report_id, parse_task_id):
        try:
            assert str(parse(text)) == text
        except BadId:
            continue


@pytest.mark.parametrize(
    "text",
    [
        "",
        "estate.lanting",
        REPORT + "\n",
        REPORT.upper(),
        REPORT[:-1],
        REPORT + "0",
        REPORT.replace("emergency", "urgent"),
        REPORT.replace("medical", "surgery"),
        REPORT.replace("lanting", "l"),
        REPORT.replace("lanting", "l" * 25),
        REPORT.replace("lanting", "lan.ting"),
        REPORT.replace("lanting", "兰亭"),
        REPORT.replace("0", "٠"),
        f"{REPORT}.meet.1",
    ],
)
def test_what_intake_did_not_write_is_no_report_id(text: str) -> None:
    with pytest.raises(BadId):
        parse_report_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        REPORT,
        f"{REPORT}.meet",
        f"{REPORT}.meet.",
        f"{REPORT}.meet.0",
        f"{REPORT}.meet.01",
        f"{REPORT}.meet.-1",
        f"{REPORT}.meet.10000",
        f"{REPORT}.meet.1.1",
        f"{REPORT}.Meet.1",
        f"{REPORT}.{'m' * 41}.1",
        f"{REPORT}..1",
        f"{REPORT}.meet.١",
        f"{REPORT}.meet.1\n",
    ],
)
def test_what_dispatch_did_not_write_is_no_task_id(text: str) -> None:
    with pytest.raises(BadId):
        parse_task_id(text)


@pytest.mark.parametrize(
    ("key", "lane"),
    [
        (REPORT, "emergency"),
        (f"routine.repair.lanting.{HEX}", "routine"),
        ("estate.emergency", "routine"),
        ("", "routine"),
    ],
)
def test_the_lane_of_a_key(key: str, lane: str) -> None:
    assert lane_of_key(key) == lane


def test_the_same_cause_gives_the_same_id_and_anything_else_another() -> None:
    one = {
        "a key": keyed_event_id("lanting", "k"),
        "another estate": keyed_event_id("xinghe", "k"),
        "a key with the separator": keyed_event_id("lanting", "k|k"),
        "a fact": fact_id("dispatch", CAUSE, "meet", 0),
        "another service": fact_id("escalation", CAUSE, "meet", 0),
        "another cause": fact_id("dispatch", OTHER, "meet", 0),
        "another name": fact_id("dispatch", CAUSE, "lead_in", 0),
        "another ordinal": fact_id("dispatch", CAUSE, "meet", 1),
        "a deadline": deadline_id(CAUSE, "meet"),
        "another arming": deadline_id(OTHER, "meet"),
        "another deadline": deadline_id(CAUSE, "lead_in"),
    }
    assert len(set(one.values())) == len(one)
    assert fact_id("dispatch", CAUSE, "meet", 0) == fact_id("dispatch", UUID(HEX), "meet", 0)
    assert keyed_event_id("lanting", "k") == keyed_event_id("lanting", "k")
    assert deadline_id(CAUSE, "meet") == deadline_id(UUID(HEX), "meet")


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (keyed_event_id("lanting", "k"), "da06fc05-b3ed-5b1e-bdd6-69db31b269c3"),
        (fact_id("dispatch", CAUSE, "meet", 0), "96fc8abf-e9a9-514c-bdda-b4d7cf4acf69"),
        (deadline_id(CAUSE, "meet"), "67a9faac-8408-5bb5-bb53-9a6a54cc042b"),
    ],
)
def test_ids_stay_as_they_were_once_deployed(found: UUID, written: str) -> None:
    """Another recipe would take a repeated request, or a record read again, for a new one."""
    assert str(found) == written


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 99))
def test_ids_are_version_5_under_our_namespace(one: str, two: str, n: int) -> None:
    """As any other program would make them."""
    assert fact_id(one, CAUSE, two, n) == uuid5(NAMESPACE, f"fact|{one}|{HEX}|{two}|{n}")
    assert keyed_event_id(one, two) == uuid5(NAMESPACE, f"key|{one}|{two}")
    assert deadline_id(CAUSE, one) == uuid5(NAMESPACE, f"deadline|{HEX}|{one}")
