"""The board over HTTP: what is open, as it stood at a past instant, who is on duty, and today's figures."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.register.asking import PLAIN, Asking, Now, Question
from services.register.figures import Counting
from services.register.live.board_rows import BoardRows, BoardWanted, Shown
from services.register.live.duty import Duty
from services.register.live.settings import LiveSettings
from services.register.live.streaming import Live, stream_routes, unmasked
from services.register.live.today import Today
from services.register.problems import answered, not_a_parameter, not_found
from services.register.queries import Queries
from shared.contracts.vocabulary import Category, Lane
from shared.domain.registering.masking import masked
from shared.platform.caller import Caller
from shared.platform.directory import Directory
from shared.platform.mongo import Database
from shared.platform.web.pages import Pages


class BoardAsked(Question):
    """Query of `/v1/board`."""

    estate: str | None = Field(None, max_length=80, pattern=PLAIN)
    category: Category | None = None
    lane: Lane | None = None


class PastAsked(BoardAsked):
    """Query of `/v1/board/at`."""

    at: AwareDatetime = Field(description="the instant, not after now")


class Board:
    """All that the board's answers are made with."""

    def __init__(
        self, live: Live, rows: BoardRows, queries: Queries, today: Today, duty: Duty, pages: Pages
    ) -> None:
        self._live, self._rows, self._queries = live, rows, queries
        self._today, self._duty, self._pages = today, duty, pages

    @classmethod
    def over(
        cls,
        mongo: Database,
        live: Live,
        queries: Queries,
        counting: Counting,
        directory: Directory,
        pages: Pages,
        settings: LiveSettings,
    ) -> "Board":
        rows = BoardRows(mongo, settings)
        today = Today(counting, rows, queries, directory, settings)
        return cls(live, rows, queries, today, Duty(directory), pages)

    def routes(self) -> APIRouter:
        """Those of the streams among them."""
        routes = stream_routes(self._live)
        routes.get("/v1/board")(self.now)
        routes.get("/v1/board/at")(self.at)
        routes.get("/v1/board/duty")(self.duty)
        routes.get("/v1/board/today")(self.today)
        routes.get("/board", include_in_schema=False)(self.page)
        return routes

    async def now(self, caller: Asking, now: Now, asked: Annotated[BoardAsked, Query()]) -> Response:
        """What is open. A stream that goes on after `mark` tells of all that changed since it was read."""
        wanted = await self._wanted(caller, asked)
        await self._live.watch.wanted()
        # The mark before the rows: what is written between them is in the stream, and maybe in both.
        mark = self._live.hub.mark
        shown = await self._rows.now(wanted)
        return answered({"mark": mark, "now": now, **_shown_to(caller, shown)})

    async def at(self, caller: Asking, now: Now, asked: Annotated[PastAsked, Query()]) -> Response:
        """The same as it stood at a past instant, folded from the event log."""
        if asked.at > now:
            raise not_a_parameter("at", "须不晚于现在", "must not be after now")
        shown = await self._rows.at(await self._wanted(caller, asked), asked.at)
        return answered({"at": asked.at, **_shown_to(caller, shown)})

    async def duty(self, caller: Asking, now: Now) -> Response:
        """Who holds what at each estate now, nobody included."""
        codes = await self._queries.visible(None, caller.estates)
        return answered({"at": now, "estates": await self._duty.of(codes, unmasked(caller), now)})

    async def today(self, caller: Asking, now: Now) -> Response:
        """The figures since midnight by estate and class, each with its reports by hour."""
        return answered(await self._today.of(caller.estates, now))

    async def page(self, request: Request) -> Response:
        """The board itself; with `wall=1` for a screen that nobody touches."""
        caller = await self._pages.caller(request)
        if caller is None:
            return self._pages.sign_in(request)
        wall = request.query_params.get("wall") == "1"
        return self._pages.render(request, "board.html", caller, wall=wall)

    async def _wanted(self, caller: Caller, asked: BoardAsked) -> BoardWanted:
        if asked.estate is not None and not caller.may_enter(asked.estate):
            raise not_found()
        estates = await self._queries.visible(asked.estate, caller.estates)
        return BoardWanted(estates, asked.category, asked.lane)


def _shown_to(caller: Caller, shown: Shown) -> dict[str, Any]:
    """Masked in the estates where the caller may not see names and phones (SOP S10)."""
    seen = unmasked(caller)
    lines = [line if seen is None or line["estate"] in seen else masked(line) for line in shown.lines]
    return {"lines": lines, "left_out": shown.left_out}
