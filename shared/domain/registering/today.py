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


def by_hour(rows: Iterable[Row], now: datetime, zones: Mapping[str, ZoneInfo]) -> dict[Key, list[int]]:
    """Up to the hour that runs; an hour in which nothing came is a nought. Yesterday's and drills are left out."""
    found: dict[Key, list[int]] = {}
    there = {zone: now.astimezone(zone) for zone in {UNKNOWN_ESTATE, *zones.values()}}
    for row in rows:
        zone = zones.get(row["estate"], UNKNOWN_ESTATE)
        at, here = row["sorted_at"].astimezone(zone), there[zone]
        if row.get("drill") or at.date() != here.date() or at > here:
            continue
        hours = found.setdefault((row["estate"], row["category"]), [0] * (here.hour + 1))
        hours[at.hour] += 1
    return found


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
