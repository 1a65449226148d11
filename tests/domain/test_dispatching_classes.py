"""The hardest steps of the classes that come later, on the same rules: kinds, promotions, hand-ons, the clock."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from shared.contracts.escalations import GradePromoted
from shared.contracts.replies import KindCorrected, SideTaskAsked, TaskHandedOn
from shared.contracts.tasks import ReportChanged, TaskAssigned, TaskChanged, TaskEnded, TaskWithdrawn
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.loading import PACKAGED, load_playbooks
from tests.domain.evenings import DESK, START, Evening, only, refused


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    folder = tmp_path_factory.mktemp("classes") / "playbooks"
    shutil.copytree(PACKAGED, folder, ignore=shutil.ignore_patterns("digests.toml", "earlier"))
    for path in (Path(__file__).parent / "playbooks").glob("*.toml"):
        shutil.copy(path, folder)
    return load_playbooks(folder)


def test_people_are_sent_before_the_questions_are_answered(books: Playbooks) -> None:
    evening = Evening("security", books=books, kind="theft", place="南门").file()
    assert evening.open() == ["ask_scene.1", "go_scene.1", "go_scene.2", "lead_scene.1", "supervisor_scene.1"]
    assert evening.state["grade"] == "major"
    words = evening.assigned("lead_scene")[0].words
    assert words.zh.startswith("南门发生盗窃") and words.en.startswith("THEFT at S-GATE")


def test_the_police_are_called_after_60_s_whatever_was_answered(books: Playbooks) -> None:
    evening = Evening("security", books=books, kind="fight", place="南门").file()
    evening.ack("ask_scene")
    evening.later(seconds=61)
    assert {"ask_scene.1", "call_police.1"} <= {*evening.open()}


def test_an_included_step_brings_its_followers_and_no_more(books: Playbooks) -> None:
    evening = Evening("security", books=books, kind="poisoning", place="南门").file()
    evening.done("ask_scene", "asked", kind="poisoning")
    evening.done("call_police", "called_with_120")
    evening.done("meet.1", "arrived")
    evening.done("lead_in", "at_home")
    evening.done("ask_hospital", "left")
    assert not any(name.startswith("feed_back_ambulance") for name in evening.open())


def test_a_disaster_of_no_kind_is_a_fire_after_60_s_and_the_question_stays(books: Playbooks) -> None:
    evening = Evening("disaster", books=books, place="南门").file()
    assert evening.open() == ["ask_kind.1", "report_authority.1"]
    evening.later(seconds=61)
    assert evening.is_open("meet_engine") and evening.is_open("ask_kind")
    facts = evening.done("ask_kind", "flood", kind="flood")
    assert {f.why for f in only(facts, TaskWithdrawn)} == {"kind_corrected"}
    assert evening.is_open("go_flood") and not evening.is_open("meet_engine")
    assert {evening.holder(n)["role"] for n in evening.open() if n.startswith("stand_down")} == {"gate_guard"}


def test_a_kind_said_by_amendment_answers_the_question(books: Playbooks) -> None:
    evening = Evening("disaster", books=books, place="南门").file()
    facts = evening.amend(KindCorrected, kind="flood")
    assert [f.outcome for f in only(facts, TaskEnded)] == ["flood"]
    assert evening.is_open("go_flood") and not evening.is_open("ask_kind")


@pytest.mark.parametrize("kind, reason", [("gas", "other_lane"), ("fire", "unknown_kind")])
def test_a_kind_that_changes_the_lane_is_a_linked_report(books: Playbooks, kind: str, reason: str) -> None:
    evening = Evening("repair", books=books, urgency="daily").file()
    assert refused(evening.amend(KindCorrected, kind=kind)) == reason


def test_a_kind_replaces_the_entries_of_its_class(books: Playbooks) -> None:
    evening = Evening("repair", books=books, kind="lift_entrapment", place="南门").file()
    assert evening.open() == ["lift_now.1", "lift_now.2", "lift_rescue.1"]
    evening.later(minutes=31)
    assert evening.is_open("lift_escalate") and evening.is_open("lift_rescue")


def test_the_call_back_comes_15_min_after_the_order_unless_they_came(books: Playbooks) -> None:
    for comes in (True, False):
        evening = Evening("repair", books=books).file()
        evening.done("take_repair", "daily", urgency="daily")
        if comes:
            evening.done("order", "arrived")
        evening.later(minutes=16)
        assert evening.is_open("call_back_15") is not comes


def test_urgency_as_recorded_sets_the_limit(books: Playbooks) -> None:
    evening = Evening("repair", books=books, urgency="daily").file()
    evening.done("take_repair", "urgent", urgency="urgent")
    order = evening.assigned("order")[0]
    assert order.finish_by == order.assigned_at + timedelta(hours=2)


def test_an_appointment_counts_backwards(books: Playbooks) -> None:
    at = START + timedelta(hours=20)
    evening = Evening("repair", books=books, urgency="appointment", appointment_at=at).file()
    evening.done("take_repair", "daily", urgency="daily")
    assert evening.assigned("order")[0].arrive_by == at - timedelta(minutes=5)


def test_a_step_says_itself_where_a_hand_on_goes_and_the_clock_goes_with_it(books: Playbooks) -> None:
    evening = Evening("repair", books=books).file()
    evening.done("take_repair", "daily", urgency="daily")
    assert refused(evening.done("order", "hand_on")) == "no_onward"
    evening.reply(TaskHandedOn, "order", reason="属绿化", to_department="green")
    (order,), (after,) = evening.assigned("order"), evening.assigned("order_next")
    assert (after.finish_by, after.arrive_by) == (order.finish_by, order.arrive_by)
    assert (after.to.department, after.carried_from) == ("green", order.task_id)
    evening.reply(TaskHandedOn, "order_next", reason="属安防", to_department="security")
    assert evening.open() == ["head_decides.1", "order_next.1"]


def test_a_department_named_on_the_way_is_the_addressee(books: Playbooks) -> None:
    evening = Evening("general", books=books).file()
    evening.done("take_general", "department", department="green")
    assert evening.assigned("help")[0].to.department == "green"


def test_a_promotion_relieves_the_former_owner_and_tells_them(books: Playbooks) -> None:
    evening = Evening("complaint", books=books).file()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "minor", evening.by("grade_complaint"), grade="minor")
    common = {"case_version": 1, "index": 0}
    facts = evening.say(evening.make(GradePromoted, grade="major", why="open_for_a_month", **common))
    assert [f.task_id[-11:] for f in only(facts, TaskWithdrawn)] == ["own_minor.1"]
    assert [f.owner for f in only(facts, ReportChanged) if f.owner] == ["management_director"]
    told = {a.to.role for a in only(facts, TaskAssigned)}
    assert "management_director" in told and "service_head" in told


def test_standing_down_by_hand_is_one_task(books: Playbooks) -> None:
    evening = Evening("security", books=books, kind="theft", place="南门").file()
    facts = evening.reply(SideTaskAsked, "go_scene.1", DESK, step="stand_down")
    assert [(f.what, f.task_id[-10:]) for f in only(facts, TaskChanged)] == [("declined", "go_scene.1")]
    assert [name for name in evening.open() if name.startswith("stand_down")] == ["stand_down.1"]
