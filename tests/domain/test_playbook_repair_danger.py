"""S6, S7: gas, water into the mains, and a whole building without water, power or gas."""

from datetime import timedelta

import pytest

from shared.contracts.replies import SideTaskAsked
from tests.domain.evenings import DESK, refused
from tests.domain.watched_evenings import URGENT, repair

# ---- a whole building without water, power or gas ------------------------------------


def test_an_outage_is_the_directors_at_four_hours_and_the_authoritys_at_six() -> None:
    night = repair("outage", **URGENT)
    assert night.open() == ["order.1", "supply_back.1"]
    assert night.assigned("supply_back")[0].ask_every == 1800, "a live deadline until supply is back"
    night.later(hours=4)
    assert night.to("outage_level") == ["director-1"]
    night.later(hours=2)
    report = night.assigned("report_orange")[0]
    assert report.to.role == "management_director" and report.calls == ("company", "authority")
    assert night.after("report_orange", "finish") == timedelta(minutes=20)
    assert refused(night.done("report_orange", "reported", numbers_called=["company"])) == "not_called"
    night.done("report_orange", "reported", numbers_called=["company", "authority"])
    assert not night.is_open("report_orange")


def test_a_repair_put_off_stops_no_clock_of_the_outage() -> None:
    night = repair("outage", **URGENT)
    night.done("order", "arrived")
    night.done("repair", "cannot_now")
    night.later(hours=6)
    assert night.told("outage_level") or night.to("outage_level")
    assert night.is_open("report_orange")


@pytest.mark.parametrize(("hours", "told"), [(3, []), (5, ["director-1"])])
def test_supply_that_is_back_stops_what_was_to_come(hours: int, told: list[str]) -> None:
    night = repair("outage", **URGENT)
    night.later(hours=hours)
    night.done("supply_back", "back")
    night.later(hours=4)
    assert night.to("outage_level") == told and not night.assigned("report_orange")
    night.done("order", "arrived")
    night.done("repair", "done")
    night.done("record_repair", "recorded")
    assert night.closed


# ---- gas, water into the mains --------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "words"), [("gas", ("燃气泄漏", "GAS")), ("mains_water", ("配电进水", "ELEC FLOODED"))]
)
def test_danger_sends_engineering_at_once_and_tells_who_keeps_people_out(kind: str, words: tuple[str, str]) -> None:
    night = repair(filed={"kind": kind})
    assert night.lane == "emergency"
    assert {"take_repair.1", "order_danger.1"} <= {*night.open()} and night.is_open("gas_firm") is (kind == "gas")
    order = night.assigned("order_danger")[0]
    assert (order.ack_wait, night.after("order_danger", "arrive")) == (30, timedelta(minutes=5))
    assert night.after("order_danger", "finish") == timedelta(minutes=15)
    assert order.words.zh.startswith(words[0]) and order.words.en.startswith(words[1]), "the engineer hears what"
    assert night.to("danger_repair") == ["head-1", "leader-1", "chief-1"]
    assert night.assigned("danger_repair")[0].words.zh.startswith(words[0])
    night.done("take_repair", "urgent", **URGENT)
    assert not night.assigned("order"), "the register joins the order that has gone out"
    night.done("order_danger", "arrived")
    assert night.is_open("repair")


def test_an_engineer_who_does_not_come_to_danger_is_rung_about_too() -> None:
    night = repair(filed={"kind": "mains_water"})
    night.done("take_repair", "urgent", **URGENT)
    night.later(minutes=15)
    assert night.is_open("call_back_15")


def test_gas_is_for_the_gas_company_and_119_opens_the_gates() -> None:
    night = repair(filed={"kind": "gas"})
    assert night.assigned("gas_firm")[0].calls == ("gas_company",)
    assert refused(night.done("gas_firm", "called", numbers_called=["119"])) == "not_called"
    assert refused(night.done("gas_firm", "called", numbers_called=["gas_company", "119"])) == "say_outcome"
    night.done("gas_firm", "called_with_119", numbers_called=["gas_company", "119"])
    assert night.to("fire_engine_comes") == ["leader-1", "gate-1", "gate-2"]


def test_a_gas_company_that_does_not_answer_is_for_the_head_now() -> None:
    night = repair(filed={"kind": "gas"})
    night.done("gas_firm", "no_answer")
    assert night.is_open("head_decides")


def test_a_leak_behind_a_locked_door_is_opened_by_hand() -> None:
    night = repair(filed={"kind": "mains_water"})
    night.reply(SideTaskAsked, "order_danger", DESK, step="no_entry")
    assert not night.is_open("no_entry"), "the desk holds no engineer's task"
    night.reply(SideTaskAsked, "order_danger", step="no_entry")
    assert {"no_entry.1", "order_danger.1"} <= {*night.open()}


def test_nobody_answers_an_order_in_danger() -> None:
    night = repair(filed={"kind": "gas"})
    night.later(minutes=6)
    assert night.asked("order_danger") == ["department_head", "service_head", "management_director"]
    assert night.passed("order_danger", "arrive")


def test_a_drill_calls_nobody_outside() -> None:
    night = repair(filed={"kind": "gas", "drill": True})
    firm = night.assigned("gas_firm")[0]
    assert firm.calls is None and "勿联系燃气公司" in firm.words.zh


# ---- nobody answers anything ------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gas", "mains_water", "lift_entrapment", None])
def test_no_open_task_is_ever_without_a_live_deadline(kind: str | None) -> None:
    night = repair(filed={"kind": kind}) if kind else repair("outage", **URGENT)
    until = night.now + timedelta(minutes=40 if kind else 24 * 60)
    while night.now < until:
        assert night.ring_next() == []
