"""`/post/open/{token}`: a post's link becomes its page's session; whoever is signed in is asked first."""

from collections.abc import Awaitable, Callable

from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shared.platform.admin_key import ensure_session_key
from shared.platform.caller import Caller
from shared.platform.callers import Callers, must_be_from_page
from shared.platform.errors import Rejected, Unavailable
from shared.platform.logs import log
from shared.platform.mongo import Database
from shared.platform.post_links import OPENED_AT, Opened, PostLinks
from shared.platform.settings import Settings
from shared.platform.signing_in.cookies import give
from shared.platform.signing_in.telling import AWAY, refused
from shared.platform.web.forms import TOKEN, read_form
from shared.platform.web.pages import Pages

Answer = Callable[[Request], Awaitable[Response]]


def post_route(settings: Settings, database: Database, pages: Pages, callers: Callers) -> Route:
    """For notify, which has the page `/post`."""
    it = PostOpening(settings, PostLinks(ensure_session_key(settings), database, callers.sessions), pages, callers)
    return Route(OPENED_AT + "{token}", it.open, methods=["GET", "POST"])


class PostOpening:
    """A browser has one session: a link, which anybody can lay before anybody, never ends a person's by itself."""

    def __init__(self, settings: Settings, links: PostLinks, pages: Pages, callers: Callers) -> None:
        self._settings, self._links, self._pages, self._callers = settings, links, pages, callers

    async def open(self, request: Request) -> Response:
        """A refusal is a page too."""
        try:
            return await (self._agreed(request) if request.method == "POST" else self._asked(request))
        except Rejected as refusal:
            return refused(self._pages, request, refusal)
        except (Unavailable, PyMongoError):
            return refused(self._pages, request, AWAY)

    async def _asked(self, request: Request) -> Response:
        opened = await self._links.open(request.path_params["token"])
        person = await self._person(request)
        if person is None:
            return self._in(opened)
        return self._pages.render(request, "post_open.html", person, post=opened.who.name)

    async def _agreed(self, request: Request) -> Response:
        """By whoever is signed in, on our own page; a form sent without a session only leads to the link."""
        form = await read_form(request)
        person = await self._person(request)
        if person is None:
            return RedirectResponse(request.url.path, 303, {"cache-control": "no-store"})
        must_be_from_page(person, form.get(TOKEN, ""))
        opened = await self._links.open(request.path_params["token"])
        if person.session:
            await self._callers.sessions.end(person.session)
        return self._in(opened)

    async def _person(self, request: Request) -> Caller | None:
        """Another post's page gives way: its guard has just scanned the next card."""
        caller = await self._callers.signed_in(request.headers)
        return caller if caller and caller.post is None else None

    def _in(self, opened: Opened) -> Response:
        log.info("post's link opened", estate=opened.estate, post=opened.post)
        response = RedirectResponse("/post", 303, {"cache-control": "no-store"})
        hours = self._settings.post_session_hours
        give(response, self._callers.sessions.issue(opened.who, hours), hours, self._settings)
        return response
