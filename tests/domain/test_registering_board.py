"""What the board shows of a report, read off its row."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.escalations import RungReached, RungSkipped
from shared.contracts.event import Addressee
from shared.contracts.replies import TaskAcknowledged
from shared.domain.registering.board import FIELDS, is_shown, line_of
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.today import ByHour, midnight
from tests.support.lives import MORNING, Life, by

NUMBER = {"series": "", "year": 2026, "number": 7}


def row_of(life: Life) -> dict[str, Any]:
    """Only with the fields that the board reads, so that a field that is missing there is missed here."""
    row = fold(life.report_id, [as_document(event) for event in life.events])
    return {name: value for name, value in row.items() if name in ("_id", *FIELDS)}


def an_emergency(**fields: Any) -> tuple[Life, str]:
    life = Life("medical", place="3栋1单元1201", **fields)
    life.opened()
    to = Addressee(role="guard", post="patrol-east")
    return life, life.task("go", to=to, ack_wait=30, arrive_by=life.at(5), finish_by=life.at(60))


def test_a_line_has_class_place_owner_number_and_what_is_to_be_done() -> None:
    life, task = an_emergency()
    line = line_of(row_of(life), NUMBER)
    assert (line["category"], line["lane"], line["place"]) == ("medical", "emergency", "3栋1单元1201")
    assert (line["no"], line["owner"], line["v"]) == ("2026-000007", "customer_assistant", len(life.events))
    (shown,) = line["tasks"]
    assert (shown["id"], shown["to"]["post"], shown["state"]) == (task, "patrol-east", "waiting")
    assert [(c["clock"], c["due_at"]) for c in shown["clocks"]] == [
        ("ack", life.at(0.5)),
        ("arrive", life.at(5)),
        ("finish", life.at(60)),
    ]
    assert line["due_at"] == life.at(0.5)
    assert not line["unassigned"]


@pytest.mark.parametrize(
    ("what", "state", "clocks"),
    [
        ("acknowledged", "acknowledged", ["arrive", "finish"]),
        ("started", "on_way", ["arrive", "finish"]),
        ("arrived", "arrived", ["finish"]),
    ],
)
def test_each_answer_stops_its_clock(what: str, state: str, clocks: list[str]) -> None:
    life, task = an_emergency()
    life.changed(task, what, 1, by=by("guard", "guard-1"))
    (shown,) = line_of(row_of(life), None)["tasks"]
    assert (shown["state"], [c["clock"] for c in shown["clocks"]]) == (state, clocks)


def test_an_answer_counts_before_dispatch_has_said_so() -> None:
    life, task = an_emergency()
    life.said(TaskAcknowledged, 1, task_id=task, by=by("guard", "guard-1"))
    (shown,) = line_of(row_of(life), None)["tasks"]
    assert shown["state"] == "acknowledged"


def test_the_rung_is_the_last_that_was_asked() -> None:
    life, task = an_emergency()
    life.fact(RungReached, 1, task_id=task, clock="ack", rung=1, role="shift_leader")
    life.fact(RungSkipped, 2, task_id=task, clock="ack", rung=2, role="security_supervisor", why="nobody")
    life.fact(RungReached, 2, task_id=task, clock="ack", rung=3, role="management_director", turn=2)
    line = line_of(row_of(life), None)
    assert line["tasks"][0]["rung"] == {"clock": "ack", "rung": 3, "role": "management_director", "turn": 2}
    assert not line["unassigned"], "the shift leader was there"


def test_what_nobody_below_the_director_was_there_for_is_unassigned() -> None:
    life, task = an_emergency()
    for rung, role in ((1, "shift_leader"), (2, "security_supervisor")):
        life.fact(RungSkipped, 1, task_id=task, clock="ack", rung=rung, role=role, why="nobody")
    life.fact(RungReached, 1, task_id=task, clock="ack", rung=3, role="management_director")
    line = line_of(row_of(life), None)
    assert line["unassigned"] and line["tasks"][0]["unheld"]


def test_an_emergency_without_a_task_is_due_for_one_in_half_a_minute() -> None:
    life = Life("medical")
    line = line_of(row_of(life), None)
    assert (line["unassigned"], line["due_at"]) == (True, MORNING + timedelta(seconds=30))
    routine = line_of(row_of(Life("inquiry")), None)
    assert (routine["unassigned"], routine["due_at"]) == (True, None)


def test_only_open_reports_that_were_filed_are_shown() -> None:
    life, task = an_emergency()
    assert is_shown(row_of(life))
    life.ended(task, 2)
    life.closed(3)
    assert not is_shown(row_of(life))
    named_only = Life()
    named_only.events = []
    named_only.task("go")
    assert not is_shown(row_of(named_only))


def test_no_name_and_no_phone_of_a_reporter_is_in_a_line() -> None:
    life, _ = an_emergency(reporter="王先生", reporter_phone="13800138000", text="胸口痛")
    text = repr(line_of(row_of(life), NUMBER))
    assert not any(word in text for word in ("王先生", "13800138000", "胸口痛"))


def test_reports_are_counted_by_the_hour_of_their_estate() -> None:
    zones = {"lanting": ZoneInfo("Asia/Shanghai"), "bihai": ZoneInfo("Asia/Urumqi")}
    now = MORNING + timedelta(hours=2)

    def row(estate: str, minutes: int, **more: Any) -> dict[str, Any]:
        return {"estate": estate, "category": "repair", "sorted_at": MORNING + timedelta(minutes=minutes), **more}

    rows = [
        row("lanting", 0),
        row("lanting", 59),
        row("lanting", 61),
        row("bihai", 0),
        row("lanting", 1, drill=True),
    ]
    rows += [row("lanting", -24 * 60), row("lanting", 1000)]
    found = ByHour(now, zones)
    for counted in rows:
        found.count(counted)
    assert found.of("lanting", "repair") == [0] * 9 + [2, 1, 0]
    there = found.of("bihai", "repair")
    assert sum(there) == 1 and there[now.astimezone(zones["bihai"]).hour - 2]
    assert found.of("bihai", "inquiry") == []
    assert midnight(now, zones.values()) == datetime(2026, 11, 20, tzinfo=zones["lanting"])
