"""The session's cookie: no script reads it, no other site's request that changes anything carries it."""

from starlette.responses import Response

from shared.platform.sessions import COOKIE, Session
from shared.platform.settings import Settings

DEVICE_COOKIE = "baoshi_device"


def give(response: Response, session: Session, hours: float, settings: Settings) -> None:
    """One for all services: cookies know no ports."""
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=int(hours * 3600),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.over_tls,
    )


def take_away(response: Response, settings: Settings) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=settings.over_tls)


def give_aside(response: Response, name: str, value: str, seconds: float, settings: Settings) -> None:
    """Another cookie that only the sign-in page is sent; with no seconds it is taken away."""
    response.set_cookie(
        name,
        value,
        max_age=int(seconds),
        path="/session",
        httponly=True,
        samesite="lax",
        secure=settings.over_tls,
    )
