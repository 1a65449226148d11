"""Finds out who asks, by a key or by a session's cookie; every service's door and window asks here."""

import hmac

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from shared.contracts.event import Words
from shared.platform.caller import Caller
from shared.platform.directory import Directory
from shared.platform.errors import Rejected
from shared.platform.sessions import COOKIE, Sessions

CSRF = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORGED = Words(
    zh="请求没有本页的令牌,请刷新页面后再试", en="The request lacks this page's token: load the page again"
)


class Callers:
    """Keys of the directory, and sessions."""

    def __init__(self, directory: Directory, sessions: Sessions) -> None:
        self._directory, self.sessions = directory, sessions

    async def find(self, headers: Headers, method: str, page_token: str | None = None) -> Caller | None:
        """None for a missing, malformed or unknown key and for a session that is over.

        A key in the header counts before a cookie. What a cookie asks to be changed needs the page's token as well
        (raises `Rejected` 403 without it), since a browser sends cookies for whoever makes it. A script sends it as
        a header; a form, which cannot, as a field that whoever reads the form gives as `page_token`.
        """
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme:
            return await self._directory.by_secret(secret.strip()) if scheme.lower() == "bearer" else None
        caller = await self.signed_in(headers)
        if caller and method not in _SAFE:
            must_be_from_page(caller, page_token or headers.get(CSRF, ""))
        return caller

    async def signed_in(self, headers: Headers) -> Caller | None:
        """Whose session's cookie it is."""
        return await self.sessions.read(token) if (token := cookie_of(headers, COOKIE)) else None


def must_be_from_page(caller: Caller, token: str) -> None:
    """Raises `Rejected` 403 unless it is the token of this session's own pages."""
    if not hmac.compare_digest((caller.csrf or "").encode(), token.encode("utf-8", "surrogatepass")):
        raise Rejected(403, "no-page-token", _FORGED)


def cookie_of(headers: Headers, name: str) -> str:
    """Empty without one; other cookies of the same host may be as malformed as they like."""
    return cookie_parser(headers.get("cookie", "")).get(name, "")
