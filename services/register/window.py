"""The register's window put together: all that its answers and pages are made with."""

from pathlib import Path
from typing import NamedTuple

from services.register.documents.documents import Documents
from services.register.documents.months import Months
from services.register.figures import Counting
from services.register.handlers import SERVICE
from services.register.kept import Kept
from services.register.live.board import Board
from services.register.live.streaming import Live
from services.register.queries import Queries
from services.register.rehearsal import rehearsal_routes
from services.register.report_words import Fields, fields_of
from services.register.settings import RegisterSettings
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.paper import labels_of
from shared.domain.registering.visits import quotas_of
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.mongo import Database
from shared.platform.service import Ready
from shared.platform.sessions import sessions_of
from shared.platform.signing_in.routes import session_routes
from shared.platform.web.pages import Pages


class Window(NamedTuple):
    """One a process. `live` watches only while somebody runs its watch."""

    callers: Callers
    directory: Directory
    clock: Clock
    ready: Ready
    queries: Queries
    counting: Counting
    documents: Documents
    kept: Kept
    playbooks: Playbooks
    fields: Fields
    pages: Pages
    live: Live
    board: Board

    @classmethod
    def over(
        cls, settings: RegisterSettings, mongo: Database, directory: Directory, clock: Clock, ready: Ready
    ) -> "Window":
        """Asks MongoDB nothing yet; the indexes are `kept`'s to prepare."""
        callers = Callers(directory, sessions_of(settings, mongo))
        queries, playbooks = Queries(mongo), load_playbooks(settings.playbooks)
        counting = Counting(queries, directory, quotas_of(playbooks))
        kept, labels = Kept.of(mongo, settings), labels_of(playbooks)
        documents = Documents(directory, Months(mongo), queries, counting, labels, kept.readings, clock, settings)
        pages = Pages(settings, SERVICE, Path(__file__).parent / "pages", callers)
        pages.add(session_routes(settings, mongo, pages, callers))
        pages.add(rehearsal_routes(callers, directory, clock, pages, settings.playbooks))
        live = Live.over(mongo, clock, callers, ready, settings)
        return cls(
            callers=callers,
            directory=directory,
            clock=clock,
            ready=ready,
            queries=queries,
            counting=counting,
            documents=documents,
            kept=kept,
            playbooks=playbooks,
            fields=fields_of(playbooks),
            pages=pages,
            live=live,
            board=Board.over(mongo, live, queries, counting, directory, pages, settings),
        )
