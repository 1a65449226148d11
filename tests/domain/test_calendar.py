"""Working days (SOP S4.1): a written inquiry may count them, an emergency never does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.calendar import CalendarUnknown, working_until
from shared.domain.china_days import china_working_day

CHINA = ZoneInfo("Asia/Shanghai")
TWO_DAYS = timedelta(hours=48)


def is_weekday(day: date) -> bool:
    return day.isoweekday() <= 5


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("at", "duration", "until"),
    [
        # 2026-11-20 is a Friday.
        ("2026-11-17 15:00", TWO_DAYS, "2026-11-19 15:00"),
        ("2026-11-20 15:00", TWO_DAYS, "2026-11-24 15:00"),
        ("2026-11-20 23:59", timedelta(minutes=2), "2026-11-23 00:01"),
        ("2026-11-20 23:00", timedelta(hours=1), "2026-11-21 00:00"),
        ("2026-11-21 10:00", TWO_DAYS, "2026-11-25 00:00"),
        ("2026-11-21 10:00", timedelta(minutes=15), "2026-11-23 00:15"),
        ("2026-11-20 12:00", timedelta(days=10), "2026-12-04 12:00"),
    ],
)
def test_the_clock_stands_still_on_days_that_do_not_work(at: str, duration: timedelta, until: str) -> None:
    assert working_until(china(at), duration, CHINA, is_weekday) == china(until)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        # Make-up Saturday 2026-10-10 after the National Day holiday of 1–7 October.
        ("2026-09-30 15:00", "2026-10-09 15:00"),
        ("2026-10-09 15:00", "2026-10-12 15:00"),
        # Spring Festival 2026: 15–23 February off, Saturdays 14 and 28 worked.
        ("2026-02-13 10:00", "2026-02-24 10:00"),
        ("2026-02-27 10:00", "2026-03-02 10:00"),
    ],
)
def test_mainland_chinas_make_up_days_count(at: str, until: str) -> None:
    assert working_until(china(at), TWO_DAYS, CHINA, china_working_day) == china(until)


def test_without_working_days_it_is_the_wall_clock() -> None:
    at = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    assert working_until(at, TWO_DAYS, ZoneInfo("Europe/Berlin"), None) == at + TWO_DAYS


def test_a_day_is_a_day_where_clocks_change() -> None:
    # Friday 2026-10-23 15:00 in Berlin is 13:00 UTC, Tuesday 15:00 is 14:00 UTC.
    until = working_until(
        datetime(2026, 10, 23, 13, 0, tzinfo=UTC), TWO_DAYS, ZoneInfo("Europe/Berlin"), is_weekday
    )
    assert until == datetime(2026, 10, 27, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(("day", "works"), [(date(2026, 10, 10), True), (date(2026, 10, 1), False)])
def test_published_days(day: date, works: bool) -> None:
    assert china_working_day(day) is works


def test_a_december_day_that_the_next_years_notice_made_a_working_day() -> None:
    assert china_working_day(date(2001, 12, 29)) is True


def test_a_year_without_published_days_is_named() -> None:
    with pytest.raises(CalendarUnknown, match="2090") as unknown:
        working_until(china("2090-01-02 10:00"), TWO_DAYS, CHINA, china_working_day)
    assert unknown.value.year == 2090
