"""`/session`: signing in and out, and one's own password; of every service that has pages, without JavaScript."""

from collections.abc import Awaitable, Callable
from functools import wraps

from pymongo.errors import PyMongoError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from shared.contracts.event import Words
from shared.platform.account import Account, login_of
from shared.platform.accounts import Accounts
from shared.platform.admin_key import ensure_session_key
from shared.platform.caller import Caller
from shared.platform.callers import Callers, cookie_of, must_be_from_page
from shared.platform.errors import Rejected
from shared.platform.logs import log
from shared.platform.mongo import Database
from shared.platform.passwords import Passwords
from shared.platform.settings import Settings
from shared.platform.signing_in.cookies import DEVICE_COOKIE, give, give_aside, take_away
from shared.platform.signing_in.entering import DEVICE_DAYS, Entering, From
from shared.platform.signing_in.next_page import safe_next
from shared.platform.signing_in.oidc import STATE_COOKIE, STATE_S, Oidc
from shared.platform.signing_in.pre_session import PreSession
from shared.platform.signing_in.source import networks_of, source_of
from shared.platform.signing_in.telling import AWAY, TOO_MANY, retry_after, told, too_large
from shared.platform.tries import Tries
from shared.platform.web.addresses import addresses_of, origins_of
from shared.platform.web.forms import TOKEN, read_form
from shared.platform.web.pages import Pages

CALLBACK = "/session/oidc"
_NOT_ENDED = Words(
    zh="已在此浏览器退出;数据库没有应答,其他浏览器中的此次登录仍有效",
    en="Signed out in this browser. The database does not answer: a copy of this session would still be good",
)
_DIFFER = Words(zh="两次输入的新密码不一致", en="The new password differs from its repetition")
_NO_PASSWORD = Words(zh="此登录没有密码", en="This sign-in has no password")
_CHANGED = Words(zh="密码已更改,其他登录已全部退出", en="Password changed; all other sessions are over")
Answer = Callable[[Request], Awaitable[Response]]


def session_routes(settings: Settings, database: Database, pages: Pages, callers: Callers) -> list[BaseRoute]:
    """For the application of each service that has pages; one sign-in serves all of them."""
    it = SigningIn(settings, ensure_session_key(settings), database, pages, callers)
    return [
        Route("/session", it.answered(it.show), methods=["GET"]),
        Route("/session", it.answered(it.enter), methods=["POST"]),
        Route("/session/end", it.answered(it.leave), methods=["POST"]),
        Route("/session/password", it.answered(it.change_password), methods=["POST"]),
        Route("/session/oidc/start", it.answered(it.to_provider), methods=["GET"]),
        Route(CALLBACK, it.answered(it.from_provider), methods=["GET"]),
        Route("/session/{rest:path}", it.back, methods=["GET"]),
    ]


class SigningIn:
    """What the routes do; one a service."""

    def __init__(self, settings: Settings, key: str, database: Database, pages: Pages, callers: Callers) -> None:
        self._settings, self._pages, self._callers, self._sessions = settings, pages, callers, callers.sessions
        self._accounts = Accounts(database, callers.sessions, Passwords(settings))
        self._entering = Entering(settings, key, self._accounts, Tries(database, settings))
        self._pre = PreSession(key, origins_of(settings), settings.over_tls)
        self._oidc = Oidc(settings, key, self._accounts) if settings.oidc_issuer else None
        self._origins, self._proxies = origins_of(settings), networks_of(settings.trusted_proxies)

    def answered(self, answer: Answer) -> Answer:
        """A refusal is this page again with its reason."""

        @wraps(answer)
        async def endpoint(request: Request) -> Response:
            try:
                return await answer(request)
            except Rejected as refusal:
                return await self._page(request, refusal)
            except PyMongoError as error:
                log.warning("sign-in without MongoDB", error=type(error).__name__)
                return await self._page(request, AWAY)

        return endpoint

    async def show(self, request: Request) -> Response:
        return await self._page(request)

    async def back(self, _: Request) -> Response:
        """The page of a refused form in the other language."""
        return RedirectResponse("/session", 303)

    async def enter(self, request: Request) -> Response:
        form = await read_form(request)
        self._pre.must_be_ours(request, form.get("mark", ""))
        whence = From(source_of(request, self._proxies), cookie_of(request.headers, DEVICE_COOKIE))
        account = await self._entering.by_password(form.get("login", ""), form.get("password", ""), whence)
        log.info("signed in", by="password")
        return self._in(request, account, self._next(request.query_params.get("next", "")))

    async def leave(self, request: Request) -> Response:
        """In this browser in any case; everywhere else too unless MongoDB is away, which is said.

        What the browser kept of pages is forgotten, and not its storage: answers that a phone could not send yet
        stay there until whoever gave them signs in again (`assets/whose.js`), and reports that a desk could not
        send until anybody opens it in that tab.
        """
        form = await read_form(request)
        caller = await self._callers.signed_in(request.headers)
        response: Response = RedirectResponse("/session", 303)
        if caller and caller.session:
            must_be_from_page(caller, form.get(TOKEN, ""))
            try:
                await self._sessions.end(caller.session)
            except PyMongoError:
                response = await self._page(request, Rejected(503, "not-ended", _NOT_ENDED), signed_in=False)
        take_away(response, self._settings)
        if self._settings.over_tls:
            response.headers["clear-site-data"] = '"cache"'
        return response

    async def change_password(self, request: Request) -> Response:
        """All other sessions of the account are over, this one is made anew."""
        form = await read_form(request)
        caller = await self._callers.signed_in(request.headers)
        if caller is None:
            return RedirectResponse("/session", 303)
        must_be_from_page(caller, form.get(TOKEN, ""))
        login = login_of(caller.key_id)
        if login is None:
            raise Rejected(403, "no-password", _NO_PASSWORD)
        if form.get("new", "") != form.get("again", ""):
            raise Rejected(422, "differ", _DIFFER, "again")
        whence = From(source_of(request, self._proxies), cookie_of(request.headers, DEVICE_COOKIE))
        await self._entering.by_password(login, form.get("password", ""), whence)
        account = await self._accounts.set_password(login, form.get("new", ""))
        return self._in(request, account, "/session?changed=1")

    async def to_provider(self, request: Request) -> Response:
        if self._oidc is None:
            return RedirectResponse("/session", 303)
        begun = await self._oidc.begin(self._next(request.query_params.get("next", "")), self._redirect(request))
        response = RedirectResponse(begun.address, 303, {"cache-control": "no-store"})
        give_aside(response, STATE_COOKIE, begun.kept, STATE_S, self._settings)
        return response

    async def from_provider(self, request: Request) -> Response:
        if self._oidc is None:
            return RedirectResponse("/session", 303)
        kept = cookie_of(request.headers, STATE_COOKIE)
        try:
            account, next_page = await self._oidc.finish(request.query_params, kept)
            log.info("signed in", by="provider")
            response = self._in(request, account, self._next(next_page))
        except Rejected as refusal:
            response = await self._page(request, refusal)
        give_aside(response, STATE_COOKIE, "", 0, self._settings)
        return response

    def _in(self, request: Request, account: Account, next_page: str) -> Response:
        hours = self._settings.session_hours
        session = self._sessions.issue(account.who, hours)
        if too_large(session.token):
            raise TOO_MANY
        response = RedirectResponse(next_page, 303, {"cache-control": "no-store"})
        give(response, session, hours, self._settings)
        device = self._entering.device_of(account.login, cookie_of(request.headers, DEVICE_COOKIE))
        give_aside(response, DEVICE_COOKIE, device, DEVICE_DAYS * 86_400, self._settings)
        return response

    async def _page(self, request: Request, refusal: Rejected | None = None, signed_in: bool = True) -> Response:
        caller: Caller | None = await self._callers.signed_in(request.headers) if signed_in else None
        language, asked = self._pages.language(request), request.query_params
        value, mark = self._pre.begin(request)
        response = self._pages.render(
            request,
            "session.html",
            caller,
            status=refusal.status if refusal else 200,
            headers=retry_after(refusal),
            told=told(refusal.words, language) if refusal else "",
            done=told(_CHANGED, language) if caller and "changed" in asked else "",
            mark=mark,
            next=self._next(asked.get("next", "")),
            has_provider=self._oidc is not None,
            login=login_of(caller.key_id) if caller else None,
            least=self._settings.password_least,
        )
        self._pre.keep(response, value)
        return response

    def _next(self, asked: str) -> str:
        return safe_next(asked, self._origins)

    def _redirect(self, request: Request) -> str:
        """The same at every service, as the provider has it registered."""
        base = addresses_of(self._settings)["intake"] or str(request.base_url).rstrip("/")
        return self._settings.oidc_redirect or f"{base}{CALLBACK}"
