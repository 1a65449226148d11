"""Hours in which nobody holds a role are warnings that name the hours."""

from datetime import date

import pytest

from shared.domain.estates.coverage import gaps
from shared.domain.estates.roster import Estate

ALWAYS = {"start": "00:00", "end": "00:00"}
EVERYBODY = [
    "management_director", "service_head", "security_supervisor", "shift_leader", "guard", "gate_guard",
    "engineering", "control_room",
]  # fmt: skip
MONDAY = date(2026, 11, 16)


def an_estate(desk: list[dict[str, object]], **more: object) -> Estate:
    always: dict[str, object] = {"persons": ["x"], "roles": EVERYBODY, **ALWAYS}
    head = {"persons": ["x"], "roles": ["department_head"], "department": "engineering", **ALWAYS}
    rows = [{"roles": ["customer_assistant"], "persons": ["d"], **row} for row in desk]
    said = {"estate": "tiny", "zh": "小院", "en": "Tiny", "shifts": [always, head, *rows], **more}
    return Estate.model_validate({"departments": [{"id": "engineering", "zh": "工程部"}], **said})


@pytest.mark.parametrize(
    ("desk", "expected"),
    [
        ([ALWAYS], []),
        ([{"start": "09:00", "end": "17:30"}, {"start": "17:30", "end": "09:00"}], []),
        (
            [{"start": "09:00", "end": "17:30"}, {"start": "17:45", "end": "09:00"}],
            [(f"{day} 17:30", f"{day} 17:45") for day in range(16, 23)],
        ),
        ([{**ALWAYS, "days": [1, 2, 3, 4, 5, 7]}], [("21 00:00", "22 00:00")]),
    ],
)
def test_gaps_name_the_hours(desk: list[dict[str, object]], expected: list[tuple[str, str]]) -> None:
    found = gaps(an_estate(desk), MONDAY)
    assert {gap.role for gap in found} <= {"customer_assistant"}
    assert [(f"{g.start:%d %H:%M}", f"{g.end:%d %H:%M}") for g in found] == expected


def test_a_gap_over_the_weeks_end_is_told_in_full() -> None:
    found = gaps(an_estate([{"start": "06:00", "end": "23:00"}]), MONDAY)
    assert {(f"{g.start:%H:%M}", f"{g.end:%H:%M}") for g in found} == {("23:00", "06:00")}
    assert {g.start.weekday() for g in found} == set(range(7))


def test_an_absence_makes_a_gap() -> None:
    away = {"person": "d", "start": "2026-11-20T18:10:00+08:00", "end": "2026-11-20T19:20:00+08:00"}
    (gap,) = gaps(an_estate([ALWAYS], absences=[away]), MONDAY)
    assert (f"{gap.start:%d %H:%M}", f"{gap.end:%d %H:%M}") == ("20 18:10", "20 19:20")


def test_each_department_needs_its_own_head() -> None:
    departments = [{"id": "engineering", "zh": "工程部"}, {"id": "cleaning", "zh": "环境部"}]
    found = gaps(an_estate([ALWAYS], departments=departments), MONDAY)
    assert {(g.role, g.department) for g in found} == {("department_head", "cleaning")}


GATES = [
    {"id": "south", "zh": "南门", "role": "gate_guard"},
    {"id": "north", "zh": "北门", "role": "gate_guard", "hours": ["06:00", "23:00"]},
]
SOUTH: dict[str, object] = {"persons": ["s"], "roles": ["gate_guard"], "post": "south", **ALWAYS}


def a_gate(*north: dict[str, object], **more: object) -> Estate:
    """Somebody at the south gate always, and at the north gate as said."""
    head = {"persons": ["x"], "roles": ["department_head"], "department": "engineering", **ALWAYS}
    rows = [{"persons": ["n"], "roles": ["gate_guard"], "post": "north", **row} for row in north]
    others: dict[str, object] = {"persons": ["x"], "roles": [r for r in EVERYBODY if r != "gate_guard"], **ALWAYS}
    desk: dict[str, object] = {"persons": ["d"], "roles": ["customer_assistant"], **ALWAYS}
    said = {
        "estate": "tiny",
        "zh": "小院",
        "en": "Tiny",
        "posts": GATES,
        "shifts": [others, head, desk, SOUTH, *rows],
    }
    return Estate.model_validate({"departments": [{"id": "engineering", "zh": "工程部"}], **said, **more})


@pytest.mark.parametrize(
    ("north", "expected"),
    [
        ([{"start": "06:00", "end": "23:00"}], []),
        ([{"start": "07:00", "end": "23:00"}], [(f"{day} 06:00", f"{day} 07:00") for day in range(16, 23)]),
        ([{"start": "00:00", "end": "00:00", "days": [1, 2, 3, 4, 5, 6]}], [("22 06:00", "22 23:00")]),
    ],
)
def test_a_gate_that_nobody_holds_is_named_in_its_hours(
    north: list[dict[str, object]], expected: list[tuple[str, str]]
) -> None:
    found = gaps(a_gate(*north), MONDAY)
    assert {(gap.role, gap.post) for gap in found} <= {("gate_guard", "north")}
    assert [(f"{g.start:%d %H:%M}", f"{g.end:%d %H:%M}") for g in found] == expected


def test_where_nobody_holds_the_role_at_all_its_posts_are_not_named_too() -> None:
    away = [
        {"person": p, "start": "2026-11-20T10:00:00+08:00", "end": "2026-11-20T12:00:00+08:00"} for p in ("s", "n")
    ]
    found = gaps(a_gate(ALWAYS, absences=away), MONDAY)
    assert [(gap.role, gap.post) for gap in found] == [("gate_guard", None)]


def test_a_stand_in_closes_the_gap_and_his_own_absence_opens_it() -> None:
    away = {
        "person": "n",
        "start": "2026-11-20T10:00:00+08:00",
        "end": "2026-11-20T12:00:00+08:00",
        "stand_in": "f",
    }
    ill = {"person": "f", "start": "2026-11-20T11:00:00+08:00", "end": "2026-11-20T20:00:00+08:00"}
    assert gaps(a_gate(ALWAYS, absences=[away]), MONDAY) == ()
    (gap,) = gaps(a_gate(ALWAYS, absences=[away, ill]), MONDAY)
    assert (gap.post, f"{gap.start:%d %H:%M}", f"{gap.end:%d %H:%M}") == ("north", "20 11:00", "20 12:00")


def test_a_rotation_leaves_the_gap_of_its_pattern() -> None:
    rotation = {
        "id": "north",
        "hours": {"day": ["06:00", "23:00"]},
        "pattern": [{"shift": "day", "days": 5}, {"shift": "rest", "days": 1}],
        "from_date": "2026-11-16",
        "teams": [{"persons": ["n"], "roles": ["gate_guard"], "post": "north"}],
    }
    (gap,) = gaps(a_gate(rotations=[rotation]), MONDAY)
    assert (gap.post, f"{gap.start:%d %H:%M}", f"{gap.end:%d %H:%M}") == ("north", "21 06:00", "21 23:00")


@pytest.mark.parametrize(("night", "expected"), [({}, 7), ({"night_desk": {"start": "17:30", "end": "09:00"}}, 0)])
def test_an_empty_desk_at_night_is_no_gap_where_the_control_room_takes_its_place(
    night: dict[str, object], expected: int
) -> None:
    post = {"id": "desk", "zh": "前台", "role": "customer_assistant"}
    day = {"start": "09:00", "end": "17:30", "post": "desk"}
    found = gaps(an_estate([day], posts=[post], **night), MONDAY)
    assert len([gap for gap in found if gap.end.hour == 9 and gap.start.date() >= MONDAY]) == expected
    assert {gap.post for gap in found} <= {None}
