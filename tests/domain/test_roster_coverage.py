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
