"""What people press and write on devices, and which answer of the procedure it is (PLAYBOOKS 10)."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.contracts.event import Speaker
from shared.contracts.replies import (
    GradeChanged,
    HelpNeeded,
    SideTaskAsked,
    TaskAcknowledged,
    TaskArrived,
    TaskCompleted,
    TaskStarted,
)
from shared.domain.notifying.answers import KEYS, Heard, Task, Unplaced, read, reply

REPORT = f"emergency.medical.qinghe.{'0' * 31}1"
AT = datetime(2026, 3, 2, tzinfo=UTC)
COMMON = {"event_id": UUID(int=1), "report_id": REPORT, "estate_id": "qinghe", "occurred_at": AT, "accepted_at": AT}
BY = Speaker(role="guard", person="guard-1", post="patrol-east")


def task(**more: object) -> Task:
    return Task(f"{REPORT}.stand_by.1", "emergency", BY)._replace(**more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "code", "meaning"),
    [
        ("27 明白", "27", "acknowledge"),
        ("27明白", "27", "acknowledge"),
        ("27 1", "27", "acknowledge"),
        ("#27 1", "27", "acknowledge"),
        ("27,3。", "27", "arrive"),
        (" 27  OK! ", "27", "acknowledge"),
        ("明白", None, "acknowledge"),
        ("收到", None, "acknowledge"),
        ("1", None, "acknowledge"),
        ("2", None, "start"),
        ("到达", None, "arrive"),
        ("done", None, "complete"),
        ("27 不能", "27", "decline"),
        ("6", None, "need_help"),
        ("9", None, "worse"),
        ("271 明白", None, None),
        ("27", "27", None),
        ("在路上堵车", None, None),
        ("27 7", "27", None),
        ("", None, None),
        ("明白\n谢谢", None, None),
    ],
)
def test_words_are_read_as_they_are_written(words: str, code: str | None, meaning: str | None) -> None:
    assert read(words) == Heard(code, meaning)  # type: ignore[arg-type]


def test_a_key_that_the_device_names_apart_counts_before_its_words() -> None:
    assert read("随便说说", "31", "3") == Heard("31", "arrive")
    assert read("27 明白", None, "7") == Heard("27", None)


@pytest.mark.parametrize(
    ("meaning", "kind"),
    [
        ("acknowledge", TaskAcknowledged),
        ("start", TaskStarted),
        ("arrive", TaskArrived),
        ("need_help", HelpNeeded),
    ],
)
def test_a_key_is_its_reply_in_the_name_of_the_post(meaning: str, kind: type) -> None:
    said = reply(task(), meaning, "3", COMMON)  # type: ignore[arg-type]
    assert isinstance(said, kind)
    assert said.by == BY and said.words == "3" and said.heard_by is None  # type: ignore[attr-defined]


def test_done_is_an_outcome_only_where_there_is_one_and_nothing_to_record() -> None:
    assert isinstance(reply(task(outcomes=("done",)), "complete", "", COMMON), TaskCompleted)
    assert reply(task(outcomes=("done", "short")), "complete", "", COMMON) == Unplaced("outcome")
    assert reply(task(outcomes=("done",), record=("what",)), "complete", "", COMMON) == Unplaced("outcome")
    assert isinstance(reply(task(ends_on="arrive"), "complete", "", COMMON), TaskArrived)
    assert isinstance(reply(task(ends_on="ack"), "complete", "", COMMON), TaskAcknowledged)


def test_cannot_is_nobodys_answer_without_a_reason_and_a_name() -> None:
    assert reply(task(), "decline", "5", COMMON) == Unplaced("onward")


def test_worse_makes_an_emergency_major_and_raises_what_is_none() -> None:
    worse = reply(task(), "worse", "9", COMMON)
    assert isinstance(worse, GradeChanged) and worse.grade == "major"
    raised = reply(task(lane="routine"), "worse", "9", COMMON)
    assert isinstance(raised, SideTaskAsked) and raised.step == "raise_to_emergency"


def test_every_key_of_the_procedure_has_a_meaning() -> None:
    assert list(KEYS) == ["1", "2", "3", "4", "5", "6", "9"]
