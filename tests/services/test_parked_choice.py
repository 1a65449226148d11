"""Which parked records a filter takes, what a replay would come to, and that nothing private is shown unasked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.parked import mount
from cli.parked_choice import Filter, chosen, read_instant
from cli.parked_reading import about, verdict
from cli.parked_records import Parked
from cli.parked_words import line, plain, reasons, whole
from shared.contracts.history import write_event
from tests.support.events import a_note, a_report

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
REPORT = a_report("medical", at=NOON, reporter="王先生", reporter_phone="13800138000", place="3栋1201")


def parked(**fields: Any) -> Parked:
    usual: dict[str, Any] = {
        **{"id": "0" * 32, "topic": "reports.medical.emergency", "partition": 3, "offset": 7},
        **{"reason": "KeyError: folding.py:12", "services": ("dispatch",), "stood_at": NOON, "at": NOON},
        **{"key": REPORT.key.encode(), "value": write_event(REPORT), "headers": (), "replayed": False},
    }
    return Parked(**{**usual, **fields})


KNOWN = [
    parked(id="a"),
    parked(id="b", topic="replies.routine", services=("dispatch", "register"), value=b"{", key=b"estate.bihai"),
    parked(
        id="c", reason="unreadable: not JSON", at=NOON + timedelta(hours=1), headers=(("ce_type", b"task.ended"),)
    ),
    parked(id="d", replayed=True),
]
FILTERS = [
    (Filter(), "abc"),
    (Filter(topic="reports"), "ac"),
    (Filter(topic="report"), ""),
    (Filter(topic="replies.routine"), "b"),
    (Filter(service="register"), "b"),
    (Filter(reason="keyerror"), "ab"),
    (Filter(reason="JSON"), "c"),
    (Filter(lane="emergency"), "ac"),
    (Filter(lane="routine"), "b"),
    (Filter(estate="bihai"), "b"),
    (Filter(type="report.filed"), "a"),
    (Filter(type="task"), "c"),
    (Filter(since=NOON + timedelta(minutes=1)), "c"),
    (Filter(until=NOON + timedelta(minutes=1)), "ab"),
    (Filter(lane="emergency", reason="unreadable"), "c"),
]


@pytest.mark.parametrize(("wanted", "ids"), FILTERS)
def test_each_filter(wanted: Filter, ids: str) -> None:
    assert "".join(p.id for p in chosen(KNOWN, wanted)) == ids


def test_what_was_replayed_is_chosen_only_if_asked_for() -> None:
    assert [p.id for p in chosen(KNOWN, Filter(), replayed=True)] == ["a", "b", "c", "d"]


def test_an_instant_without_offset_is_utc() -> None:
    assert read_instant("2026-11-20T12:00+08:00") == read_instant("2026-11-20T04:00") == NOON


UNKNOWN = write_event(REPORT).replace(b'"report.filed"', b'"report.sung"')
OTHER = a_report("medical", at=NOON, text="another").key.encode()
A_REPLY, A_QUESTION = a_note(REPORT.report_id), a_report("inquiry", at=NOON)
NOTED: dict[str, Any] = {"topic": "replies.emergency", "value": write_event(A_REPLY)}
INQUIRY: dict[str, Any] = {
    **{"topic": "reports.inquiry.routine", "value": write_event(A_QUESTION)},
    "key": A_QUESTION.key.encode(),
}
VERDICTS = [
    ("a handler stumbled over it", parked(), "fits"),
    ("no JSON", parked(value=b"{broken 13800138000"), "unreadable"),
    ("a field is missing", parked(value=write_event(REPORT).replace(b'"place"', b'"plaice"', 1)), "fits"),
    (
        "a wrong field",
        parked(value=write_event(REPORT).replace(b'"channel":"phone"', b'"channel":"owl"')),
        "unreadable",
    ),
    ("of a type to come", parked(value=UNKNOWN), "unknown_type"),
    ("another report's key", parked(key=OTHER), "key"),
    ("of a topic that went", parked(topic="reports.lost.emergency"), "topic"),
    ("of last week", parked(stood_at=NOON - timedelta(days=8)), "too_old"),
    ("an emergency of this morning", parked(stood_at=NOON - timedelta(minutes=61)), "late"),
    ("an emergency just now", parked(stood_at=NOON - timedelta(minutes=59)), "fits"),
    ("an emergency's amendment of this morning", parked(**NOTED, stood_at=NOON - timedelta(hours=2)), "fits"),
    ("an inquiry of this morning", parked(**INQUIRY, stood_at=NOON - timedelta(hours=2)), "fits"),
    ("a report among replies", parked(topic="replies.emergency"), "misplaced"),
    ("of another class", parked(topic="reports.security.emergency"), "misplaced"),
    ("of another lane", parked(**{**NOTED, "topic": "replies.routine"}), "misplaced"),
    ("a reply among tasks", parked(**{**NOTED, "topic": "tasks.emergency"}), "misplaced"),
    ("parked from the parked", parked(topic="parked"), "topic"),
]


@pytest.mark.parametrize(("name", "record", "what"), VERDICTS, ids=[name for name, *_ in VERDICTS])
def test_what_a_replay_would_come_to(name: str, record: Parked, what: str) -> None:
    found = verdict(record, NOON)
    assert found.what == what
    assert found.words.zh and found.words.en and "13800138000" not in found.words.en + found.words.zh


def test_how_late_an_emergency_may_be_can_be_said() -> None:
    record = parked(stood_at=NOON - timedelta(hours=3))
    assert verdict(record, NOON, timedelta(hours=4)).what == "fits"
    assert verdict(record, NOON, timedelta(hours=2)).what == "late"


EMPTY = [("--reason", ""), ("--reason", "  "), ("--type", ""), ("--topic", ""), ("--service", ""), ("--estate", "")]


@pytest.mark.parametrize("command", ["list", "replay"])
@pytest.mark.parametrize(("option", "value"), EMPTY)
def test_an_empty_filter_is_no_filter(command: str, option: str, value: str) -> None:
    """An unset variable of a script must not replay everything; nothing is read before it is refused."""
    app = typer.Typer()
    mount(app)
    for language, words in (("en", f"{option} is empty"), ("zh", f"{option} 是空的")):
        result = CliRunner().invoke(app, ["parked", command, option, value, "--lang", language])
        assert result.exit_code == 2 and words in result.output


def test_what_a_record_is_about_is_told_of_anything() -> None:
    known = about(parked())
    assert (known.lane, known.estate, known.type) == ("emergency", REPORT.estate_id, "report.filed")
    assert (known.event_id, known.key) == (str(REPORT.event_id), REPORT.key)
    odd = about(parked(topic="odd", key=b"\xff13800138000", value=b'{"type": "<b>", "estate_id": 5}'))
    assert odd == (None, None, None, None, None)


@pytest.mark.parametrize("said", ["zh", "en"])
def test_nothing_private_is_shown_unless_asked_for(said: Any) -> None:
    private = (("x-caller", b"13800138000"), ("ce_subject", b"13800138000"), ("traceparent", b"00-1"))
    record = parked(headers=private, key=b"13800138000")
    shown = ["\n".join(whole(record, NOON, said, False)), line(record, said), str(plain(record, NOON))]
    for text in shown:
        assert "13800138000" not in text and "王先生" not in text
    assert "traceparent: 00-1" in shown[0]
    for text in ("\n".join(whole(record, NOON, said, True)), str(plain(record, NOON, content=True))):
        assert "13800138000" in text and "王先生" in text


def test_reasons_are_counted_the_most_first() -> None:
    counted = list(reasons([*KNOWN, parked(id="e")]))
    assert counted[0].split() == ["3", "reports.medical.emergency", "KeyError:", "folding.py:12"]
    assert len(counted) == 3
