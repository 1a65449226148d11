"""The figures: which rows are asked for, over what time, and what makes a line."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.register.asking import PLAIN, Asking, Now, Question
from services.register.filters import Wanted
from services.register.problems import answered, not_a_parameter, not_found
from services.register.queries import Estates, Queries
from shared.contracts.vocabulary import Category
from shared.domain.registering.statistics import BY_CLASS, GROUPS, UNKNOWN_ESTATE, Breakdown, Group, month_start
from shared.domain.registering.visits import Quotas
from shared.platform.directory import Directory

_OVER = timedelta(days=31)
MONTH = r"^20[0-9]{2}-(?:0[1-9]|1[0-2])$"
Month = Annotated[str | None, Field(pattern=MONTH, description="2026-11, by each estate's own time zone")]


class FiguresAsked(Question):
    """Query of `/v1/statistics`. Either instants or months; without either the last 31 days."""

    since: AwareDatetime | None = Field(
        None, alias="from", description="received at or after; what was written up from paper: happened"
    )
    until: AwareDatetime | None = Field(None, alias="to", description="received, or happened, before")
    from_month: Month = None
    to_month: Month = None
    estate: str | None = Field(None, max_length=80, pattern=PLAIN)
    category: Category | None = None
    department: str | None = Field(
        None, max_length=80, pattern=PLAIN, description="of its own tasks; the desk and others by their role"
    )
    group_by: str = Field(
        ",".join(BY_CLASS), max_length=80, description=f"what makes a line, by commas: {', '.join(GROUPS)}"
    )
    drills: bool = Field(False, description="drills, and nothing else; otherwise they are left out")


class Counting:
    """What the figures are counted with. One a process."""

    def __init__(self, queries: Queries, directory: Directory, quotas: Quotas) -> None:
        self._queries, self._directory, self._quotas = queries, directory, quotas

    async def figures(
        self, asked: FiguresAsked, estates: Estates, now: datetime, *, share: float = 1.0
    ) -> dict[str, Any]:
        """Raises `Rejected`, naming the parameter, for what is no time and no group."""
        group_by = read_groups(asked.group_by)
        codes = await self._queries.visible(asked.estate, estates)
        zones = {code: await self._zone(code) for code in codes}
        since, until = period(asked, zones.values(), now)
        months = (asked.from_month, asked.to_month)
        counted = Breakdown(group_by, asked.category, asked.department, *months, asked.drills)
        wanted = Wanted(estate=asked.estate, category=asked.category, since=since, until=until)
        lines = await self._queries.statistics(wanted, estates, now, counted, zones, self._quotas, share)
        head = {"from": since, "to": until, "group_by": group_by, "drills": asked.drills}
        return {**head, "statistics": lines}

    async def _zone(self, code: str) -> ZoneInfo:
        estate = await self._directory.estate(code)
        return estate.zone if estate else UNKNOWN_ESTATE


def figure_routes(counting: Counting) -> APIRouter:
    async def read_statistics(caller: Asking, now: Now, asked: Annotated[FiguresAsked, Query()]) -> Response:
        """Times, what was overdue, hand-ons, return visits against quota; drills only where they are asked for."""
        if asked.estate is not None and not caller.may_enter(asked.estate):
            raise not_found()
        return answered(await counting.figures(asked, caller.estates, now))

    routes = APIRouter()
    routes.get("/v1/statistics")(read_statistics)
    return routes


def read_groups(text: str) -> tuple[Group, ...]:
    """`estate,month`; each once, in the order asked for."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    found = tuple(group for name in names for group in GROUPS if group == name)
    if len(found) != len(names) or not found:
        known = ", ".join(GROUPS)
        raise not_a_parameter("group_by", f"只能按 {known} 分组", f"Group by {known}, joined by commas")
    return found


def period(asked: FiguresAsked, zones: Iterable[ZoneInfo], now: datetime) -> tuple[datetime, datetime]:
    """From the first estate's first midnight to the last one's; each row's own month is compared again."""
    there = list(zones) or [UNKNOWN_ESTATE]
    until = asked.until or now + timedelta(milliseconds=1)
    if asked.from_month is None and asked.to_month is None:
        since = asked.since or until - _OVER
        if since >= until:
            raise not_a_parameter("from", "from须早于to", "from must be before to")
        return since, until
    if asked.since or asked.until:
        raise not_a_parameter("from_month", "月份与from、to只能用一种", "Use either months or from and to")
    if asked.from_month is None:
        raise not_a_parameter("to_month", "请同时给出from_month", "Give from_month too")
    if asked.to_month is not None:
        if asked.to_month < asked.from_month:
            raise not_a_parameter("to_month", "to_month不得早于from_month", "to_month is before from_month")
        until = max(month_start(asked.to_month, zone, months_on=1) for zone in there)
    return min(month_start(asked.from_month, zone) for zone in there), until
