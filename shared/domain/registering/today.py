"""How many reports came in each hour of a day, by estate and class, where the estate is."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.registering.statistics import UNKNOWN_ESTATE

Row = dict[str, Any]
HOURS = 24
Key = tuple[str, str]


def midnight(now: datetime, zones: Iterable[ZoneInfo]) -> datetime:
    """The earliest begin of today among these places."""
    starts = [_midnight(now, zone) for zone in zones]
    return min(starts, default=_midnight(now, UNKNOWN_ESTATE))


class ByHour:
    """Up to the hour that runs; an hour in which nothing came is a nought. Yesterday's and drills are left out."""

    def __init__(self, now: datetime, zones: Mapping[str, ZoneInfo]) -> None:
        self._zones = zones
        self._here = {zone: now.astimezone(zone) for zone in {UNKNOWN_ESTATE, *zones.values()}}
        self._found: dict[Key, list[int]] = {}

    def count(self, row: Row) -> None:
        zone = self._zones.get(row["estate"], UNKNOWN_ESTATE)
        at, here = row["sorted_at"].astimezone(zone), self._here[zone]
        if row.get("drill") or at.date() != here.date() or at > here:
            return
        hours = self._found.setdefault((row["estate"], row["category"]), [0] * (here.hour + 1))
        hours[at.hour] += 1

    def of(self, estate: str, category: str) -> list[int]:
        """Nothing where nothing came."""
        return self._found.get((estate, category), [])


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
