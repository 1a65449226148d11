"""Arriving, finishing, asking again, the unassigned emergency, and what stops each."""

import pytest

from shared.contracts.notices import NoticeIssued
from tests.support.escalation_case import EVERYBODY, EscalationCase, at, without_notices

DAY = 86_400


def test_the_finish_ladder_starts_at_the_holder() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(120)))
    case.hear(case.acknowledged("go.1", "ann", "guard", 10))
    assert case.run(300) == [
        "120 limit finish",
        "120 rung finish 0 guard ann",
        "120 notice reminder ann",
        "150 rung finish 1 shift_leader lee",
        "150 notice rung lee",
        "150 notice informed ann",
        "180 rung finish 2 security_supervisor sue",
        "180 notice rung sue",
        "180 notice informed ann",
        "180 notice informed lee",
        "240 rung finish 3 management_director dan",
        "240 notice rung dan",
        "240 notice informed ann",
        "240 notice informed lee",
        "240 notice informed sue",
    ]


def test_arriving_stops_arrive_and_ack_but_not_finish() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, arrive_by=at(240), finish_by=at(900)))
    assert case.live == {"ack.go.1": 30, "arrive.go.1": 240, "finish.go.1": 900}
    case.hear(case.arrived("go.1", "ann", "guard", 20))
    assert case.live == {"finish.go.1": 900}


def test_the_arrive_ladder_runs_beside_the_acknowledgement() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, arrive_by=at(240), finish_by=at(9_000)))
    case.hear(case.acknowledged("go.1", "ann", "guard", 5))
    assert without_notices(case.run(280)) == [
        "240 limit arrive",
        "240 rung arrive 0 guard ann",
        "270 rung arrive 1 shift_leader lee",
    ]
    case.hear(case.arrived("go.1", "ann", "guard", 290))
    assert case.live == {"finish.go.1": 9_000}


def test_a_written_inquiry_is_chased_after_its_two_days() -> None:
    """SOP S4.1: 48 hours from receipt; then the head, 15 min later the director, every hour."""
    case = EscalationCase(lane="routine")
    case.hear(case.filed(form="written"))
    two_days = at(2 * DAY)
    case.hear(case.assigned("reply_written.1", "service_head", "hal", 600, ack_wait=4 * 3600, finish_by=two_days))
    case.hear(case.acknowledged("reply_written.1", "hal", "service_head", 3600))
    assert without_notices(case.run(2 * DAY + 900 + 3600)) == [
        f"{2 * DAY} limit finish",
        f"{2 * DAY} rung finish 0 service_head hal",
        f"{2 * DAY + 900} rung finish 1 management_director dan",
        f"{2 * DAY + 900 + 3600} rung finish 1 management_director dan again 2",
    ]


@pytest.mark.parametrize(("ask_every", "finish_by", "expected"), [
    (None, None, ["1800", "3600"]),
    (600, None, ["600", "1200", "1800", "2400", "3000", "3600"]),
    (1800, at(9_000), ["1800", "3600"]),
    (None, at(9_000), []),
])  # fmt: skip
def test_without_a_limit_to_its_end_the_holder_is_asked_again(
    ask_every: int | None, finish_by: object, expected: list[str]
) -> None:
    """PLAYBOOKS 0.6.2; no rung is climbed, and an answer does not stop it."""
    case = EscalationCase()
    case.hear(case.assigned("wait.1", "guard", "ann", ask_every=ask_every, finish_by=finish_by))
    case.hear(case.acknowledged("wait.1", "ann", "guard", 10))
    assert case.run(4000) == [f"{second} notice reminder ann" for second in expected]
    case.hear(case.ended("wait.1", 4001))
    assert case.live == {}


def test_an_extended_limit_moves_its_own_clock_and_may_pass_anew() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", arrive_by=at(240), finish_by=at(300)))
    case.run(310)
    case.hear(case.changed("go.1", "limit", 320, finish_by=at(1000)))
    assert case.live["finish.go.1"] == 1000
    lines = without_notices(case.run(1000))
    assert [text for text in lines if "limit finish" in text] == ["300 limit finish", "1000 limit finish"]
    assert lines[-1] == "1000 rung finish 0 guard ann"


@pytest.mark.parametrize("how", ["ended", "withdrawn"])
def test_the_end_of_a_task_stops_all_its_clocks(how: str) -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, arrive_by=at(240)))
    case.hear(case.assigned("go.2", "guard", "ben", ack_wait=30, finish_by=at(900)))
    case.hear(case.ended("go.1", 10) if how == "ended" else case.withdrawn("go.1", 10))
    assert case.live == {"ack.go.2": 30, "finish.go.2": 900}


def test_a_notice_that_wants_an_acknowledgement_has_a_ladder_too() -> None:
    case = EscalationCase()
    case.hear(case.assigned("stand_down.1", "guard", "ann", ack_wait=60, only_ack=True, ends_on="ack"))
    assert without_notices(case.run(60)) == ["60 limit ack", "60 rung ack 1 shift_leader lee"]
    case.hear(case.acknowledged("stand_down.1", "ann", "guard", 70), case.ended("stand_down.1", 70))
    assert case.live == {}


def test_closing_leaves_what_outlives_the_case() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30))
    case.hear(case.assigned("return_visit.1", "customer_assistant", "amy", finish_by=at(3 * DAY)))
    case.hear(case.ended("go.1", 10), case.closed(11))
    assert case.live == {"finish.return_visit.1": 3 * DAY}
    assert case.rules.closed_at(case.state) is None
    case.hear(case.ended("return_visit.1", 500))
    assert case.live == {}
    assert case.rules.closed_at(case.state) == at(500)


def test_who_left_with_the_shift_is_asked_no_more_unless_it_is_his_task() -> None:
    case = EscalationCase(EVERYBODY | {"guard": ("ben",)})
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30))
    case.hear(case.assigned("go.2", "guard", "ann", ack_wait=30))
    case.hear(case.acknowledged("go.2", "ann", "guard", 5))
    assert [text for text in case.run(1800) if text.startswith("1800 notice reminder")] == [
        "1800 notice reminder ben",
        "1800 notice reminder ann",
    ]


class TestUnassigned:
    """ARCHITECTURE: an emergency without a task in 30 s rings the control room."""

    def test_rings_until_a_task_comes(self) -> None:
        case = EscalationCase()
        case.hear(case.filed())
        lines = case.run(200)
        assert lines == [
            "30 unassigned",
            "30 notice unassigned cam",
            "60 notice unassigned cam",
            "180 notice unassigned cam",
        ]
        case.hear(case.assigned("go.1", "guard", "ann", 250, finish_by=at(900)))
        assert case.live == {"finish.go.1": 900}

    @pytest.mark.parametrize(("roles", "told"), [(EVERYBODY | {"control_room": ()}, "lee"), ({}, "control_room")])
    def test_rings_the_first_rung_that_somebody_holds(self, roles: dict[str, tuple[str, ...]], told: str) -> None:
        case = EscalationCase(roles)
        case.hear(case.filed())
        assert case.run(30)[1:] == [f"30 notice unassigned {told}"]

    def test_says_the_place_only_as_the_estate_knows_it(self) -> None:
        case = EscalationCase()
        case.hear(case.filed(place="3栋1201", place_short="B3-1201"))
        case.run(30)
        notice = case.facts[-1]
        assert isinstance(notice, NoticeIssued)
        assert (notice.words.zh, notice.words.en) == (
            "3栋1201急事无人派单,请即处理",
            "NOBODY SENT B3-1201. Act now.",
        )

    @pytest.mark.parametrize("why", ["routine", "written_up", "closed", "task before", "task over before"])
    def test_is_silent(self, why: str) -> None:
        case = EscalationCase(lane="routine" if why == "routine" else "emergency")
        if why == "closed":
            case.hear(case.closed(0))
        if why.startswith("task"):
            case.hear(case.assigned("go.1", "guard", "ann", finish_by=at(900)))
        if why == "task over before":
            case.hear(case.ended("go.1", 0))
        case.hear(case.filed(written_up=why == "written_up"))
        assert "unassigned" not in case.live


class TestWords:
    @pytest.mark.parametrize(
        ("zh", "en", "expected"),
        [
            ("去B3待命", "Go to B3", ("无人应答:去B3待命", "UNHEARD: Go to B3")),
            ("去" * 34, "G" * 70, ("3栋任务无人应答,请接手", "UNANSWERED B3. Please take it.")),
        ],
    )
    def test_carry_the_tasks_own_where_they_fit(self, zh: str, en: str, expected: tuple[str, str]) -> None:
        case = EscalationCase()
        case.hear(case.filed(place="3栋", place_short="B3"))
        case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, words={"zh": zh, "en": en}))
        case.run(30)
        notice = next(f for f in case.facts if isinstance(f, NoticeIssued))
        assert (notice.words.zh, notice.words.en) == expected

    def test_never_carry_a_place_that_was_corrected_meanwhile(self) -> None:
        case = EscalationCase()
        case.hear(case.filed(place="3栋", place_short="B3"), case.assigned("go.1", "guard", "ann", ack_wait=30))
        case.hear(case.place_changed("5栋", "B5", 10))
        case.run(30)
        notice = next(f for f in case.facts if isinstance(f, NoticeIssued))
        assert (notice.words.zh, notice.words.en) == ("5栋任务无人应答,请接手", "UNANSWERED B5. Please take it.")

    def test_a_notice_lapses_when_its_next_one_is_long_due(self) -> None:
        case = EscalationCase()
        case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30)).run(30)
        notice = next(f for f in case.facts if isinstance(f, NoticeIssued))
        assert (notice.urgency, notice.valid_until, notice.clause) == ("emergency", at(60 + 300), ("S3.1.1",))

    def test_of_a_drill_say_so_first(self) -> None:
        case = EscalationCase()
        case.hear(case.filed(drill=True)).run(30)
        notice = case.facts[-1]
        assert isinstance(notice, NoticeIssued)
        expected = ("演习:地点待报急事无人派单,请即处理", "DRILL NOBODY SENT PLACE TO COME. Act now.")
        assert (notice.drill, notice.words.zh, notice.words.en) == (True, *expected)
