"""`GET /post/open/{token}`: a post's link becomes the session of its page."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shared.platform.admin_key import ensure_session_key
from shared.platform.callers import Callers
from shared.platform.errors import Rejected, Unavailable
from shared.platform.logs import log
from shared.platform.mongo import Database
from shared.platform.post_links import OPENED_AT, PostLinks
from shared.platform.settings import Settings
from shared.platform.signing_in.cookies import give
from shared.platform.signing_in.telling import AWAY, told
from shared.platform.web.pages import Pages


def post_route(settings: Settings, database: Database, pages: Pages, callers: Callers) -> Route:
    """For notify, which has the page `/post`."""
    links = PostLinks(ensure_session_key(settings), database, callers.sessions)

    async def open_link(request: Request) -> Response:
        try:
            opened = await links.open(request.path_params["token"])
        except Rejected as over:
            return _told(request, over)
        except Unavailable:
            return _told(request, AWAY)
        log.info("post's link opened", estate=opened.estate, post=opened.post)
        response = RedirectResponse("/post", 303, {"cache-control": "no-store"})
        hours = settings.post_session_hours
        give(response, callers.sessions.issue(opened.who, hours), hours, settings)
        return response

    def _told(request: Request, refusal: Rejected) -> Response:
        words = told(refusal.words, pages.language(request))
        return pages.render(request, "told.html", status=refusal.status, told=words)

    return Route(OPENED_AT + "{token}", open_link, methods=["GET"])
