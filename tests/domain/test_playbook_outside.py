"""Whatever tells somebody to call outside the estate says so as `calls`, so that a drill never reaches them."""

import re

import pytest

from shared.contracts.vocabulary import CATEGORIES, Category
from shared.domain.dispatching.outside import DO_NOT_CALL, NAMES
from shared.domain.drill_mark import DRILL
from shared.domain.playbooks.format import Notice, Step
from tests.domain.evenings import playbooks
from tests.domain.watched_evenings import Night

OUTSIDE = re.compile(
    r"1(10|19|20|22)|authority|\bfirm\b|company|\bbody\b|police|ambulance|engine\b|contact|taxi"
    r"|电话|报警|报(公司|主管)|上报|通知|相关部门|燃气公司|维保|外委",
    re.IGNORECASE,
)
HARMLESS = {
    "approve_contractor": "asks the head for a decision",
    "approve_on_site": "asks the head for a decision",
    "ask_address": "the patient's phone is asked for",
    "ask_help": "the caller chooses",
    "explain_refused": "the resident is told",
    "fire_control": "the alarm on the panel",
    "fire_engine_comes": "the gates' own part",
    "gate_arrived": "the gates' own part",
    "contractor_decided": "tells of a decision",
    "engine_arrived": "the gates' own part",
    "gates_watch": "the gates' own part",
    "hold_lift": "waits for them",
    "lead_in": "leads them",
    "meet": "the gates' own part",
    "meet_engine": "the gates' own part",
    "no_ambulance": "asks the head for a decision",
    "outage_level": "prepares; report_orange reports",
    "protect": "hands over to who has come",
    "raise_to_emergency": "files a report",
    "stay_with_patient": "waits for them",
    "tell_leader": "inside the estate",
}
"""Speaks of somebody outside, and has nobody call them."""


def _speaking() -> list[Step | Notice]:
    books = playbooks().by_category.values()
    rows = {row.id: row for book in books for row in (*book.steps.values(), *book.notices.values())}
    return [row for row in rows.values() if OUTSIDE.search(f"{row.zh} {row.en}")]


def test_whoever_is_told_to_call_outside_is_told_not_to_in_a_drill() -> None:
    silent = {row.id for row in _speaking() if not row.calls}
    assert silent == set(HARMLESS)


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_a_drill_says_instead_fits_a_pager_with_its_answer_code(category: Category) -> None:
    book = playbooks().of(category)
    for row in (*book.steps.values(), *book.notices.values()):
        lists = row.calls.values() if isinstance(row.calls, dict) else (row.calls,)
        for calls in filter(None, lists):
            names = ", ".join(NAMES[one].en if one in NAMES else one for one in calls)
            said = DRILL.en + DO_NOT_CALL.en.replace("{calls}", names).replace("{place}", "B3-1-1201-02")
            assert len(said) + len(" 12") <= 80, row.id


def test_what_is_not_ours_is_passed_on_to_nobody_in_a_drill() -> None:
    for drill in (False, True):
        night = Night("general", place="3栋1单元1201", drill=drill)
        night.file()
        night.done("take_general", "not_ours")
        (task,) = night.assigned("onward_general")
        assert task.calls == (None if drill else ("body",))
        assert ("Do NOT call the right body" in task.words.en) is drill
        assert task.words.zh.startswith("演习:勿联系相关部门") is drill


def test_notices_of_a_drill_send_nobody_to_the_telephone() -> None:
    for drill in (False, True):
        fire = Night("disaster", kind="fire", place="南门", drill=drill)
        fire.file()
        fire.done("ask_fire", "flames")
        fire.done("call_119", "called")
        fire.done("evacuate.1", "missing")
        fire.done("fight_fire", "false_alarm")
        fight = Night("security", kind="fight", place="南门", drill=drill)
        fight.file()
        fight.done("lead_scene", "false_alarm")
        words = [t.words for t in (*fire.assigned("persons_missing"), *fire.assigned("disaster_false"))]
        words += [n.words for n in fight.told("security_false")]
        assert len(words) == 3 + 4 + 3
        assert all(("Do NOT call" in w.en, w.zh.startswith("演习:勿联系")) == (drill, drill) for w in words)
