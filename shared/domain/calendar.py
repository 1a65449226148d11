"""Limits that count working days (SOP S4.1). Emergencies never use it: they run on the wall clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WorkingDay = Callable[[date], bool]


class CalendarUnknown(ValueError):
    """The working days of this year are not published yet, so a limit that counts them cannot be named."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no working days are known for {year}")
        self.year = year


def working_until(at: datetime, duration: timedelta, zone: ZoneInfo, working: WorkingDay | None) -> datetime:
    """When `duration` is over if the clock stands still from midnight to midnight of days that do not work.

    Two days from Friday 15:00 end on Tuesday 15:00. Without `working` it is the wall clock.
    """
    if working is None:
        return at + duration
    # Counted on the local wall clock, so that a day is a day where clocks change.
    local, left = at.astimezone(zone).replace(tzinfo=None), duration
    while True:
        midnight = datetime.combine(local.date() + timedelta(days=1), time())
        if working(local.date()):
            if left <= midnight - local:
                return (local + left).replace(tzinfo=zone).astimezone(UTC)
            left -= midnight - local
        local = midnight
