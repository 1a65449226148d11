"""Mainland China's working days with their make-up days (调休), from the table in the `holidays` package."""

from datetime import date
from functools import lru_cache

from holidays import HolidayBase, country_holidays

from shared.domain.calendar import CalendarUnknown


@lru_cache(maxsize=8)
def _published(year: int) -> HolidayBase:
    # The next year's notice may make a day of this December a working day.
    table = country_holidays("CN", years=(year, year + 1))
    if not any(day.year == year for day in table.weekend_workdays):
        raise CalendarUnknown(year)
    return table


def unannounced(first: date, last: date) -> int | None:
    """The first year of these days whose working days nobody knows yet; None when all are known."""
    for year in range(first.year, last.year + 1):
        try:
            _published(year)
        except CalendarUnknown:
            return year
    return None


def china_working_day(day: date) -> bool:
    """Raises `CalendarUnknown` for a year whose make-up days the State Council has not announced."""
    return _published(day.year).is_working_day(day)
