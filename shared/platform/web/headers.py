"""What every answer tells a browser that it must not do (Content Security Policy Level 3, Trusted Types)."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.platform.settings import Settings
from shared.platform.web.addresses import origins_of

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_TLS = {"strict-transport-security": "max-age=31536000; includeSubDomains"}


def policy_of(settings: Settings) -> str:
    """Scripts, styles and data from our own addresses only; no inline script, no frame, no plug-in."""
    elsewhere = " ".join(["'self'", *origins_of(settings)])
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "manifest-src 'self'",
            "media-src 'self'",
            "worker-src 'self'",
            f"connect-src {elsewhere}",
            f"form-action {elsewhere}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ]
    )


class SecurityHeaders:
    """Wraps a whole application, its refusals and its streams included."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._told = {**_ALWAYS, "content-security-policy": policy_of(settings)}
        if settings.over_tls:
            self._told |= _TLS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._told.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, told)
