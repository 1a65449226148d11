"""Pages of a service: templates, words in two languages, and the files beside them; nothing from elsewhere."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from shared.contracts.names import NAMES
from shared.platform.caller import Caller
from shared.platform.callers import Callers
from shared.platform.settings import Settings
from shared.platform.web.addresses import addresses_of, cross_origin
from shared.platform.web.catalogues import SHARED, as_table, read_english, translations_of
from shared.platform.web.headers import SecurityHeaders

LANGUAGE_COOKIE = "baoshi_language"
_YEAR_S = 365 * 86_400
_ASSETS = Path(__file__).parent / "assets"
_CACHED = {"cache-control": "no-cache"}
"""Asked again each time, and answered with 304 by its tag: after an upgrade no page runs an old script."""


class Link(NamedTuple):
    """A page in the head of every page; `service` serves it."""

    service: str
    path: str
    zh: str


LINKS = (
    Link("intake", "/desk", "前台"),
    Link("register", "/board", "值班看板"),
    Link("notify", "/post", "岗位页面"),
    Link("register", "/register", "登记表"),
    Link("register", "/statistics", "月度统计"),
    Link("register", "/rehearsal", "预演"),
)


class Pages:
    """One a service. `folder` holds its templates and catalogues, and `assets` beside them."""

    def __init__(self, settings: Settings, service: str, folder: Path, callers: Callers) -> None:
        self._settings, self._service, self._folder, self._callers = settings, service, folder, callers
        self._more: list[BaseRoute] = []
        english = read_english((SHARED, folder))
        self._translations = translations_of(english)
        self._scripts = {
            f"{service}/words-en.js": _module(as_table(english)),
            "names-table.js": _module(NAMES),
        }
        self._environments = {language: self._environment(language) for language in self._translations}

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([self._folder, SHARED]),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_translations(self._translations[language], newstyle=True)  # type: ignore[attr-defined]
        environment.globals["name_of"] = _named(language)
        return environment

    def routes(self) -> list[BaseRoute]:
        """`/assets/…` of all pages, `/assets/<service>/…` of this service's own."""
        own = self._folder / "assets"
        mounts: list[BaseRoute] = [Route(f"/assets/{name}", _script(code)) for name, code in self._scripts.items()]
        if own.is_dir():
            mounts.append(Mount(f"/assets/{self._service}", _Files(directory=own)))
        return [*self._more, *mounts, Mount("/assets", _Files(directory=_ASSETS))]

    def add(self, routes: Sequence[BaseRoute]) -> None:
        """What every service has besides its own pages, such as signing in."""
        self._more += routes

    def middleware(self) -> list[Middleware]:
        """For the whole application of the service."""
        return [Middleware(SecurityHeaders, settings=self._settings), *cross_origin(self._settings)]

    async def caller(self, request: Request, *, posts: bool = False) -> Caller | None:
        """Who opened the page; None: `sign_in` is the answer. A post's session opens only what is for `posts`."""
        caller = await self._callers.find(request.headers, request.method)
        return caller if caller is None or caller.post is None or posts else None

    def sign_in(self, request: Request) -> Response:
        """To where one signs in, and back to this page."""
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/session?next={quote(path, safe='')}", 303, {"cache-control": "no-store"})

    def language(self, request: Request) -> str:
        """Chinese first: English for whoever chose it on a page before, or with `?language=en`."""
        asked = request.query_params.get("language") or request.cookies.get(LANGUAGE_COOKIE, "")
        return asked if asked in self._translations else "zh"

    def render(
        self,
        request: Request,
        template: str,
        caller: Caller | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """The page in the reader's language. Never cached: it carries the session's token and people's reports."""
        language = self.language(request)
        page = self._environments[language].get_template(template)
        html = page.render(
            language=language,
            other_language=_address(request, "zh" if language == "en" else "en"),
            caller=caller,
            csrf=caller.csrf if caller else "",
            who=_mark_of(caller) if caller else "",
            service=self._service,
            addresses=addresses_of(self._settings),
            links=LINKS,
            path=request.url.path,
            now=datetime.now(UTC),
            **context,
        )
        response = HTMLResponse(html, status, {"cache-control": "no-store", **(headers or {})})
        if request.query_params.get("language") == language:
            secure = self._settings.over_tls
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_S, samesite="lax", secure=secure)
        return response


class _Files(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_CACHED)
        return response


def _script(code: str) -> Any:
    async def script(_: Request) -> Response:
        return Response(code, media_type="text/javascript", headers=_CACHED)

    return script


def _module(table: Mapping[str, Any]) -> str:
    return f"export default {json.dumps(table, ensure_ascii=False)};\n"


def _mark_of(caller: Caller) -> str:
    """Under it a browser keeps what is this caller's, so the name itself is not left in the browser."""
    return hashlib.sha256(caller.key_id.encode()).hexdigest()[:16]


def _named(language: str) -> Any:
    place = 0 if language == "zh" else 1

    def name_of(table: str, code: str | None) -> str:
        """The code itself where the table does not know it, as a playbook's own step."""
        names: Mapping[str, Sequence[str]] = NAMES.get(table, {})
        return names[code][place] if code and code in names else (code or "")

    return name_of


def _address(request: Request, language: str) -> str:
    """This page in the other language, with all else that its address asks for."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "language"]
    return f"{request.url.path}?{urlencode([*query, ('language', language)])}"
