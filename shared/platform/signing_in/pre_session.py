"""How the sign-in page knows that its form came from itself and not from another site's page."""

import hmac
import secrets
from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response

from shared.contracts.event import Words
from shared.platform.callers import cookie_of
from shared.platform.errors import Rejected
from shared.platform.signed import Signed

PRE_SESSION = "baoshi_sign_in"
_ELSEWHERE = Words(
    zh="请求不是来自登录页,请重新打开登录页再试", en="The request is not from the sign-in page: open it again"
)


class PreSession:
    """Keeps another site from signing somebody in: the form carries a mark of a cookie that only our page sets."""

    def __init__(self, key: str, origins: Collection[str], secure: bool) -> None:
        self._signed, self._origins, self._secure = Signed(key, "sign-in"), origins, secure

    def begin(self, request: Request) -> tuple[str, str]:
        """The cookie's value, the same for each tab, and the form's mark."""
        value = cookie_of(request.headers, PRE_SESSION)
        if not 20 <= len(value) <= 64:
            value = secrets.token_urlsafe(24)
        return value, self._signed.mark_of(value)

    def keep(self, response: Response, value: str) -> None:
        response.set_cookie(
            PRE_SESSION, value, path="/session", httponly=True, samesite="strict", secure=self._secure
        )

    def must_be_ours(self, request: Request, mark: str) -> None:
        """Raises `Rejected` 403."""
        value = cookie_of(request.headers, PRE_SESSION)
        right = hmac.compare_digest(self._signed.mark_of(value).encode(), mark.encode("utf-8", "surrogatepass"))
        if not value or not right or not self._from_here(request):
            raise Rejected(403, "not-from-page", _ELSEWHERE)

    def _from_here(self, request: Request) -> bool:
        """What the browser itself says, where it says it; plain HTTP and older ones do not say all."""
        site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "null")
        if site not in ("", "same-origin", "same-site", "none"):
            return False
        host = request.headers.get("host", "")
        return origin == "null" or origin in self._origins or origin.partition("://")[2] == host
