"""S2c: who has it after a hand-on, whose the report is, and which departments may be named."""

from typing import Any

import pytest

from shared.contracts.replies import TaskHandedOn
from shared.contracts.tasks import ReplyRefused
from shared.domain.estates.roster import Department
from tests.domain.evenings import DESK, Evening, only, refused
from tests.domain.watched_evenings import with_heads

ESTATE = with_heads().model_copy(
    update={
        "departments": (
            Department(id="engineering", zh="工程部"),
            Department(id="green", zh="绿化部"),
            Department(id="cleaning", zh="环境部"),
        )
    }
)


def ordered(**filed: Any) -> Evening:
    evening = Evening("repair", ESTATE, place="3栋1单元1201", **filed).file()
    evening.done("take_repair", "daily", urgency="daily")
    return evening


def general() -> Evening:
    return Evening("general", ESTATE, place="3栋1单元1201").file()


def test_a_role_that_is_named_gets_the_task_though_the_step_hands_on_to_departments() -> None:
    evening = ordered()
    first = evening.assigned("order")[0]
    evening.reply(TaskHandedOn, "order", reason="要客服约时间", to_role="customer_assistant")
    second = evening.assigned("order")[-1]
    assert (second.n, second.to.role, second.finish_by) == (2, "customer_assistant", first.finish_by)
    assert not evening.assigned("order_next")


def test_a_department_that_is_named_gets_it_by_the_steps_own_row() -> None:
    evening = ordered()
    evening.reply(TaskHandedOn, "order", reason="属绿化", to_role="department_head", to_department="绿化部")
    (following,) = evening.assigned("order_next")
    assert (following.to.department, following.to.person) == ("green", "green-1")


def test_only_the_owners_own_task_takes_the_report_along() -> None:
    evening = ordered()
    evening.reply(TaskHandedOn, "order", reason="属绿化", to_department="green")
    assert (evening.state["hand_ons"], evening.state["owner"]) == (1, "customer_assistant")
    evening = general()
    evening.reply(TaskHandedOn, "take_general", DESK, reason="由主管办", to_role="service_head")
    assert (evening.state["hand_ons"], evening.state["owner"]) == (1, "service_head")


def test_a_step_that_owns_takes_the_report_along_whoever_owned_it() -> None:
    evening = Evening("complaint", ESTATE).file()
    evening.done("register_complaint", "registered")
    evening.done("grade_complaint", "minor")
    evening.reply(TaskHandedOn, "own_minor", reason="投诉对象是我", to_role="management_director")
    assert evening.state["owner"] == "management_director"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"to_department": "花房"}, "unknown_department"),
        ({"to_role": "department_head"}, "name_department"),
        ({"to_role": "department_head", "to_department": "花房"}, "unknown_department"),
    ],
)
def test_handing_on_to_a_department_names_one_that_the_estate_has(said: dict[str, str], reason: str) -> None:
    evening = ordered()
    facts = evening.reply(TaskHandedOn, "order", reason="不属本部门", **said)
    assert refused(facts) == reason
    assert "green 绿化部" in only(facts, ReplyRefused)[0].words.zh
    assert evening.is_open("order")


@pytest.mark.parametrize(("named", "reason"), [(..., "name_department"), ("花房", "unknown_department")])
@pytest.mark.parametrize("step", ["take_general", "ask_head_general"])
def test_a_request_for_a_department_names_one_that_the_estate_has(step: str, named: Any, reason: str) -> None:
    evening = general()
    if step == "ask_head_general":
        evening.done("take_general", "cannot")
    assert refused(evening.done(step, "department", department=named)) == reason
    assert not evening.assigned("help")
    evening.done(step, "department", department=" 环境部 ")
    assert [a.to.person for a in evening.assigned("help")] == ["clean-1"]


def test_what_needs_no_department_is_said_without_one() -> None:
    evening = general()
    assert not refused(evening.done("take_general", "done_now"))
    assert not evening.is_open("take_general")


def test_who_decides_names_a_role_or_a_department_that_there_is() -> None:
    evening = ordered()
    evening.reply(TaskHandedOn, "order", reason="属绿化", to_department="green")
    evening.reply(TaskHandedOn, "order_next", reason="属环境", to_department="cleaning")
    assert refused(evening.done("head_decides", "decided", new_owner="他们")) == "unknown_department"
    assert evening.is_open("head_decides")
    evening.done("head_decides", "decided", new_owner="环境部")
    assert evening.assigned("order_next")[-1].to.department == "cleaning"


def test_an_estate_that_names_no_departments_takes_any_name() -> None:
    evening = Evening("general", place="3栋1单元1201").file()
    evening.done("take_general", "department", department="花房")
    assert evening.assigned("help")[0].to.department == "花房"
