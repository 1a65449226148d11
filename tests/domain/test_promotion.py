"""S8: a complaint becomes major by itself, after a month or by three households; once a round, in any order."""

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.escalations import GradePromoted
from shared.contracts.event import Event
from shared.contracts.ids import NAMESPACE
from shared.contracts.replies import GradeChanged, ReportJoined
from shared.contracts.reports import ReportFiled
from shared.contracts.tasks import (
    Promotion,
    ReportChanged,
    ReportClosed,
    ReportOpened,
    ReportReopened,
    TaskAssigned,
    TaskEnded,
    TaskWithdrawn,
)
from shared.domain.dispatching.rules import DispatchRules
from shared.domain.escalating.promoting import PROMOTE
from shared.domain.escalating.rules import EscalationRules
from shared.domain.playbooks.format import Playbooks
from shared.domain.rehearsing import Rehearsal
from shared.domain.rules import Deadline
from tests.domain.evenings import DESK, DIRECTOR, HEAD, START, Evening, only, playbooks
from tests.support.escalation_case import EscalationCase, at

DAY = 86_400.0
MONTH = timedelta(days=30)


@cache
def slow() -> Playbooks:
    """Ladders that ring seldom: a month of unanswered tasks is not what these tests are about."""
    waits = tuple(row.model_copy(update={"waits": (timedelta(days=10),)}) for row in playbooks().waits)
    return playbooks().model_copy(update={"waits": waits})


def complaint(**fields: Any) -> Evening:
    """In both services, as they hear one another."""
    evening = Evening("complaint", books=slow(), **{"place": "3栋1单元1201", "place_short": "B3-1-1201", **fields})
    evening.play = Rehearsal([DispatchRules(), EscalationRules()], [evening.estate], slow())
    return evening.file()


def owned(outcome: str = "minor", **record: Any) -> Evening:
    evening = complaint()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", outcome, HEAD, **record)
    return evening


def joined(evening: Evening, n: int, household: str | None = None, **fields: Any) -> list[Any]:
    other = f"routine.complaint.qinghe.{n:032x}"
    return evening.amend(ReportJoined, by_report_id=other, household=household, **fields)


def promotions(evening: Evening) -> list[str]:
    return [f.why for f in only(evening.play.facts, GradePromoted)]


# ---- after a month -----------------------------------------------------------------


def test_a_valid_complaint_that_is_open_for_a_month_is_the_directors() -> None:
    evening = owned()
    evening.later(days=29, hours=23)
    assert promotions(evening) == []
    facts = evening.later(hours=2)
    assert promotions(evening) == ["open_a_month"]
    assert only(facts, GradePromoted)[0].accepted_at == START + MONTH
    assert (evening.state["grade"], evening.state["owner"]) == ("major", "management_director")
    assert evening.is_open("own_major") and not evening.is_open("own_minor")


def test_the_former_owner_is_relieved_and_told_and_both_acknowledge() -> None:
    evening = owned()
    facts = evening.later(days=31)
    gone = [f for f in only(facts, TaskWithdrawn) if f.why == "relieved"]
    assert [f.task_id.rsplit(".", 2)[1] for f in gone] == ["own_minor"]
    assert [a.to.person for a in only(facts, TaskAssigned) if a.step == "stand_down"] == ["head-1"]
    notices = [a for a in only(facts, TaskAssigned) if a.step == "promoted"]
    assert {(a.to.role, a.only_ack) for a in notices} == {("management_director", True), ("service_head", True)}
    assert [f.owner for f in only(facts, ReportChanged) if f.owner] == ["management_director"]


def test_a_head_whose_part_was_done_is_told_all_the_same() -> None:
    evening = owned()
    evening.done("own_minor", "planned", department="engineering")
    facts = evening.later(days=31)
    assert {a.to.role for a in only(facts, TaskAssigned) if a.step == "promoted"} == {
        "management_director",
        "service_head",
    }
    assert evening.is_open("handle") and evening.is_open("own_major")
    evening.done("own_major", "planned", department="engineering")
    assert len(evening.assigned("handle")) == 1


@pytest.mark.parametrize("valid", [False, "no", "否", "unclear"])
def test_what_is_not_valid_stays_what_it_is(valid: Any) -> None:
    evening = owned(valid=valid)
    evening.later(days=90)
    assert promotions(evening) == []


@pytest.mark.parametrize("valid", [True, "yes", "是", "True"])
def test_valid_may_be_said_in_words(valid: Any) -> None:
    evening = owned(valid=valid)
    evening.later(days=31)
    assert promotions(evening) == ["open_a_month"]


def test_what_was_never_graded_is_not_promoted_by_the_month_and_at_once_when_it_is_found_valid() -> None:
    evening = complaint()
    evening.done("register_complaint", "registered")
    evening.later(days=40)
    assert promotions(evening) == []
    evening.done("grade_complaint", "minor", HEAD)
    evening.later(seconds=5)
    assert promotions(evening) == ["open_a_month"]


def test_of_a_complaint_about_the_head_the_directors_word_counts() -> None:
    evening = complaint()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "about_the_head", HEAD, valid=..., valid_why=..., graded_at=...)
    evening.done("own_important", "planned", department="engineering", valid=True)
    evening.later(days=31)
    assert promotions(evening) == ["open_a_month"]


def test_a_report_with_the_clock_of_an_earlier_one_keeps_its_month() -> None:
    evening = complaint(clock_from=START - timedelta(days=10))
    opened = only(evening.play.facts, ReportOpened)[0]
    assert opened.promotion == Promotion(at=START + timedelta(days=20), households=3, only_if="valid")


@pytest.mark.parametrize("filed", [{"written_up": True}, {"same_event_as": "routine.complaint.qinghe." + "9" * 32}])
def test_what_is_not_worked_is_not_promoted(filed: dict[str, Any]) -> None:
    assert only(complaint(**filed).play.facts, ReportOpened)[0].promotion is None


def test_other_classes_are_not_promoted() -> None:
    evening = Evening("inquiry").file()
    assert only(evening.play.facts, ReportOpened)[0].promotion is None


# ---- by households -----------------------------------------------------------------


def test_two_more_households_make_three() -> None:
    evening = owned(valid=False)
    joined(evening, 2, "B3-1-1202")
    evening.later(seconds=5)
    assert promotions(evening) == []
    joined(evening, 3, "B3-1-1203")
    evening.later(seconds=5)
    assert promotions(evening) == ["households"]
    assert evening.is_open("own_major")


@pytest.mark.parametrize("household", ["B3-1-1201", "b3-1-1201 ", "3栋1单元1201", "B3-1-1202"])
def test_one_household_counts_once_however_often_it_calls(household: str) -> None:
    evening = owned()
    joined(evening, 2, "B3-1-1202")
    joined(evening, 3, household)
    joined(evening, 4, household)
    evening.later(seconds=5)
    assert promotions(evening) == []


def test_where_no_household_is_said_each_report_is_one_and_the_same_report_one() -> None:
    evening = owned()
    joined(evening, 2)
    joined(evening, 2)
    evening.later(seconds=5)
    assert promotions(evening) == []
    joined(evening, 3)
    evening.later(seconds=5)
    assert promotions(evening) == ["households"]


def test_the_household_said_last_counts_for_a_report() -> None:
    evening = owned()
    joined(evening, 2, "B3-1-1202")
    joined(evening, 3, "B3-1-1203")
    evening = owned()
    joined(evening, 2, "B3-1-1202")
    joined(evening, 3, "B3-1-1202")
    joined(evening, 3, "B3-1-1203")
    evening.later(seconds=5)
    assert promotions(evening) == ["households"]


def test_a_drill_that_was_linked_is_no_household() -> None:
    evening = owned()
    for n in (2, 3, 4):
        joined(evening, n, f"B3-1-120{n}", drill=True)
    evening.later(seconds=5)
    assert promotions(evening) == []


# ---- once a round, and not in vain -------------------------------------------------


def test_once_a_round_though_more_join_and_the_head_lowers_it() -> None:
    evening = owned()
    for n in (2, 3, 4, 5):
        joined(evening, n)
        evening.later(seconds=5)
    assert promotions(evening) == ["households"]
    evening.amend(GradeChanged, HEAD, grade="minor")
    joined(evening, 6)
    evening.later(days=60)
    assert promotions(evening) == ["households"]


def test_what_is_major_already_is_left_alone() -> None:
    evening = owned("major")
    joined(evening, 2)
    joined(evening, 3)
    evening.later(days=31)
    assert promotions(evening) == []


def test_a_promotion_that_crosses_a_raised_grade_changes_nothing() -> None:
    evening = owned("major")
    common = {"case_version": 1, "index": 0}
    assert evening.say(evening.make(GradePromoted, grade="major", why="open_a_month", **common)) == []


@pytest.mark.parametrize("end", ["withdrawn", "closed"])
def test_a_closed_or_ending_case_is_left_alone(end: str) -> None:
    evening = owned("invalid", valid=True)
    if end == "withdrawn":
        evening.withdraw()
    else:
        evening.done("first_answer", "answered")
        evening.done("record_complaint", "recorded")
    before = len(evening.assigned("own_major"))
    common = {"case_version": 1, "index": 0}
    facts = evening.say(evening.make(GradePromoted, grade="major", why="open_a_month", **common))
    assert facts == [] and len(evening.assigned("own_major")) == before
    if end == "closed":
        joined(evening, 2)
        joined(evening, 3)
        evening.later(days=60)
        assert promotions(evening) == []


def test_the_next_round_has_its_own_month() -> None:
    evening = owned("invalid", valid=True)
    evening.done("first_answer", "answered")
    evening.done("record_complaint", "recorded")
    evening.later(days=20)
    evening.done("visit_ordinary", "failed")
    again = only(evening.play.facts, ReportReopened)[0].accepted_at
    evening.later(days=29)
    assert promotions(evening) == []
    facts = evening.later(days=2)
    assert promotions(evening) == ["open_a_month"]
    assert only(facts, GradePromoted)[0].accepted_at == again + MONTH
    assert evening.state["owner"] == "management_director"


# ---- escalation alone, in any order ------------------------------------------------


def history() -> list[Event]:
    """One of everything that the promotion depends on; by the month at day 30, by households on day 3."""
    case = EscalationCase(lane="routine")
    promotion = Promotion(at=at(30 * DAY), households=3, only_if="valid")
    opened = {"playbook": "complaint", "playbook_version": 1, "owner": "customer_assistant", "clock_from": at(0)}
    ended = {"task_id": case.task_id("grade_complaint.1"), "outcome": "minor"}
    return [
        case.filed(place="B3-1-1201"),
        ReportOpened(**case.fact("opened", 0), **opened, promotion=promotion),
        TaskEnded(**case.fact("ended", DAY), **ended, record={"valid": False}),
        TaskEnded(**case.fact("ended anew", DAY), **ended, record={"valid": True, "other": True, "why": "text"}),
        ReportChanged(**case.fact("major", DAY), grade="major"),
        ReportChanged(**case.fact("minor", DAY), grade="minor"),
        case.place_changed("5栋", "B5", DAY),
        join(case, 2, "B5", 2 * DAY),
        join(case, 3, "B6", 2 * DAY),
        join(case, 4, None, 3 * DAY),
        join(case, 3, "B6", 4 * DAY),
    ]


def join(case: EscalationCase, n: int, household: str | None, seconds: float) -> ReportJoined:
    other = f"routine.complaint.bamboo.{n:032x}"
    common = {**case.said("joined", seconds), "event_id": uuid5(NAMESPACE, f"joined {n} {seconds}")}
    return ReportJoined(**common, by=DESK, by_report_id=other, household=household)


def folded(events: list[Event]) -> dict[str, Any]:
    rules, state = EscalationRules(), {}
    for event in events:
        state = rules.evolve(state, event, event.accepted_at)
    return state


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_order_and_repetition_gives_the_same_state_and_the_same_deadline(data: st.DataObject) -> None:
    events = history()
    some = data.draw(st.lists(st.sampled_from(events), unique_by=lambda e: e.event_id))
    again = data.draw(st.lists(st.sampled_from(some), max_size=4)) if some else []
    other = folded(data.draw(st.permutations([*some, *again])))
    assert other == folded(some)
    assert EscalationRules().deadlines(other) == EscalationRules().deadlines(folded(some))


def due(events: list[Event]) -> float | None:
    rows = [d for d in EscalationRules().deadlines(folded(events)) if d.name == PROMOTE]
    return (rows[0].due - at(0)).total_seconds() / DAY if rows else None


def without(*of: type[Event]) -> list[Event]:
    return [e for e in history() if not isinstance(e, of)]


def test_the_deadline_is_whichever_comes_first() -> None:
    assert due(history()) == 4
    assert due(without(ReportJoined)) == 30
    assert due(without(ReportJoined, TaskEnded)) is None
    assert due(without(TaskEnded)) == 4
    assert due(without(ReportOpened)) is None
    assert due(without(ReportFiled)) == 4


def test_it_is_said_once_and_a_bell_of_before_says_nothing() -> None:
    case = EscalationCase(lane="routine")
    case.hear(*history())
    case.run_until(at(40 * DAY))
    said = [f for f in case.facts if isinstance(f, GradePromoted)]
    assert [(f.grade, f.why, f.accepted_at) for f in said] == [("major", "households", at(3 * DAY))]
    late = case.passed(Deadline(PROMOTE, at(30 * DAY), uuid5(NAMESPACE, "another")))
    assert case.rules.decide(case.state, late, case.now, case.world) == []


def test_a_case_that_closes_and_opens_again_counts_anew() -> None:
    case = EscalationCase(lane="routine")
    events = [*without(ReportJoined)]
    case.hear(*events)
    case.version = 50
    case.hear(ReportClosed(**case.fact("closed", 5 * DAY), why="done"))
    assert PROMOTE not in case.live
    case.hear(ReportReopened(**case.fact("reopened", 9 * DAY), round=2, why="visit_ordinary"))
    assert case.live[PROMOTE] == 39 * DAY


def test_the_director_may_raise_it_before() -> None:
    evening = owned()
    evening.amend(GradeChanged, DIRECTOR, grade="major")
    evening.later(days=40)
    assert promotions(evening) == []


def test_a_deadline_is_never_due_before_what_it_depends_on_was_said() -> None:
    """Else it would look as if the ticker had slept for ten days."""
    case = EscalationCase(lane="routine")
    valid = {"task_id": case.task_id("grade_complaint.1"), "outcome": "minor", "record": {"valid": True}}
    late = [*without(ReportJoined, TaskEnded), TaskEnded(**case.fact("late", 40 * DAY, 60), **valid)]
    assert due(late) == 40
