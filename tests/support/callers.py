"""Callers and pages over a directory at hand; no test that uses them signs in, so MongoDB is never asked."""

from pathlib import Path
from typing import Any

from shared.platform.callers import Callers
from shared.platform.mongo import connect, database
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
