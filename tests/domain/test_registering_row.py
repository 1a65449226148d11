"""One report's row: the same for every order and repetition of the same events, and what stands in it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.escalations import GradePromoted
from shared.contracts.event import Addressee, Event, Words
from shared.contracts.replies import (
    DetailsCorrected,
    DrillStopped,
    PlaceCorrected,
    ReportJoined,
    ReportWithdrawn,
    TaskAcknowledged,
    TaskArrived,
    TaskCompleted,
    TaskNoted,
)
from shared.contracts.tasks import (
    Promotion,
    ReplyRefused,
    ReportChanged,
    ReportReopened,
    TaskWithdrawn,
)
from shared.domain.registering.figures import shares
from shared.domain.registering.folding import MOST_LISTED, as_document, fold
from tests.support.lives import Life, a_whole_life, by


def row_of(life: Life, events: list[Event] | None = None) -> dict[str, Any]:
    return fold(life.report_id, [as_document(e) for e in (life.events if events is None else events)])


def a_tangled_life() -> Life:
    """Everything that depends on an order: corrections of the same field, a task handed over, a reopening."""
    life = a_whole_life()
    life.said(PlaceCorrected, 8, place="3栋1单元1202", by=by("customer_assistant", "desk-1"))
    life.fact(ReportChanged, 8, place="3栋1单元1202", because_of=life.events[-1].event_id)
    life.fact(ReportChanged, 9, place="4栋1单元101", hand_ons=1)
    life.said(DetailsCorrected, 9, reporter="李女士", by=by("service_head", "head-1"))
    life.said(DetailsCorrected, 10, reporter="李小姐", by=by("service_head", "head-1"))
    life.said(ReportJoined, 11, by_report_id="a", household="3-1201", by=by("customer_assistant"))
    life.said(ReportJoined, 12, by_report_id="a", household="3-1202", by=by("customer_assistant"))
    life.said(ReportJoined, 13, by_report_id="b", by=by("customer_assistant"))
    life.fact(ReportChanged, 13, urgency="urgent", appointment_at=life.at(90))
    life.fact(GradePromoted, 14, grade="major", why="households")
    visit = life.task("return_visit", 20, optional=True, record=("visit_mark",))
    life.changed(visit, "noted", 30, record={"visit_mark": "B"})
    life.changed(visit, "noted", 40, record={"visit_mark": "C", "visitor": "客服"})
    life.ended(visit, 59, "failed", record={"visit_date": "2026-11-20T10:00:00+08:00"})
    life.fact(ReportReopened, 60, round=2, why="visit failed")
    task = life.task("answer_again", 60, ack_wait=60)
    life.said(TaskAcknowledged, 61, task_id=task, by=by("customer_assistant", "desk-2"))
    life.changed(task, "handed_over", 62, to=Addressee(role="customer_assistant", person="desk-3"))
    life.said(TaskNoted, 63, task_id=task, note="问过", by=by("customer_assistant"))
    life.fact(ReplyRefused, 64, refused=life.events[-1].event_id, reason="late", words=Words(zh="晚了", en="LATE"))
    return life


TANGLED = a_tangled_life()


@given(st.data())
def test_the_row_is_the_same_for_every_order_and_repetition(data: st.DataObject) -> None:
    repeated = st.lists(st.sampled_from(TANGLED.events), max_size=10)
    known = data.draw(st.lists(st.sampled_from(TANGLED.events), min_size=1, unique_by=lambda e: e.event_id))
    shuffled = data.draw(
        st.permutations([*known, *data.draw(repeated.map(lambda r: [e for e in r if e in known]))])
    )
    assert row_of(TANGLED, shuffled) == row_of(TANGLED, known)


@given(st.permutations(TANGLED.events))
def test_the_whole_life_folds_alike_in_any_order(events: list[Event]) -> None:
    assert row_of(TANGLED, events) == row_of(TANGLED)


def test_the_columns_of_a_whole_life() -> None:
    life = a_whole_life()
    row = row_of(life)
    task = row["tasks"][0]
    assert (row["state"], row["owner"], row["events"]) == ("closed", "customer_assistant", len(life.events))
    assert (row["received_at"], row["closed_at"]) == (life.at(0), life.at(20))
    assert (task["acknowledged_at"], task["ended_at"], task["outcome"]) == (life.at(7), life.at(20), "answered")
    assert row["seconds"] == {"task": 0.0, "acknowledged": 420.0, "ended": 1200.0}
    assert [(r["role"], r.get("skipped")) for r in row["rungs"]] == [
        ("service_head", "nobody"),
        ("management_director", None),
    ]
    assert row["late"] and row["due_at"] is None and row["open_tasks"] == 0
    assert row["people"] == ["desk-1"]


STATES: list[tuple[str, Callable[[Life], object], str]] = [
    ("filed only", lambda life: None, "filed"),
    ("taken in", lambda life: life.opened(), "open"),
    ("done", lambda life: (life.opened(), life.closed(5)), "closed"),
    ("from paper", lambda life: (life.opened(), life.closed(5, "written_up")), "closed"),
    ("withdrawn", lambda life: (life.opened(), life.closed(5, "withdrawn")), "withdrawn"),
    ("carried on", lambda life: (life.opened(), life.closed(5, "followed")), "followed"),
    ("one event with another", lambda life: (life.opened(), life.closed(5, "linked")), "linked"),
    ("gave way to a real one", lambda life: (life.opened(), life.closed(5, "drill_stopped")), "drill_stopped"),
    (
        "reopened",
        lambda life: (life.opened(), life.closed(5), life.fact(ReportReopened, 9, round=2, why="visit")),
        "open",
    ),
    (
        "only asked to be withdrawn",
        lambda life: (life.opened(), life.said(ReportWithdrawn, 5, reason="误报", by=by("guard"))),
        "open",
    ),
]


@pytest.mark.parametrize(("name", "live", "state"), STATES, ids=[name for name, *_ in STATES])
def test_the_state_is_what_dispatch_said_last(name: str, live: Callable[[Life], object], state: str) -> None:
    life = Life()
    live(life)
    assert row_of(life)["state"] == state


def test_a_report_whose_filing_has_not_come_yet_has_a_row() -> None:
    life = a_whole_life()
    row = row_of(life, life.events[1:])
    assert "received_at" not in row
    assert (row["estate"], row["category"], row["lane"], row["state"]) == (
        "lanting",
        "inquiry",
        "routine",
        "closed",
    )


Due = Callable[[Life, str], object]
DUES: list[tuple[str, Due, float | None, int]] = [
    ("nothing said: the acknowledgement", lambda life, t: None, 5, 1),
    ("the answer alone stops it", lambda life, t: life.said(TaskAcknowledged, 1, task_id=t, by=by("guard")), 10, 0),
    ("the fact stops it", lambda life, t: life.changed(t, "acknowledged", 1), 10, 0),
    ("to arrive stops both", lambda life, t: life.said(TaskArrived, 2, task_id=t, by=by("guard")), 30, 0),
    ("only the fact arrives", lambda life, t: life.changed(t, "arrived", 2), 30, 0),
    (
        "handed over: asked anew, no other clock is reset",
        lambda life, t: (
            life.changed(t, "acknowledged", 1),
            life.changed(t, "handed_over", 3, to=Addressee(role="guard", person="guard-2")),
        ),
        8,
        1,
    ),
    (
        "a longer limit",
        lambda life, t: (life.changed(t, "arrived", 2), life.changed(t, "limit", 3, finish_by=life.at(90))),
        90,
        0,
    ),
    ("ended", lambda life, t: life.ended(t, 4), None, 0),
    ("withdrawn", lambda life, t: life.fact(TaskWithdrawn, 4, task_id=t, why="help_changed"), None, 0),
    (
        "to complete is no fact yet",
        lambda life, t: life.said(TaskCompleted, 4, task_id=t, outcome="done", by=by("guard")),
        5,
        1,
    ),
]


@pytest.mark.parametrize(("name", "live", "due", "unacknowledged"), DUES, ids=[name for name, *_ in DUES])
def test_the_next_due_time(name: str, live: Due, due: float | None, unacknowledged: int) -> None:
    life = Life("medical")
    life.opened()
    task = life.task("go", role="guard", ack_wait=300, arrive_by=life.at(10), finish_by=life.at(30))
    live(life, task)
    row = row_of(life)
    assert row["due_at"] == (None if due is None else life.at(due))
    assert row["unacknowledged"] == unacknowledged


def test_the_first_acknowledgement_counts_in_the_figures() -> None:
    life = Life("medical")
    life.opened()
    task = life.task("go", role="guard", ack_wait=300)
    life.changed(task, "acknowledged", 1)
    life.changed(task, "handed_over", 3, to=Addressee(role="guard", person="guard-2"))
    life.changed(task, "acknowledged", 4)
    row = row_of(life)
    assert row["seconds"]["acknowledged"] == 60.0
    assert (row["unacknowledged"], row["people"]) == (0, ["desk-1", "guard-2"])


def test_an_ended_task_takes_no_change_and_no_answer() -> None:
    life = Life("medical")
    life.opened()
    task = life.task("go", role="guard", arrive_by=life.at(10))
    life.ended(task, 2)
    life.changed(task, "arrived", 3)
    life.said(TaskArrived, 4, task_id=task, by=by("guard"))
    assert "arrived_at" not in row_of(life)["tasks"][0]


def test_a_linked_report_is_counted_from_the_first_ones_clock() -> None:
    first = Life()
    life = Life(at=first.at(10), follows=first.report_id, clock_from=first.start)
    life.opened(clock_from=first.start)
    life.task("answer_caller", 1)
    assert row_of(life)["seconds"]["task"] == 660.0


def test_corrections_are_entries_and_keep_what_was_there() -> None:
    life = Life(place="3栋", reporter="王先生")
    life.opened()
    place = life.said(PlaceCorrected, 1, place="5栋", by=by("customer_assistant", "desk-1"))
    life.fact(ReportChanged, 1, place="5栋", place_short="B5", because_of=place.event_id)
    grade = life.said(TaskCompleted, 2, task_id=f"{life.report_id}.x.1", outcome="ok", by=by("guard", "guard-1"))
    life.fact(ReportChanged, 2, grade="major", because_of=grade.event_id)
    life.said(DetailsCorrected, 3, reporter="李女士", by=by("service_head", "head-1"))
    row = row_of(life)
    entries = [(e["at"], e["by"]["person"], e["was"], e["to"]) for e in row["corrections"]]
    assert entries == [
        (life.at(1), "desk-1", {"place": "3栋", "place_short": None}, {"place": "5栋", "place_short": "B5"}),
        (life.at(2), "guard-1", {"grade": None}, {"grade": "major"}),
        (life.at(3), "head-1", {"reporter": "王先生"}, {"reporter": "李女士"}),
    ]
    assert (row["place"], row["grade"], row["reporter"]) == ("5栋", "major", "李女士")


def test_a_refused_correction_stands_as_refused_and_changes_nothing() -> None:
    life = Life(reporter="王先生")
    life.opened()
    said = life.said(DetailsCorrected, 1, reporter="李女士", by=by("guard"))
    life.fact(ReplyRefused, 2, refused=said.event_id, reason="closed", words=Words(zh="已结", en="CLOSED"))
    row = row_of(life)
    assert row["reporter"] == "王先生"
    assert [e["state"] for e in row["corrections"]] == ["refused"]
    assert [(r["event_id"], r["reason"]) for r in row["refused"]] == [(said.event_id, "closed")]


def test_a_recorded_place_of_the_patient_is_a_correction() -> None:
    life = Life("medical")
    life.opened()
    task = life.task("ask_address")
    life.ended(task, 1, "known", record={"patient_place": "2栋301"}, by=by("customer_assistant", "desk-1"))
    row = row_of(life)
    assert row["patient_place"] == "2栋301"
    assert row["corrections"][0]["was"] == {"patient_place": None}


def test_hand_ons_are_counted_by_department() -> None:
    life = Life("general")
    life.opened()
    task = life.task("help", to=Addressee(role="department_head", department="greening"))
    life.ended(task, 5, "hand_on")
    life.fact(ReportChanged, 5, hand_ons=1)
    row = row_of(life)
    assert (row["hand_ons"], row["handed_on_by"]) == (1, ["greening"])


def test_what_was_noted_stays_an_entry_and_counts_until_it_is_said_anew() -> None:
    life = Life("disaster")
    life.opened()
    task = life.task("brief", role="security_supervisor")
    life.changed(task, "noted", 3, record={"level": "orange", "wind": "9"}, by=by("guard", "guard-1"))
    life.changed(task, "noted", 6, record={"level": "red"})
    life.ended(task, 9, record={"sent_at": "10:00"})
    (row,) = row_of(life)["tasks"]
    assert row["record"] == {"level": "red", "wind": "9", "sent_at": "10:00"}
    assert [(r["at"], r["record"]) for r in row["records"]] == [
        (life.at(3), {"level": "orange", "wind": "9"}),
        (life.at(6), {"level": "red"}),
    ]


def test_the_main_report_lists_who_was_linked_to_it_by_the_latest_word() -> None:
    life = Life("repair")
    life.opened()
    for minute, (report, household) in enumerate([("a", "3-1"), ("b", None), ("a", "3-2")]):
        life.said(ReportJoined, minute, by_report_id=report, household=household, by=by("customer_assistant"))
    refused = life.said(ReportJoined, 4, by_report_id="c", by=by("customer_assistant"))
    life.fact(ReplyRefused, 4, refused=refused.event_id, reason="linked_here", words=Words(zh="已并", en="HERE"))
    row = row_of(life)
    assert [(j["report_id"], j.get("household")) for j in row["joined"]] == [("a", "3-2"), ("b", None)]
    assert row["callers"] == 2


def test_a_stopped_drill_says_what_it_gave_way_to() -> None:
    life = Life("medical", drill=True)
    life.opened()
    said = life.said(DrillStopped, 4, for_report_id="real", by=by("customer_assistant", "desk-1"))
    life.fact(ReportChanged, 4, ending="drill_stopped", because_of=said.event_id)
    life.closed(5, "drill_stopped")
    row = row_of(life)
    (entry,) = row["corrections"]
    assert (row["state"], entry["what"], entry["to"]["for_report_id"]) == (
        "drill_stopped",
        "amendment.drill_stopped",
        "real",
    )


def test_a_promotion_and_an_estates_own_rows_stand_in_the_row() -> None:
    life = Life("complaint")
    due = Promotion(at=life.at(9), households=3)
    life.opened(overrides='[{"step":"first_answer"}]', promotion=due)
    life.fact(GradePromoted, 9, grade="major", why="open_a_month")
    row = row_of(life)
    assert row["promotion"] == {"at": life.at(9), "households": 3}
    assert row["overrides"] == '[{"step":"first_answer"}]'
    assert row["promoted"] == {"at": life.at(9), "grade": "major", "why": "open_a_month"}


def test_each_departments_share_is_of_its_own_tasks() -> None:
    life = Life("repair")
    life.opened()
    life.task("told", 0, to=Addressee(role="service_head"), only_ack=True)
    fix = life.task("fix", 2, role="engineering", arrive_by=life.at(10))
    for what, minute in (("acknowledged", 4), ("arrived", 12)):
        life.changed(fix, what, minute)
    life.ended(fix, 20, "hand_on")
    life.task("help", 20, to=Addressee(role="department_head", department="greening"), finish_by=life.at(50))
    row = row_of(life)
    engineering, greening = shares(row, row["tasks"])
    assert engineering == {
        "department": "engineering",
        "open_tasks": 0,
        "seconds": {"task": 120.0, "acknowledged": 240.0, "arrived": 720.0, "ended": 1200.0},
        "late": True,
        "due_at": None,
        "hand_ons": 1,
    }
    assert (greening["department"], greening["open_tasks"], greening["late"]) == ("greening", 1, False)
    assert (greening["seconds"], greening["due_at"]) == ({"task": 1200.0}, life.at(50))


def test_a_notices_acknowledgement_is_nobodys_acceptance() -> None:
    life = Life("medical")
    life.opened()
    told = life.task("major_now", 0, to=Addressee(role="service_head"), only_ack=True, ack_wait=60)
    life.changed(told, "acknowledged", 1)
    life.task("go", 1, role="guard")
    assert row_of(life)["seconds"] == {"task": 60.0}


def test_a_row_stays_small_however_long_nobody_answers() -> None:
    """The last entries of each list and the number of the earlier ones; the log has them all."""
    life = Life()
    task = life.task("answer_now", ack_wait=60)
    rungs = MOST_LISTED + 25
    for n in range(rungs):
        life.noticed(n, task_id=task)
    row = row_of(life)
    assert len(row["notices"]) == MOST_LISTED and row["earlier"] == {"notices": 25}
    assert row["notices"][-1]["at"] == life.at(rungs - 1)
    assert row_of(life, life.events[::-1]) == row
