"""The guard's page: opened by a post's link or by staff who may speak at the post; and the post's card."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import segno
from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.notify.settings import NotifySettings
from shared.contracts.event import Words
from shared.contracts.vocabulary import Role
from shared.domain.estates.posts import post_of
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller
from shared.platform.callers import Callers
from shared.platform.directory import Directory
from shared.platform.errors import Rejected, Unavailable
from shared.platform.post_links import OPENED_AT, PostLinks
from shared.platform.signing_in.telling import told
from shared.platform.web.addresses import addresses_of
from shared.platform.web.pages import LANGUAGE_COOKIE, Pages

MAKES_CARDS: frozenset[Role] = frozenset({"service_head", "security_supervisor", "shift_leader"})
_MOST_OF_A_FORM = 4096
_FOLDER = Path(__file__).parent / "pages" / "assets" / "post"
_SHARED = (
    "base.css",
    "api.js",
    "dom.js",
    "names.js",
    "names-table.js",
    "session.js",
    "sound.js",
    "stream.js",
    "times.js",
    "whose.js",
    "words.js",
    "icon.svg",
)
_NOT_YOURS = Words(
    zh="做岗位卡须是客服主任、保安部主管或当班班长",
    en="A post's card is made by the service head, the security supervisor or the shift leader",
)
_AWAY = Words(
    zh="数据库没有应答,现在做不了岗位卡,请稍后再试",
    en="The database does not answer, so no card can be made now: try again soon",
)
_NO_POST = Words(zh="没有这个岗位,或不属于您的小区", en="No such post, or not of your estate")


class PostPage:
    """`/post` and what belongs to it."""

    def __init__(
        self, settings: NotifySettings, directory: Directory, callers: Callers, pages: Pages, links: PostLinks
    ) -> None:
        self._settings, self._directory, self._callers = settings, directory, callers
        self._pages, self._links = pages, links
        files = sorted(path.name for path in _FOLDER.iterdir() if path.name != "worker.js")
        mine = [f"/assets/notify/post/{name}" for name in files]
        shell = ["/post", *(f"/assets/{name}" for name in _SHARED), "/assets/notify/words-en.js", *mine]
        script = (_FOLDER / "worker.js").read_text(encoding="utf-8")
        self._worker = f"const SHELL = {json.dumps(shell)};\n{script}"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/post", self._page),
            Route("/post/card", self._card, methods=["POST"]),
            Route("/post/worker.js", self._worker_script),
            Route("/post/manifest.webmanifest", self._manifest),
        ]

    async def _page(self, request: Request) -> Response:
        caller = await self._pages.caller(request, posts=True)
        if caller is None:
            return await self._choose(request, None)
        code, post_id = _asked(request, caller)
        estate = await self._directory.estate(code) if code and caller.may_enter(code) else None
        if estate is None or (post_id is None and caller.person_in(estate.estate) is None):
            return await self._choose(request, caller)
        post = post_of(estate, post_id) if post_id else None
        if post_id and (post is None or (caller.post is None and post.role not in caller.roles_in(estate.estate))):
            return await self._choose(request, caller)
        language = self._pages.language(request)
        where = estate.zh if language == "zh" else estate.en
        return self._pages.render(
            request,
            "post.html",
            caller,
            title=f"{post.zh} · {where}" if post else where,
            estate=estate.estate,
            post=post.id if post else "",
            role=post.role if post else "",
            place=post.zh if post else where,
            person=caller.person_in(estate.estate) or "",
            name=caller.name if caller.post is None else "",
        )

    async def _card(self, request: Request) -> Response:
        """A fresh link as a QR code to be printed; the one before, and the pages it opened, are over."""
        try:
            return await self._new_card(request)
        except (PyMongoError, Unavailable):
            refusal = Rejected(503, "unavailable", _AWAY)
        except Rejected as refused:
            refusal = refused
        said = told(refusal.words, self._pages.language(request))
        return self._pages.render(request, "told.html", status=refusal.status, told=said)

    async def _new_card(self, request: Request) -> Response:
        form = await _form(request)
        caller = await self._callers.find(request.headers, request.method, form.get("token", ""))
        if caller is None:
            return self._pages.sign_in(request)
        code = form.get("estate", "")
        estate = await self._directory.estate(code) if caller.may_enter(code) else None
        post = post_of(estate, form.get("post", "")) if estate else None
        if estate is None or post is None:
            raise Rejected(404, "not-found", _NO_POST, "post")
        if not may_make_cards(caller, estate.estate):
            raise Rejected(403, "not-your-role", _NOT_YOURS)
        base = addresses_of(self._settings)["notify"] or str(request.base_url).rstrip("/")
        link = base + OPENED_AT + await self._links.issue(estate.estate, post.id)
        made = datetime.now(UTC).astimezone(estate.zone).strftime("%Y-%m-%d %H:%M")
        qr = segno.make(link, error="m").svg_data_uri(border=4, dark="#000", light="#fff")
        return self._pages.render(
            request,
            "post_card.html",
            caller,
            post_zh=post.zh,
            estate_zh=estate.zh,
            estate_en=estate.en,
            qr=qr,
            made_at=made,
        )

    async def _choose(self, request: Request, caller: Caller | None) -> Response:
        """Where one chooses a post, or is told to scan the post's code."""
        estates = await self._estates_of(caller) if caller else []
        status = 200 if caller else 401
        return self._pages.render(request, "post_choose.html", caller, status=status, estates=estates)

    async def _estates_of(self, caller: Caller) -> list[dict[str, Any]]:
        codes = await self._directory.codes()
        found = [await self._directory.estate(code) for code in codes if caller.may_enter(code)]
        offered = [_offered(estate, caller) for estate in found if estate]
        return [one for one in offered if one["posts"] or one["person"] or one["cards"]]

    async def _worker_script(self, _: Request) -> Response:
        headers = {"cache-control": "no-cache", "service-worker-allowed": "/post"}
        return Response(self._worker, media_type="text/javascript", headers=headers)

    async def _manifest(self, request: Request) -> Response:
        english = request.cookies.get(LANGUAGE_COOKIE) == "en"
        name = "Baoshi post" if english else "报事岗位"
        icon = {"src": "/assets/icon.svg", "sizes": "any", "type": "image/svg+xml"}
        about = {"name": name, "short_name": name, "lang": "en" if english else "zh-CN", "icons": [icon]}
        look = {"display": "standalone", "background_color": "#0e141a", "theme_color": "#0e141a"}
        return JSONResponse(
            {**about, **look, "id": "/post", "start_url": "/post", "scope": "/post"},
            media_type="application/manifest+json",
        )


def may_make_cards(caller: Caller, estate: str) -> bool:
    """A post's own page never does."""
    return caller.post is None and not MAKES_CARDS.isdisjoint(caller.roles_in(estate))


def _offered(estate: Estate, caller: Caller) -> dict[str, Any]:
    roles = caller.roles_in(estate.estate)
    mine = [post for post in estate.posts if post.role in roles]
    cards = list(estate.posts) if may_make_cards(caller, estate.estate) else []
    about = {"code": estate.estate, "zh": estate.zh, "en": estate.en}
    return {**about, "posts": mine, "cards": cards, "person": caller.person_in(estate.estate)}


def _asked(request: Request, caller: Caller) -> tuple[str | None, str | None]:
    """A post's page is its post's, whatever its address says."""
    if caller.post is not None:
        return next(iter(caller.estates or ()), None), caller.post
    return request.query_params.get("estate"), request.query_params.get("post")


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_OF_A_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
