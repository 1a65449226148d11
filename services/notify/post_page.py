"""The guard's page: opened by a post's link or by staff who may speak at the post."""

import json
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.notify.post_card import may_make_cards
from shared.domain.estates.posts import post_of
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller
from shared.platform.directory import Directory
from shared.platform.web.pages import LANGUAGE_COOKIE, Pages

_FOLDER = Path(__file__).parent / "pages" / "assets" / "post"
SHARED_FILES = (
    "base.css",
    "api.js",
    "dom.js",
    "names.js",
    "names-table.js",
    "patience.js",
    "session.js",
    "sound.js",
    "stream.js",
    "times.js",
    "whose.js",
    "words.js",
    "icon.svg",
)


class PostPage:
    """`/post` and what it is made of."""

    def __init__(self, directory: Directory, pages: Pages) -> None:
        self._directory, self._pages = directory, pages
        files = sorted(path.name for path in _FOLDER.iterdir() if path.name != "worker.js")
        mine = [f"/assets/notify/post/{name}" for name in files]
        shell = ["/post", *(f"/assets/{name}" for name in SHARED_FILES), "/assets/notify/words-en.js", *mine]
        script = (_FOLDER / "worker.js").read_text(encoding="utf-8")
        self._worker = f"const SHELL = {json.dumps(shell)};\n{script}"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/post", self._page),
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
