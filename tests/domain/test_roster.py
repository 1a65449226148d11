"""Who holds what at an instant (SOP, Who takes part): a table of shifts, and a table of instants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.estates.roster import Building, Estate, Person, Post, holders, posts_of
from shared.domain.estates.rows import Absence, Shift
from shared.domain.estates.spells import on_shift

CHINA = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def a_shift(start: str, end: str, person: str = "p", **more: object) -> Shift:
    said = {"persons": (person,), "roles": ("guard",), "start": start, "end": end, **more}
    return Shift.model_validate(said)


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("shift", "at", "expected"),
    [
        (a_shift("09:00", "17:30"), "2026-11-20 08:59:59.999", False),
        (a_shift("09:00", "17:30"), "2026-11-20 09:00", True),
        (a_shift("09:00", "17:30"), "2026-11-20 17:30", False),
        (a_shift("17:30", "09:00"), "2026-11-20 17:30", True),
        (a_shift("17:30", "09:00"), "2026-11-21 08:59", True),
        (a_shift("17:30", "09:00"), "2026-11-21 09:00", False),
        (a_shift("00:00", "00:00"), "2026-11-20 00:00", True),
        (a_shift("08:00", "08:00"), "2026-11-20 07:59", True),
        # The day counted is the one it starts on: 2026-11-20 is a Friday.
        (a_shift("17:30", "09:00", days=(5,)), "2026-11-21 03:00", True),
        (a_shift("17:30", "09:00", days=(6,)), "2026-11-21 03:00", False),
        (a_shift("08:00", "08:00", days=(5,)), "2026-11-21 07:00", True),
        (a_shift("08:00", "08:00", days=(5,)), "2026-11-20 07:00", False),
        (a_shift("00:00", "00:00", days=(5,)), "2026-11-21 00:00", False),
        (a_shift("19:00", "07:00", to_date=date(2026, 11, 20)), "2026-11-21 06:00", True),
        (a_shift("19:00", "07:00", to_date=date(2026, 11, 20)), "2026-11-21 20:00", False),
        (a_shift("19:00", "07:00", from_date=date(2026, 11, 21)), "2026-11-21 06:00", False),
        (a_shift("19:00", "07:00", from_date=date(2026, 11, 21)), "2026-11-21 19:00", True),
    ],
)
def test_shift_is_on_from_its_start_to_its_end(shift: Shift, at: str, expected: bool) -> None:
    assert on_shift(shift, china(at)) is expected


@pytest.mark.parametrize(
    ("utc", "on"),
    [
        # 2026-10-25: 02:30 happens twice in Berlin, at 00:30 and at 01:30 UTC; the first one is meant.
        ("2026-10-25T00:29:00+00:00", "night"),
        ("2026-10-25T00:30:00+00:00", "day"),
        ("2026-10-25T01:15:00+00:00", "day"),
        ("2026-10-25T01:45:00+00:00", "day"),
        # 2026-03-29: 02:30 does not happen; the clock goes from 01:59 to 03:00 at 01:00 UTC.
        ("2026-03-29T00:59:00+00:00", "night"),
        ("2026-03-29T01:30:00+00:00", "day"),
    ],
)
def test_nobody_goes_and_comes_back_where_clocks_change(utc: str, on: str) -> None:
    shifts = {"day": a_shift("02:30", "20:00"), "night": a_shift("20:00", "02:30")}
    at = datetime.fromisoformat(utc).astimezone(BERLIN)
    assert [name for name, shift in shifts.items() if on_shift(shift, at)] == [on]


@given(
    start=st.times(),
    end=st.times(),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    zone=st.sampled_from([CHINA, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_two_shifts_that_meet_leave_no_instant_uncovered(
    start: time, end: time, at: datetime, zone: ZoneInfo
) -> None:
    instant = at.replace(tzinfo=UTC).astimezone(zone)
    there = Shift(persons=("a",), roles=("guard",), start=start, end=end)
    back = Shift(persons=("b",), roles=("guard",), start=end, end=start)
    assert on_shift(there, instant) or on_shift(back, instant)


ESTATE = Estate.model_validate(
    {
        "estate": "tiny",
        "zh": "小院",
        "en": "Tiny",
        "buildings": [{"id": "b1", "zh": "1栋", "short": "B1", "posts": ["west", "gate-n"]}],
        "posts": [
            {"id": "east", "zh": "东岗", "role": "guard"},
            {"id": "west", "zh": "西岗", "role": "guard"},
            {"id": "gate-s", "zh": "南门", "role": "gate_guard"},
            {"id": "gate-n", "zh": "北门", "role": "gate_guard"},
        ],
        "people": [{"id": p, "name": p} for p in ("day", "night", "e", "w", "s", "n", "h1", "h2", "roving")],
        "shifts": [
            {"persons": ["day"], "roles": ["customer_assistant"], "start": "09:00", "end": "17:30"},
            {
                "persons": ["night"],
                "roles": ["control_room", "customer_assistant"],
                "start": "17:30",
                "end": "09:00",
            },
            {"persons": ["roving"], "roles": ["guard"], "start": "00:00", "end": "00:00"},
            {"persons": ["e"], "roles": ["guard"], "post": "east", "start": "00:00", "end": "00:00"},
            {"persons": ["w", "roving"], "roles": ["guard"], "post": "west", "start": "20:00", "end": "08:00"},
            {"persons": ["s"], "roles": ["gate_guard"], "post": "gate-s", "start": "00:00", "end": "00:00"},
            {"persons": ["n"], "roles": ["gate_guard"], "post": "gate-n", "start": "06:00", "end": "22:00"},
            {
                "persons": ["h1"],
                "roles": ["department_head"],
                "department": "engineering",
                "start": "00:00",
                "end": "00:00",
            },
            {
                "persons": ["h2"],
                "roles": ["department_head"],
                "department": "cleaning",
                "start": "00:00",
                "end": "00:00",
            },
        ],
        "absences": [
            {"person": "n", "start": "2026-11-20T18:00:00+08:00", "end": "2026-11-21T00:00:00+08:00"},
        ],
    }
)


def persons(role: str, at: str, **more: str) -> list[str]:
    return [h.person for h in holders(ESTATE, role, china(at), **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "at", "expected"),
    [
        ("customer_assistant", "2026-11-20 17:29", ["day"]),
        ("customer_assistant", "2026-11-20 17:30", ["night"]),
        ("control_room", "2026-11-20 17:30", ["night"]),
        ("control_room", "2026-11-20 12:00", []),
        ("gate_guard", "2026-11-20 17:59", ["s", "n"]),
        ("gate_guard", "2026-11-20 18:00", ["s"]),
        ("gate_guard", "2026-11-21 06:00", ["s", "n"]),
        ("management_director", "2026-11-20 12:00", []),
    ],
)
def test_holders_at_an_instant(role: str, at: str, expected: list[str]) -> None:
    assert persons(role, at) == expected


def test_the_instant_counts_in_whatever_zone_it_is_written() -> None:
    assert holders(ESTATE, "customer_assistant", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))[0].person == "night"


def test_posts_nearest_first_then_the_others_then_who_has_none() -> None:
    found = holders(ESTATE, "guard", china("2026-11-20 21:00"), near="b1")
    assert [(h.person, h.post) for h in found] == [
        ("w", "west"), ("roving", "west"), ("e", "east"), ("roving", None),
    ]  # fmt: skip
    assert persons("guard", "2026-11-20 21:00")[0] == "e"


@pytest.mark.parametrize(
    ("department", "expected"),
    [("cleaning", ["h2"]), ("engineering", ["h1"]), ("nowhere", []), (None, ["h1", "h2"])],
)
def test_department_heads_by_department(department: str | None, expected: list[str]) -> None:
    at = china("2026-11-20 12:00")
    assert [h.person for h in holders(ESTATE, "department_head", at, department=department)] == expected


def test_a_department_says_nothing_of_other_roles() -> None:
    assert persons("control_room", "2026-11-20 20:00", department="engineering") == ["night"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [(None, ["gate-s", "gate-n"]), ("2026-11-20 12:00", ["gate-s", "gate-n"]), ("2026-11-20 23:00", ["gate-s"])],
)
def test_every_gate_or_every_gate_that_is_manned(now: str | None, expected: list[str]) -> None:
    assert [p.id for p in posts_of(ESTATE, "gate_guard", china(now) if now else None)] == expected


@given(minutes=st.integers(0, 60 * 24 * 14))
def test_whoever_is_absent_holds_nothing(minutes: int) -> None:
    now = china("2026-11-14 00:00") + timedelta(minutes=minutes)
    away = Absence(person="e", start=now, end=now + timedelta(minutes=1))
    estate = ESTATE.model_copy(update={"absences": (away,)})
    assert "e" not in [h.person for h in holders(estate, "guard", now)]
    assert "e" in [h.person for h in holders(estate, "guard", away.end)]


def test_rows_refuse_unknown_words() -> None:
    with pytest.raises(ValueError, match="captain"):
        Post.model_validate({"id": "x", "zh": "x", "role": "captain"})
    with pytest.raises(ValueError, match="nickname"):
        Person.model_validate({"id": "x", "name": "x", "nickname": "y"})
    with pytest.raises(ValueError, match="short"):
        Building.model_validate({"id": "x", "zh": "x", "short": "三栋"})
