"""What the sign-in page says when it cannot do what was asked."""

from starlette.requests import Request
from starlette.responses import Response

from shared.contracts.event import Words
from shared.platform.errors import Rejected
from shared.platform.signing_in.entering import MustWait
from shared.platform.web.pages import Pages

_MOST_COOKIE = 3900
"""Browsers drop a larger one without a word (RFC 6265 6.1)."""
AWAY = Rejected(
    503,
    "unavailable",
    Words(
        zh="数据库没有应答,现在不能登录;已登录的人不受影响,请稍后再试",
        en="The database does not answer, so nobody can sign in now. Whoever is signed in goes on; try again soon",
    ),
)
TOO_MANY = Rejected(
    409,
    "too-many-estates",
    Words(
        zh="此账号逐个授权的小区太多,请管理员改授 '*'(baoshi users grant)",
        en="This account has roles in too many estates one by one: ask for '*' (baoshi users grant)",
    ),
)


def refused(pages: Pages, request: Request, refusal: Rejected) -> Response:
    """A refusal as a page of its own."""
    words = told(refusal.words, pages.language(request))
    return pages.render(request, "told.html", status=refusal.status, told=words)


def told(words: Words, language: str) -> str:
    return words.en if language == "en" else words.zh


def retry_after(refusal: Rejected | None) -> dict[str, str]:
    return {"retry-after": str(refusal.seconds)} if isinstance(refusal, MustWait) else {}


def too_large(token: str) -> bool:
    return len(token) > _MOST_COOKIE
