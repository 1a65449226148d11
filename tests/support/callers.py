"""Callers and pages over a directory at hand; no test that uses them signs in, so MongoDB is never asked."""

from pathlib import Path
from typing import Any

from services.register.figures import Counting
from services.register.live.board import Board
from services.register.live.settings import LiveSettings
from services.register.live.streaming import Live
from services.register.queries import Queries
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.mongo import Database, connect, database
from shared.platform.service import Ready
from shared.platform.sessions import Sessions
from shared.platform.settings import Settings
from shared.platform.web.pages import Pages

SERVICES = Path(__file__).resolve().parents[2] / "services"


def callers_over(directory: Any, settings: Settings | None = None) -> Callers:
    """Keys as the directory has them."""
    chosen = settings or Settings()
    store = database(connect(chosen), chosen)
    return Callers(directory, Sessions("a key of tests, which is long enough", store, chosen.session_check_s))


def pages_of(service: str, callers: Callers, settings: Settings | None = None) -> Pages:
    """The service's own pages."""
    return Pages(settings or Settings(), service, SERVICES / service / "pages", callers)


async def _nothing_to_wait_for() -> dict[str, bool]:
    return {}


def live_of(
    callers: Callers, mongo: Database | None = None, clock: Clock | None = None, ready: Ready = _nothing_to_wait_for
) -> Live:
    """Streams that watch once somebody runs `live.watch`; without a MongoDB nobody may."""
    chosen = LiveSettings()
    store = database(connect(chosen), chosen) if mongo is None else mongo
    return Live.over(store, clock or Clock(), callers, ready, chosen)


def board_of(live: Live, queries: Queries, counting: Counting, directory: Any, pages: Pages) -> Board:
    """Over the database that the streams watch."""
    return Board.over(live.watch.database, live, queries, counting, directory, pages, LiveSettings())
