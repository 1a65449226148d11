"""A post's card: made by one request and shown by another, so that a reload makes no new one."""

from urllib.parse import urlencode

import segno
from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from services.notify.settings import NotifySettings
from shared.contracts.event import Words
from shared.contracts.vocabulary import Role
from shared.domain.estates.posts import post_of
from shared.domain.estates.roster import Estate, Post
from shared.platform.caller import Caller
from shared.platform.callers import Callers
from shared.platform.directory import Directory
from shared.platform.errors import Rejected, Unavailable
from shared.platform.post_links import OPENED_AT, PostLinks
from shared.platform.signing_in.telling import refused
from shared.platform.web.addresses import addresses_of
from shared.platform.web.forms import TOKEN, read_form
from shared.platform.web.pages import Pages

MAKES_CARDS: frozenset[Role] = frozenset({"service_head", "security_supervisor", "shift_leader"})
_NOT_YOURS = Words(
    zh="做岗位卡须是客服主任、保安部主管或当班班长",
    en="A post's card is made by the service head, the security supervisor or the shift leader",
)
_AWAY = Words(
    zh="数据库没有应答,现在做不了岗位卡,请稍后再试",
    en="The database does not answer, so no card can be made now: try again soon",
)
_NO_POST = Words(zh="没有这个岗位,或不属于您的小区", en="No such post, or not of your estate")


class PostCard:
    """`/post/card`: POST makes a fresh link and ends the one before, GET shows the last one as a QR code."""

    def __init__(
        self, settings: NotifySettings, directory: Directory, callers: Callers, pages: Pages, links: PostLinks
    ) -> None:
        self._settings, self._directory, self._callers = settings, directory, callers
        self._pages, self._links = pages, links

    def routes(self) -> list[BaseRoute]:
        return [Route("/post/card", self._answer, methods=["GET", "POST"])]

    async def _answer(self, request: Request) -> Response:
        try:
            return await (self._make(request) if request.method == "POST" else self._show(request))
        except (PyMongoError, Unavailable):
            return refused(self._pages, request, Rejected(503, "unavailable", _AWAY))
        except Rejected as refusal:
            return refused(self._pages, request, refusal)

    async def _make(self, request: Request) -> Response:
        form = await read_form(request)
        caller = await self._callers.find(request.headers, request.method, form.get(TOKEN, ""))
        if caller is None:
            return self._pages.sign_in(request)
        estate, post = await self._wanted(caller, form.get("estate", ""), form.get("post", ""))
        await self._links.issue(estate.estate, post.id)
        address = f"/post/card?{urlencode({'estate': estate.estate, 'post': post.id})}"
        return RedirectResponse(address, 303, {"cache-control": "no-store"})

    async def _show(self, request: Request) -> Response:
        caller = await self._callers.find(request.headers, request.method)
        if caller is None:
            return self._pages.sign_in(request)
        asked = request.query_params
        estate, post = await self._wanted(caller, asked.get("estate", ""), asked.get("post", ""))
        last = await self._links.last(estate.estate, post.id)
        if last is None:
            return RedirectResponse("/post", 303, {"cache-control": "no-store"})
        base = addresses_of(self._settings)["notify"] or str(request.base_url).rstrip("/")
        qr = segno.make(base + OPENED_AT + last.token, error="m")
        return self._pages.render(
            request,
            "post_card.html",
            caller,
            post_zh=post.zh,
            estate_zh=estate.zh,
            estate_en=estate.en,
            qr=qr.svg_data_uri(border=4, dark="#000", light="#fff"),
            made_at=last.made.astimezone(estate.zone).strftime("%Y-%m-%d %H:%M"),
        )

    async def _wanted(self, caller: Caller, code: str, post_id: str) -> tuple[Estate, Post]:
        estate = await self._directory.estate(code) if caller.may_enter(code) else None
        post = post_of(estate, post_id) if estate else None
        if estate is None or post is None:
            raise Rejected(404, "not-found", _NO_POST, "post")
        if not may_make_cards(caller, estate.estate):
            raise Rejected(403, "not-your-role", _NOT_YOURS)
        return estate, post


def may_make_cards(caller: Caller, estate: str) -> bool:
    """A post's own page never does."""
    return caller.post is None and not MAKES_CARDS.isdisjoint(caller.roles_in(estate))
