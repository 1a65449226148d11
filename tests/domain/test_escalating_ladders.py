"""SOP, Ladders and PLAYBOOKS 0.2 as timelines: what is said at which second when nobody, or somebody, answers."""

import pytest

from shared.contracts.vocabulary import Role
from tests.support.escalation_case import EVERYBODY, EscalationCase, at, without_notices

Roles = dict[str, tuple[str, ...]]


def staff(**changed: tuple[str, ...]) -> Roles:
    return EVERYBODY | changed


NOBODY_ANSWERS: list[tuple[str, Roles, str, Role, str | None, int, int, list[str]]] = [
    (
        "emergency, all rungs",
        staff(),
        "emergency",
        "guard",
        "ann",
        30,
        400,
        [
            "30 limit ack",
            "30 rung ack 1 shift_leader lee",
            "60 rung ack 2 security_supervisor sue",
            "120 rung ack 3 management_director dan",
            "240 rung ack 3 management_director dan again 2",
            "360 rung ack 3 management_director dan again 3",
        ],
    ),
    (
        "routine: 5 min, 15 min, then every 60 min",
        staff(),
        "routine",
        "customer_assistant",
        "amy",
        300,
        8500,
        [
            "300 limit ack",
            "300 rung ack 1 service_head hal",
            "1200 rung ack 2 management_director dan",
            "4800 rung ack 2 management_director dan again 2",
            "8400 rung ack 2 management_director dan again 3",
        ],
    ),
    (
        "an empty rung is skipped at once, and said once",
        staff(shift_leader=(), management_director=()),
        "emergency",
        "guard",
        "ann",
        30,
        200,
        [
            "30 limit ack",
            "30 skip ack 1 shift_leader nobody",
            "30 rung ack 2 security_supervisor sue",
            "90 skip ack 3 management_director nobody",
            "90 rung ack 2 security_supervisor sue again 2",
        ],
    ),
    (
        "at night one person is guard, leader and supervisor",
        staff(shift_leader=("ann",), security_supervisor=("ann",)),
        "emergency",
        "guard",
        "ann",
        30,
        100,
        [
            "30 limit ack",
            "30 skip ack 1 shift_leader already_asked",
            "30 skip ack 2 security_supervisor already_asked",
            "30 rung ack 3 management_director dan",
        ],
    ),
    (
        "one person is everything: asked again, never escalated to himself",
        staff(shift_leader=("ann",), security_supervisor=("ann",), management_director=("ann",)),
        "emergency",
        "guard",
        "ann",
        30,
        120,
        [
            "30 limit ack",
            "30 skip ack 1 shift_leader already_asked",
            "30 skip ack 2 security_supervisor already_asked",
            "30 skip ack 3 management_director already_asked",
            "30 rung ack 0 guard ann again 2",
            "60 rung ack 0 guard ann again 3",
            "120 rung ack 0 guard ann again 4",
        ],
    ),
    (
        "the leader is the supervisor too: asked again as the leader he was asked as",
        staff(security_supervisor=("lee",), management_director=()),
        "emergency",
        "guard",
        "ann",
        30,
        60,
        [
            "30 limit ack",
            "30 rung ack 1 shift_leader lee",
            "60 skip ack 2 security_supervisor already_asked",
            "60 skip ack 3 management_director nobody",
            "60 rung ack 1 shift_leader lee again 2",
        ],
    ),
    (
        "only those of a rung are asked who were not asked before",
        staff(shift_leader=("ann", "lee")),
        "emergency",
        "guard",
        "ann",
        30,
        30,
        ["30 limit ack", "30 rung ack 1 shift_leader lee"],
    ),
    (
        "nobody holds the role: the next rung before any limit",
        staff(guard=()),
        "emergency",
        "guard",
        None,
        30,
        30,
        ["0 skip ack 0 guard nobody", "0 rung ack 1 shift_leader lee", "30 limit ack",
         "30 rung ack 2 security_supervisor sue"],
    ),
    (
        "nobody holds anything: the role itself is rung",
        {},
        "emergency",
        "guard",
        None,
        30,
        60,
        [
            "0 skip ack 0 guard nobody",
            "0 skip ack 1 shift_leader nobody",
            "0 skip ack 2 security_supervisor nobody",
            "0 skip ack 3 management_director nobody",
            "0 rung ack 0 guard",
            "30 limit ack",
            "30 rung ack 0 guard again 2",
            "60 rung ack 0 guard again 3",
        ],
    ),
    (
        "a ladder starts at the task's own role",
        staff(),
        "emergency",
        "security_supervisor",
        "sue",
        20,
        20,
        ["20 limit ack", "20 rung ack 1 management_director dan"],
    ),
    (
        "above engineering stands its own department's head",
        staff(engineering=("eve",)) | {"department_head@cleaning": ("cy",), "department_head@engineering": ("ed",)},
        "routine",
        "engineering",
        "eve",
        600,
        600,
        ["600 limit ack", "600 rung ack 1 department_head ed"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "lane", "role", "person", "wait", "until", "expected"),
    [case[1:] for case in NOBODY_ANSWERS],
    ids=[case[0] for case in NOBODY_ANSWERS],
)
def test_nobody_answers(
    roles: Roles, lane: str, role: Role, person: str | None, wait: int, until: int, expected: list[str]
) -> None:
    case = EscalationCase(roles, lane)
    case.hear(case.assigned("go.1", role, person, ack_wait=wait, finish_by=at(999_999)))
    assert without_notices(case.run(until)) == expected


def test_the_next_rung_is_rung_and_the_earlier_ones_stay_informed() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)))
    assert [text for text in case.run(70) if "notice" in text] == [
        "30 notice rung lee",
        "30 notice informed ann",
        "60 notice rung sue",
        "60 notice informed ann",
        "60 notice informed lee",
    ]


def test_a_role_held_by_nobody_is_rung_without_a_person() -> None:
    case = EscalationCase({})
    case.hear(case.assigned("go.1", "guard", None, ack_wait=30))
    assert case.lines[-1] == "0 notice reminder guard"


@pytest.mark.parametrize(("answered", "expected"), [(29.999, []), (30, []), (30.001, ["30 limit ack"])])
def test_acknowledged_at_the_last_moment(answered: float, expected: list[str]) -> None:
    """The engine decides an answer before a deadline of the same batch, so `at 30` counts."""
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)))
    acknowledged = case.acknowledged("go.1", "ann", "guard", answered)
    if answered == 30:
        case.take(acknowledged)
    case.hear(acknowledged)
    assert without_notices(case.run(500))[:1] == expected
    assert case.live == {"finish.go.1": 900}


def test_anybody_of_the_ladder_may_acknowledge_and_then_is_the_one_who_is_reminded() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(300)))
    case.hear(case.acknowledged("go.1", "lee", "shift_leader", 40))
    case.hear(case.acknowledged("go.1", "ann", "guard", 50))
    assert case.run(300)[4:] == ["300 limit finish", "300 rung finish 0 guard lee", "300 notice reminder lee"]


def test_the_top_rung_is_rung_until_answered() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "management_director", "dan", ack_wait=120, finish_by=at(9_999)))
    lines = case.run(600)
    assert [text.split(" ")[0] for text in lines if "notice reminder dan" in text] == [
        "120",
        "240",
        "360",
        "480",
        "600",
    ]
    case.hear(case.acknowledged("go.1", "dan", "management_director", 700))
    assert case.run(5_000) == lines


def test_what_the_top_took_himself_is_not_passed_down_to_others() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(600)))
    case.run(400)
    case.hear(case.acknowledged("go.1", "dan", "management_director", 410))
    told = [line for line in case.run(2_000) if int(line.split(" ")[0]) >= 600]
    assert [line for line in told if "notice" in line and "dan" not in line] == []
    assert len([line for line in told if "notice reminder dan" in line]) > 2


def test_a_decline_asks_the_next_post_and_remembers_who_was_asked() -> None:
    """Only `ack` starts anew; the leader who was rung for the first guard is not rung again for the second."""
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, arrive_by=at(240), finish_by=at(900)))
    case.run(35)
    case.hear(case.changed("go.1", "declined", 40, to={"role": "guard", "person": "ben", "post": "post-ben"}))
    assert case.live == {"ack.go.1": 70, "arrive.go.1": 240, "finish.go.1": 900}
    assert without_notices(case.run(70))[2:] == [
        "70 limit ack",
        "70 skip ack 1 shift_leader already_asked",
        "70 rung ack 2 security_supervisor sue",
    ]


def test_a_hand_over_by_name_starts_from_the_first_rung_with_nobody_asked() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)))
    case.run(35)
    case.hear(case.acknowledged("go.1", "ann", "guard", 36))
    case.hear(case.changed("go.1", "handed_over", 40, to={"role": "guard", "person": "ben"}))
    assert without_notices(case.run(70))[2:] == ["70 limit ack", "70 rung ack 1 shift_leader lee"]
    case.hear(case.acknowledged("go.1", "ben", "guard", 75))
    assert case.run(900)[-1] == "900 notice reminder ben"


def test_who_had_the_task_before_a_hand_over_may_be_asked_again_as_a_higher_rung() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "lee", ack_wait=30, finish_by=at(900)))
    case.hear(case.changed("go.1", "handed_over", 10, to={"role": "guard", "person": "ben"}))
    assert without_notices(case.run(40)) == ["40 limit ack", "40 rung ack 1 shift_leader lee"]


def test_who_was_named_is_reminded_though_he_is_on_no_shift() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann"))
    case.hear(case.changed("go.1", "handed_over", 10, to={"role": "guard", "person": "zoe"}))
    assert "1800 notice reminder zoe" in case.run(1800)


@pytest.mark.parametrize(("lane", "wait"), [("emergency", 60), ("routine", 900)])
def test_who_is_handed_a_task_that_asked_for_no_acknowledgement_must_still_acknowledge(
    lane: str, wait: int
) -> None:
    """PLAYBOOKS 1, `take_over`."""
    case = EscalationCase(lane=lane)
    case.hear(case.assigned("go.1", "guard", "ann", finish_by=at(9_000)))
    case.hear(case.changed("go.1", "handed_over", 10, to={"role": "guard", "person": "ben"}))
    assert case.live["ack.go.1"] == 10 + wait


def test_when_no_device_was_reached_the_next_rung_is_asked_at_once() -> None:
    case = EscalationCase()
    assigned = case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900))
    case.hear(assigned, case.undelivered("go.1", assigned.event_id, 5))
    assert case.lines == ["5 rung ack 1 shift_leader lee", "5 notice rung lee", "5 notice informed ann"]
    case.hear(case.undelivered("go.1", case.facts[1].event_id, 8))
    assert without_notices(case.lines)[1:] == ["8 rung ack 2 security_supervisor sue"]
    case.hear(case.undelivered("go.1", assigned.event_id, 9))
    assert len(case.facts) == 7


def test_a_rung_of_two_is_silent_when_both_are() -> None:
    case = EscalationCase(staff(shift_leader=("lee", "lin")))
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900))).run(30)
    first, second = [f.event_id for f in case.facts if f.type == "notice.issued"][:2]
    case.hear(case.undelivered("go.1", first, 35))
    assert case.live["ack.go.1"] == 60
    case.hear(case.undelivered("go.1", second, 36))
    assert without_notices(case.lines)[-1] == "36 rung ack 2 security_supervisor sue"


def test_a_silent_device_at_the_top_waits_for_its_next_turn() -> None:
    case = EscalationCase({"management_director": ("dan",)})
    assigned = case.assigned("go.1", "management_director", "dan", ack_wait=120, finish_by=at(900))
    case.hear(assigned, case.undelivered("go.1", assigned.event_id, 5))
    assert case.lines == []
    assert case.live["ack.go.1"] == 120


def test_undelivered_without_any_ack_clock_opens_the_ladder() -> None:
    case = EscalationCase()
    assigned = case.assigned("go.1", "guard", "ann", finish_by=at(900))
    case.hear(assigned, case.undelivered("go.1", assigned.event_id, 5))
    assert without_notices(case.run(40)) == [
        "5 rung ack 1 shift_leader lee",
        "35 rung ack 2 security_supervisor sue",
    ]


def test_a_message_that_failed_belongs_to_the_ladder_that_sent_it() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(40))).run(40)
    reminder = case.facts[-1]
    assert without_notices(case.lines)[-1] == "40 rung finish 0 guard ann"
    case.hear(case.undelivered("go.1", reminder.event_id, 45))
    assert without_notices(case.lines)[4:] == ["45 rung finish 1 shift_leader lee"]


def test_a_failed_message_to_somebody_who_answered_otherwise_is_nothing() -> None:
    case = EscalationCase()
    assigned = case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900))
    case.hear(
        assigned, case.acknowledged("go.1", "ann", "guard", 3), case.undelivered("go.1", assigned.event_id, 5)
    )
    assert case.facts == []


@pytest.mark.parametrize(
    "role, person, live",
    [
        ("guard", "ben", {"finish.go.1": 900}),
        ("shift_leader", "lee", {"finish.go.1": 900}),
        ("gate_guard", "gus", {"ack.go.1": 30, "arrive.go.1": 240, "finish.go.1": 900}),
        ("customer_assistant", "amy", {"ack.go.1": 30, "arrive.go.1": 240, "finish.go.1": 900}),
    ],
)
@pytest.mark.parametrize("early", [True, False])
def test_nobody_stops_a_clock_of_a_task_never_asked_of_him(
    role: Role, person: str, live: dict[str, float], early: bool
) -> None:
    """Read before the assignment, it is kept, and judged when the assignment comes."""
    case = EscalationCase()
    assigned = case.assigned("go.1", "guard", "ann", ack_wait=30, arrive_by=at(240), finish_by=at(900))
    arrived = case.arrived("go.1", person, role, 0)
    case.hear(*([arrived, assigned] if early else [assigned, arrived]))
    assert case.live == live


def test_what_dispatch_took_stops_the_clock_whoever_said_it() -> None:
    case = EscalationCase()
    case.hear(case.assigned("go.1", "guard", "ann", ack_wait=30, finish_by=at(900)))
    case.hear(case.changed("go.1", "acknowledged", 5, by={"role": "gate_guard", "person": "gus"}))
    assert case.live == {"finish.go.1": 900}
