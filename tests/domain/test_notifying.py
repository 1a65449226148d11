"""Whom a message reaches and when the next device is tried, as timelines (issue: the notice reaches the guard)."""

import itertools
from datetime import time

import pytest

from shared.contracts.deliveries import DeliveryAccepted, DeliveryAttempted
from shared.contracts.event import Addressee
from shared.domain.estates.roster import Estate
from shared.domain.estates.rows import Shift
from shared.domain.notifying.addressing import may_be_tested, owners
from shared.domain.notifying.state import task_of
from shared.domain.rules import World
from tests.support.notify_case import DEVICES, NO_PLAYBOOKS, REPORT, NotifyCase, at, connected


def test_the_first_device_rings_at_once_and_silence_tries_the_next_one() -> None:
    case = NotifyCase()
    case.hear(case.assign(0)).run(60)
    assert case.told == ["0 radio-leader", "10 pager-leader", "20 phone-leader", "30 failed not_reached"]


def test_a_refusal_tries_the_next_one_at_once() -> None:
    case = NotifyCase()
    case.hear(case.assign(0))
    case.hear(case.refused(1, "radio-leader"))
    case.hear(case.refused(2, "pager-leader"))
    case.hear(case.refused(3, "phone-leader"))
    assert case.told == ["0 radio-leader", "1 pager-leader", "2 phone-leader", "3 failed not_reached"]


def test_the_best_receipt_ends_the_search_until_the_rungs_own_limit() -> None:
    case = NotifyCase()
    case.hear(case.assign(0))
    case.hear(case.delivered(2, "radio-leader")).run(29)
    assert case.told == ["0 radio-leader"]
    case.run(100)
    assert case.told == ["0 radio-leader", "30 pager-leader", "40 phone-leader"]


def test_who_was_reached_is_never_said_to_have_failed() -> None:
    case = NotifyCase()
    case.hear(case.assign(0))
    case.hear(case.delivered(1, "radio-leader")).run(31)
    case.hear(case.refused(32, "pager-leader"))
    case.hear(case.refused(33, "phone-leader")).run(1000)
    assert not any("failed" in line for line in case.told)


def test_accepted_is_not_delivered_where_a_channel_can_say_more() -> None:
    case = NotifyCase()
    case.hear(case.assign(0))
    case.hear(case.accepted(1, "radio-leader")).run(11)
    assert case.told == ["0 radio-leader", "10 pager-leader"]
    case.hear(case.accepted(12, "pager-leader")).run(29)
    assert case.told[2:] == []


def test_an_acknowledgement_ends_the_search() -> None:
    case = NotifyCase()
    case.hear(case.assign(0))
    case.hear(case.delivered(1, "radio-leader"), case.acknowledged(5)).run(1000)
    assert case.told == ["0 radio-leader"]
    assert case.rules.deadlines(case.state) == []


def test_what_has_ended_is_not_sent_however_late_its_assignment_comes() -> None:
    case = NotifyCase()
    assigned = case.assign(0, version=1)
    case.hear(case.ended(1, version=2), assigned).run(100)
    assert case.told == ["1 skipped ended"]


def test_a_task_that_opens_again_under_its_next_number_is_sent() -> None:
    case = NotifyCase()
    case.hear(case.assign(0), case.ended(1), case.assign(2, n=2))
    assert case.told == ["0 radio-leader", "2 radio-leader"]


def test_a_hand_over_by_name_rings_the_new_holder_and_only_him() -> None:
    case = NotifyCase()
    case.hear(case.assign(0), case.acknowledged(3), case.handed_over(60, "head-1")).run(200)
    assert case.told == ["0 radio-leader", "60 phone-head", "70 failed not_reached"]


def test_each_gate_is_told_at_its_own_post() -> None:
    case = NotifyCase()
    for n, post in enumerate(("gate-south", "gate-north"), start=1):
        case.hear(case.assign(0, "gate_guard", f"gate-{n}", step="meet", n=n, post=post))
    assert case.told == ["0 radio-south", "0 radio-north"]


def test_a_role_that_nobody_holds_is_rung_at_its_posts() -> None:
    estate = connected(shifts=())
    assert owners(estate, Addressee(role="gate_guard"), at(0)).posts == {"gate-south", "gate-north"}
    case = NotifyCase(estate)
    case.hear(case.assign(0, "gate_guard", None, step="meet")).run(11)
    assert case.told == ["0 radio-south", "10 radio-north"]


def test_a_holder_without_a_device_is_not_reached_and_that_is_said_at_once() -> None:
    case = NotifyCase()
    case.hear(case.assign(0, "engineering", "engineer-1", step="order"))
    assert case.told == ["0 failed no_device"]


def test_a_role_without_anybody_and_without_a_post_is_nobodys() -> None:
    case = NotifyCase(connected(shifts=()))
    case.hear(case.assign(0, "engineering", None, step="order"))
    assert case.told == ["0 failed nobody"]


def test_an_estate_that_connected_nothing_rings_nobody_and_hurries_no_ladder() -> None:
    case = NotifyCase(connected(devices=()))
    case.hear(case.assign(0)).run(100)
    assert case.told == ["0 skipped no_devices"]


def test_beside_means_together_in_an_emergency_alone() -> None:
    rows = [{**row, "beside": row["id"] == "phone-leader"} for row in DEVICES]
    case = NotifyCase(connected(*rows))
    case.hear(case.assign(0))
    assert case.told == ["0 radio-leader", "0 phone-leader"]
    case = NotifyCase(connected(*rows))
    case.hear(case.assign(0, pace="routine"))
    assert case.told == ["0 radio-leader"]


def test_what_stands_people_down_goes_out_on_every_device_that_was_used() -> None:
    case = NotifyCase()
    case.hear(case.assign(0)).run(11)
    case.hear(case.ended(12))
    case.hear(case.assign(13, step="stand_down", only_ack=True, ends_on="ack"))
    assert case.told[2:] == ["13 radio-leader", "13 pager-leader"]


def test_the_mornings_list_waits_for_the_end_of_the_quiet_hours() -> None:
    case = NotifyCase()
    night = 14 * 3600  # 02:00 at the estate
    morning = 19 * 3600  # 07:00
    case.hear(case.notice(night, urgency="morning", valid_until=at(night + 86_400)))
    assert case.told == [f"{night} skipped quiet_hours"]
    case.run(morning + 5)
    assert case.told[1:] == [f"{morning} phone-head"]


def test_by_day_the_mornings_list_goes_out_at_once() -> None:
    case = NotifyCase()
    case.hear(case.notice(0, urgency="morning"))
    assert case.told == ["0 phone-head"]


def test_after_its_time_a_notice_is_recorded_and_not_sent() -> None:
    case = NotifyCase()
    case.now = at(8000)
    case.take(case.notice(0, valid_until=at(7200)))
    assert [line.split(maxsplit=1)[1] for line in case.told] == ["skipped expired"]


def test_a_device_is_chosen_by_urgency_and_hour() -> None:
    rows = (
        {**DEVICES[0], "urgencies": ("routine",)},
        {**DEVICES[1], "hours": ("20:00", "06:00")},
        DEVICES[2],
    )
    case = NotifyCase(connected(*rows))
    case.hear(case.assign(0))
    assert case.told == ["0 phone-leader"]
    late = 10 * 3600
    case.hear(case.assign(late, n=2))
    assert case.told[-1] == f"{late} pager-leader"


@pytest.mark.parametrize(
    ("hours", "tested", "left"),
    [
        (None, ("10:00", "23:59"), ("00:00", "09:59")),
        (("08:00", "20:00"), ("10:00", "19:59"), ("08:00", "09:59", "20:00")),
        (("06:00", "10:00"), ("06:00", "09:59"), ("05:59", "10:00")),
        (("22:00", "06:00"), ("22:00", "23:59"), ("00:00", "05:59", "10:00")),
        (("00:00", "00:00"), ("10:00",), ("09:59",)),
    ],
)
def test_a_device_is_tested_in_its_own_hours_also_where_they_are_over_early(
    hours: tuple[str, str] | None, tested: tuple[str, ...], left: tuple[str, ...]
) -> None:
    own = (time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None
    assert all(may_be_tested(own, time.fromisoformat(t), time(10)) for t in tested)
    assert not any(may_be_tested(own, time.fromisoformat(t), time(10)) for t in left)


def test_a_device_that_break_glass_rang_is_not_rung_again() -> None:
    case = NotifyCase()
    case.hear(case.notice(0, "shift_leader", name="break_glass", already=("pager-leader",))).run(1000)
    assert case.told == ["0 pager-leader"]
    receipts = [f for f in case.facts if isinstance(f, DeliveryAccepted)]
    tried = [f for f in case.facts if isinstance(f, DeliveryAttempted)]
    assert [r.because_of for r in receipts] == [t.event_id for t in tried]
    assert case.state["unsent_since"] is None


def test_a_device_that_fails_its_test_is_told_to_the_service_head() -> None:
    case = NotifyCase()
    case.hear(case.notice(0, "gate_guard", name="device_test", device="radio-south", urgency="routine"))
    case.hear(case.accepted(1, "radio-south")).run(61)
    assert case.told == ["0 radio-south", "60 failed not_reached", "60 device_silent"]
    silent = case.facts[-1]
    case.take(silent)
    assert case.told[-1] == "61 phone-head"


def test_a_closed_case_waits_for_nothing() -> None:
    case = NotifyCase()
    case.hear(case.assign(0), case.closed(1))
    assert case.rules.closed_at(case.state) is None
    case.run(100)
    assert case.rules.closed_at(case.state) == at(1)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_receipts_in_any_order_and_again_leave_the_same_case(order: tuple[int, ...]) -> None:
    case = NotifyCase()
    case.hear(case.assign(0)).run(11)
    said = [
        case.accepted(12, "radio-leader"),
        case.delivered(12, "radio-leader"),
        case.accepted(12, "pager-leader"),
        case.refused(12, "radio-leader"),
    ]
    for number in (*order, *order):
        case.take(said[number])
    marks = [t["mark"] for m in case.state["messages"].values() for t in m["tries"]]
    assert marks[0] in ("delivered", "refused") and marks[1] == "accepted"


def test_a_case_that_rings_for_days_stays_small() -> None:
    case = NotifyCase(connected(DEVICES[1]))
    for n in range(1, 200):
        case.hear(case.notice(n * 100, "shift_leader", name="reminder", answer_by=at(n * 100 + 50)))
        case.hear(case.accepted(n * 100 + 1, "pager-leader"))
    case.run(30_000)
    assert len(case.state["messages"]) < 60


def test_the_rules_take_the_world_as_an_argument_and_change_no_state() -> None:
    case = NotifyCase()
    event, before = case.assign(0), dict(case.state)
    first = case.rules.decide(case.state, event, at(0), World(connected(), NO_PLAYBOOKS))
    assert case.state == before
    assert first == case.rules.decide(case.state, event, at(0), World(connected(), NO_PLAYBOOKS))


def test_who_declined_is_not_rung_again_and_his_waiting_page_is_wanted_no_more() -> None:
    case = NotifyCase()
    case.hear(case.assign(0), case.handed_over(5, "head-1")).run(300)
    assert case.told == ["0 radio-leader", "5 phone-head", "15 failed not_reached"]


def test_who_went_off_duty_before_the_sending_is_not_rung_but_who_holds_the_role_is() -> None:
    """SOP, Who takes part: who holds one is looked up at the moment of sending."""
    estate = an_estate_after_the_shift()
    case = NotifyCase(estate)
    case.hear(case.assign(0))
    assert case.told == ["0 pager-new"]


def test_a_task_that_was_acknowledged_stays_its_holders_beyond_his_shift() -> None:
    case = NotifyCase()
    case.hear(case.assign(0), case.acknowledged(5))
    case.world = case.world._replace(estate=an_estate_after_the_shift())
    reminder = case.notice(60, "shift_leader", name="reminder", task_id=f"{REPORT}.tell_leader.1")
    case.hear(reminder.model_copy(update={"to": Addressee(role="shift_leader", person="leader-1")}))
    assert case.told[-1] == "60 radio-leader"


def an_estate_after_the_shift() -> Estate:
    """leader-1 went home, leader-2 holds the role."""
    shifts = [s for s in connected().shifts if s.persons != ("leader-1",)]
    midnight = time(0, 0)
    new = Shift(persons=("leader-2",), roles=("shift_leader",), start=midnight, end=midnight)
    rows = (*DEVICES, {"id": "pager-new", "channel": "pager", "address": "4712", "person": "leader-2"})
    return connected(*rows, shifts=(*shifts, new))


def test_a_routine_page_that_stands_in_its_line_has_not_failed() -> None:
    case = NotifyCase(connected(DEVICES[1]))
    case.hear(case.assign(0, pace="routine")).run(1800)
    assert case.told == ["0 pager-leader"]
    case.hear(case.accepted(1801, "pager-leader")).run(7200)
    assert case.told == ["0 pager-leader"]


def test_a_routine_page_that_never_goes_out_fails_in_the_end() -> None:
    case = NotifyCase(connected(DEVICES[1]))
    case.hear(case.assign(0, pace="routine")).run(8000)
    assert case.told[0] == "0 pager-leader" and case.told[1].endswith("failed not_reached")
    assert 3000 < float(case.told[1].split()[0]) < 7500


def test_what_is_no_longer_valid_is_not_tried_on_the_next_device() -> None:
    case = NotifyCase()
    case.hear(case.notice(0, "shift_leader", valid_until=at(5))).run(100)
    assert case.told == ["0 radio-leader", "10 skipped expired"]


def test_the_mornings_list_that_ends_before_the_morning_wakes_nobody() -> None:
    case = NotifyCase()
    night = 14 * 3600
    case.hear(case.notice(night, urgency="morning", valid_until=at(night + 60))).run(night + 7200)
    assert case.told == [f"{night} skipped expired"]


def test_a_test_goes_to_its_device_whatever_that_is_kept_for() -> None:
    case = NotifyCase(connected({**DEVICES[0], "urgencies": ("morning",)}))
    case.hear(case.notice(0, "shift_leader", name="device_test", device="radio-leader", urgency="routine"))
    assert case.told == ["0 radio-leader"]


def test_what_break_glass_rang_on_a_radio_is_not_rung_again() -> None:
    case = NotifyCase()
    case.hear(case.notice(0, "shift_leader", name="break_glass", already=("radio-leader",))).run(1000)
    assert case.told == ["0 radio-leader"]


def test_who_said_understood_by_a_polled_pager_may_say_more_until_the_task_has_ended() -> None:
    case = NotifyCase()
    case.hear(case.assign(0))
    case.hear(case.receipt(4, DeliveryAccepted, "radio-leader", token="1 2"), case.acknowledged(5))
    asked = case.state["watched_since"]
    case.hear(case.ended(60))
    assert (asked, case.state["watched_since"]) == (at(0), None)


def test_a_drills_page_that_waits_for_real_ones_has_not_failed() -> None:
    case = NotifyCase()
    assert case.hear(case.assign(0, drill=True)).run(120).told == ["0 radio-leader"]


def test_the_next_holder_has_acknowledged_nothing() -> None:
    case = NotifyCase()
    case.hear(case.assign(0), case.acknowledged(5), case.handed_over(10, "leader-2"))
    assert "acked" not in task_of(case.state, f"{REPORT}.tell_leader.1")


def test_a_page_that_left_its_line_late_has_its_time_from_then() -> None:
    case = NotifyCase()
    case.hear(case.assign(0, pace="routine")).run(119)
    before = len(case.told)
    case.hear(case.accepted(119, "radio-leader"))
    assert (before, case.run(125).told) == (1, ["0 radio-leader"])


def test_a_reminder_to_who_handed_it_over_is_wanted_no_more_but_what_rings_others_is() -> None:
    case = NotifyCase()
    task = f"{REPORT}.tell_leader.1"
    reminder = case.notice(2, "shift_leader", name="reminder", task_id=task)
    rung = case.notice(3, "service_head", name="rung", task_id=task)
    case.hear(case.assign(0), reminder, rung, case.handed_over(10, "leader-2"))
    over = {m["name"]: m["over"] for m in case.state["messages"].values() if m["kind"] == "notice"}
    assert over == {"reminder": "superseded", "rung": None}
