"""Today's figures of the board, counted once in a while however many look."""

import asyncio
from datetime import datetime
from typing import Any

from services.register.figures import Counting, FiguresAsked
from services.register.live.board_rows import BoardRows
from services.register.live.settings import LiveSettings
from services.register.queries import Estates, Queries
from shared.domain.registering.statistics import UNKNOWN_ESTATE
from shared.domain.registering.today import ByHour, midnight
from shared.platform.directory import Directory

_MOST = 200
_WANTED = (
    "estate", "category", "reports", "open", "overdue", "overdue_now", "overdue_share", "hand_ons",
)  # fmt: skip


class Today:
    """One a process."""

    def __init__(
        self, counting: Counting, rows: BoardRows, queries: Queries, directory: Directory, settings: LiveSettings
    ) -> None:
        self._counting, self._rows, self._queries, self._directory = counting, rows, queries, directory
        self._age_s, self._share = settings.register_board_figures_s, settings.register_board_figures_share
        self._known: dict[Estates, tuple[float, dict[str, Any]]] = {}
        self._turn = asyncio.Lock()

    async def of(self, estates: Estates, now: datetime) -> dict[str, Any]:
        """Of these estates, at most so old as the setting says."""
        async with self._turn:
            at, figures = self._known.get(estates, (-1e9, {}))
            seconds = asyncio.get_running_loop().time()
            if seconds - at > self._age_s:
                figures = await self._count(estates, now)
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[estates] = seconds, figures
            return figures

    async def _count(self, estates: Estates, now: datetime) -> dict[str, Any]:
        codes = await self._queries.visible(None, estates)
        known = {code: await self._directory.estate(code) for code in codes}
        zones = {code: estate.zone if estate else UNKNOWN_ESTATE for code, estate in known.items()}
        since = midnight(now, zones.values())
        asked = FiguresAsked.model_validate({"from": since})
        counted = await self._counting.figures(asked, estates, now, share=self._share)
        hours = ByHour(now, zones)
        async for row in self._rows.received(codes, since, self._share):
            hours.count(row)
        lines = [
            {**{name: line[name] for name in _WANTED}, "hours": hours.of(line["estate"], line["category"])}
            for line in counted["statistics"]
        ]
        return {"from": since, "at": now, "lines": lines}
