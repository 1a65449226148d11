"""Rotations: a pattern of days, and teams at different places in it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.domain.estates.roster import Estate, holders, posts_of

CHINA = ZoneInfo("Asia/Shanghai")
BERLIN = "Europe/Berlin"
THREE_SHIFTS = {"early": ["07:00", "15:00"], "late": ["15:00", "23:00"], "night": ["23:00", "07:00"]}
PATTERNS: dict[str, tuple[dict[str, list[str]], list[tuple[str, int]]]] = {
    "three shifts": (THREE_SHIFTS, [("early", 1), ("late", 1), ("night", 1)]),
    "ten-day turns": (THREE_SHIFTS, [("early", 10), ("late", 10), ("night", 10)]),
    "四班三运转": (THREE_SHIFTS, [("early", 2), ("late", 2), ("night", 2), ("rest", 2)]),
    "one on, two off": ({"全天": ["08:00", "08:00"]}, [("全天", 1), ("rest", 2)]),
}


def a_rotation(name: str, **more: Any) -> dict[str, Any]:
    """As many teams as it takes to cover every shift: a, b, c …, each starting a part of the pattern later."""
    hours, runs = PATTERNS[name]
    length = sum(days for _, days in runs)
    teams = len(runs) if name != "one on, two off" else 3
    return {
        "id": "guards",
        "hours": hours,
        "pattern": [{"shift": shift, "days": days} for shift, days in runs],
        "from_date": "2026-11-16",
        "teams": [
            {"persons": ["abcdefgh"[n]], "roles": ["guard"], "post": "gate", "offset": n * length // teams}
            for n in range(teams)
        ],
        **more,
    }


def an_estate(*rotations: dict[str, Any], **more: Any) -> Estate:
    posts = [{"id": "gate", "zh": "门岗", "role": "guard"}]
    said = {"estate": "tiny", "zh": "小院", "en": "Tiny", "posts": posts, "rotations": rotations, **more}
    return Estate.model_validate(said)


def on_duty(estate: Estate, at: str) -> str:
    now = datetime.fromisoformat(at).replace(tzinfo=estate.zone)
    return "".join(h.person for h in holders(estate, "guard", now))


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("three shifts", "2026-11-16 06:59", ""),
        ("three shifts", "2026-11-16 07:00", "a"),
        ("three shifts", "2026-11-16 15:00", "b"),
        ("three shifts", "2026-11-16 23:00", "c"),
        ("three shifts", "2026-11-17 06:59", "c"),
        ("three shifts", "2026-11-17 07:00", "c"),
        ("three shifts", "2026-11-19 07:00", "a"),
        ("ten-day turns", "2026-11-25 14:59", "a"),
        ("ten-day turns", "2026-11-26 14:59", "c"),
        ("ten-day turns", "2026-11-26 15:00", "a"),
        ("ten-day turns", "2026-12-16 07:00", "a"),
        ("四班三运转", "2026-11-16 12:00", "a"),
        ("四班三运转", "2026-11-17 12:00", "a"),
        ("四班三运转", "2026-11-18 12:00", "d"),
        ("四班三运转", "2026-11-18 16:00", "a"),
        ("四班三运转", "2026-11-20 23:30", "a"),
        ("四班三运转", "2026-11-24 07:00", "a"),
        ("one on, two off", "2026-11-16 09:00", "a"),
        ("one on, two off", "2026-11-17 07:59", "a"),
        ("one on, two off", "2026-11-17 08:00", "c"),
        ("one on, two off", "2026-11-18 08:00", "b"),
    ],
)
def test_who_is_on_duty_by_the_pattern(name: str, at: str, expected: str) -> None:
    assert on_duty(an_estate(a_rotation(name)), at) == expected


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", BERLIN])
def test_one_team_at_every_minute_of_a_round_also_where_clocks_change(name: str, zone: str) -> None:
    estate = an_estate(a_rotation(name, from_date="2026-10-20"), time_zone=zone)
    begin = datetime(2026, 10, 21, 12, tzinfo=estate.zone)
    for quarter in range(8 * 24 * 4):
        now = (begin.astimezone(ZoneInfo("UTC")) + timedelta(minutes=15 * quarter)).astimezone(estate.zone)
        assert len(holders(estate, "guard", now)) == 1, now


def test_each_team_has_its_rest() -> None:
    """Of eight days a team of 四班三运转 starts six shifts, two of each kind."""
    estate = an_estate(a_rotation("四班三运转"))
    starts = [
        f"{date(2026, 11, 16) + timedelta(days=n)} {hour}:30" for n in range(8) for hour in ("08", "16", "23")
    ]
    worked = [at for at in starts if on_duty(estate, at) == "b"]
    assert sorted(at[-5:-3] for at in worked) == ["08", "08", "16", "16", "23", "23"]
    assert len({at[:10] for at in worked}) == 6


def test_a_rotation_ends_with_the_shift_that_starts_on_its_last_day() -> None:
    estate = an_estate(a_rotation("three shifts", to_date="2026-11-17"))
    assert on_duty(estate, "2026-11-18 06:59") == "b"
    assert on_duty(estate, "2026-11-18 07:00") == ""


def test_a_new_rotation_follows_an_old_one_without_a_gap() -> None:
    old = a_rotation("three shifts", id="old", to_date="2026-11-18")
    new = a_rotation("ten-day turns", from_date="2026-11-19")
    estate = an_estate(old, new)
    for hour in range(24 * 5):
        now = datetime(2026, 11, 17, tzinfo=CHINA) + timedelta(hours=hour)
        assert len(holders(estate, "guard", now)) == 1, now


def test_a_team_holds_several_roles_and_a_post_counts_as_manned() -> None:
    rotation = a_rotation("one on, two off")
    rotation["teams"][0] |= {"persons": ["x", "y"], "roles": ["guard", "shift_leader"]}
    estate = an_estate(rotation)
    now = datetime(2026, 11, 16, 12, tzinfo=CHINA)
    assert [h[:3] for h in holders(estate, "shift_leader", now)] == [
        ("x", "shift_leader", "gate"), ("y", "shift_leader", "gate"),
    ]  # fmt: skip
    assert [post.id for post in posts_of(estate, "guard", now)] == ["gate"]
