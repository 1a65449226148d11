"""Swaps, stand-ins, and the control room in the desk's place at night (SOP, Who takes part)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.vocabulary import Role
from shared.domain.estates.roster import Estate, holders

CHINA = ZoneInfo("Asia/Shanghai")
ALL_DAY = {"start": "00:00", "end": "00:00"}
SHIFTS: list[dict[str, Any]] = [
    {"persons": ["day"], "roles": ["guard"], "post": "south", "start": "07:00", "end": "19:00"},
    {"persons": ["night"], "roles": ["guard"], "post": "south", "start": "19:00", "end": "07:00"},
    {"persons": ["other"], "roles": ["guard"], "post": "north", **ALL_DAY},
    {"persons": ["desk"], "roles": ["customer_assistant"], "post": "desk", "start": "09:00", "end": "17:30"},
    {"persons": ["screen"], "roles": ["control_room"], "post": "control", **ALL_DAY},
]


def an_estate(**more: Any) -> Estate:
    posts = [{"id": p, "zh": p, "role": "guard"} for p in ("south", "north")]
    said = {"estate": "tiny", "zh": "小院", "en": "Tiny", "posts": posts, "shifts": SHIFTS}
    return Estate.model_validate(said | more)


def away(person: str, start: str, end: str, stand_in: str | None = None) -> dict[str, Any]:
    return {"person": person, "start": f"{start}+08:00", "end": f"{end}+08:00", "stand_in": stand_in}


def held(estate: Estate, at: str, role: Role = "guard") -> list[tuple[str, str | None, str | None]]:
    now = datetime.fromisoformat(at).replace(tzinfo=CHINA)
    return [(h.person, h.post, h.instead_of) for h in holders(estate, role, now)]


OTHER = ("other", "north", None)


@pytest.mark.parametrize(
    ("at", "south"),
    [
        ("2026-11-19 12:00", ("day", "south", None)),
        ("2026-11-20 06:59", ("night", "south", None)),
        ("2026-11-20 07:00", ("night", "south", "day")),
        ("2026-11-20 19:00", ("day", "south", "night")),
        # The night that starts on the day belongs to it whole.
        ("2026-11-21 06:59", ("day", "south", "night")),
        ("2026-11-21 07:00", ("day", "south", None)),
    ],
)
@pytest.mark.parametrize("when", [{"day": "2026-11-20"}, {"from_date": "2026-11-20", "to_date": "2026-11-20"}])
def test_two_exchange_what_starts_on_the_day(when: dict[str, str], at: str, south: tuple[str, str, str]) -> None:
    estate = an_estate(swaps=[{"persons": ["day", "night"], **when}])
    assert held(estate, at) == [south, OTHER]


def test_a_swap_over_some_days_covers_all_of_them() -> None:
    estate = an_estate(swaps=[{"persons": ["day", "other"], "from_date": "2026-11-20", "to_date": "2026-11-22"}])
    names = [held(estate, f"2026-11-{day} 12:00")[0][0] for day in range(19, 24)]
    assert names == ["day", "other", "other", "other", "day"]


def test_whoever_swaps_with_somebody_who_is_free_has_the_day_off() -> None:
    estate = an_estate(swaps=[{"persons": ["other", "free"], "day": "2026-11-20"}])
    assert held(estate, "2026-11-20 12:00") == [("day", "south", None), ("free", "north", "other")]


FRIDAY = ("2026-11-20T00:00", "2026-11-21T00:00")


@pytest.mark.parametrize(
    ("absences", "south"),
    [
        ([away("day", *FRIDAY)], []),
        ([away("day", *FRIDAY, "free")], [("free", "south", "day")]),
        ([away("day", "2026-11-20T13:00", FRIDAY[1], "free")], [("day", "south", None)]),
        # A stand-in who is absent too: his own stand-in.
        ([away("day", *FRIDAY, "free"), away("free", *FRIDAY, "second")], [("second", "south", "day")]),
        ([away("day", *FRIDAY, "free"), away("free", *FRIDAY)], []),
        ([away("day", *FRIDAY, "free"), away("free", *FRIDAY, "day")], []),
        ([away("day", *FRIDAY, "a"), away("a", *FRIDAY, "b"), away("b", *FRIDAY, "a")], []),
        # The first row without a stand-in does not hide the second one's.
        ([away("day", *FRIDAY), away("day", *FRIDAY, "free")], [("free", "south", "day")]),
    ],
)
def test_a_stand_in_holds_what_the_absent_would(
    absences: list[dict[str, Any]], south: list[tuple[str, str, str | None]]
) -> None:
    assert held(an_estate(absences=absences), "2026-11-20 12:00") == [*south, OTHER]


def test_a_stand_in_keeps_his_own_post_too() -> None:
    estate = an_estate(absences=[away("day", *FRIDAY, "other")])
    assert held(estate, "2026-11-20 12:00") == [("other", "south", "day"), OTHER]


@pytest.mark.parametrize("first", [True, False])
def test_one_who_holds_it_himself_stands_in_for_nobody(first: bool) -> None:
    mate = {"persons": ["mate"], "roles": ["guard"], "post": "south", **ALL_DAY}
    estate = an_estate(
        shifts=[mate, *SHIFTS] if first else [*SHIFTS, mate], absences=[away("day", *FRIDAY, "mate")]
    )
    assert held(estate, "2026-11-20 12:00") == [("mate", "south", None), OTHER]


def test_an_absence_counts_for_what_was_swapped() -> None:
    """`night` came in `day`'s place and is ill: his stand-in comes, still in `day`'s place."""
    swaps = [{"persons": ["day", "night"], "day": "2026-11-20"}]
    estate = an_estate(swaps=swaps, absences=[away("night", *FRIDAY, "free")])
    assert held(estate, "2026-11-20 12:00")[0] == ("free", "south", "day")
    back = an_estate(swaps=swaps, absences=[away("night", *FRIDAY, "day")])
    assert held(back, "2026-11-20 12:00")[0] == ("day", "south", None)


NIGHT = {"night_desk": {"start": "17:30", "end": "09:00"}}


@pytest.mark.parametrize(
    ("more", "at", "expected"),
    [
        ({}, "20:00", []),
        (NIGHT, "17:29", [("desk", "desk", None)]),
        (NIGHT, "17:30", [("screen", "control", None)]),
        (NIGHT, "23:59", [("screen", "control", None)]),
        (NIGHT, "08:59", [("screen", "control", None)]),
        (NIGHT, "09:00", [("desk", "desk", None)]),
        # By day an empty desk is a gap, not the control room's.
        ({**NIGHT, "absences": [away("desk", *FRIDAY)]}, "12:00", []),
        ({**NIGHT, "absences": [away("desk", *FRIDAY, "free")]}, "12:00", [("free", "desk", "desk")]),
        ({**NIGHT, "absences": [away("screen", *FRIDAY, "free")]}, "20:00", [("free", "control", "screen")]),
        # Somebody at the desk in the evening keeps it.
        ({"night_desk": {"start": "16:00", "end": "09:00"}}, "16:30", [("desk", "desk", None)]),
    ],
)
def test_the_control_room_takes_the_desks_place_at_night(
    more: dict[str, Any], at: str, expected: list[tuple[str, str, str | None]]
) -> None:
    estate = an_estate(**more)
    assert held(estate, f"2026-11-20 {at}", "customer_assistant") == expected
    assert len(held(estate, f"2026-11-20 {at}", "control_room")) == 1
