"""Where a browser reaches each service: each on a port of its own, or all behind one address."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from shared.platform.settings import Settings

SERVED = ("intake", "register", "notify")
_ASKED = ("authorization", "content-type", "idempotency-key", "last-event-id", "x-csrf-token", "accept-language")
_TOLD = ("retry-after", "content-disposition")


def addresses_of(settings: Settings) -> dict[str, str]:
    """By service, without a slash at the end; empty where it is the page's own address."""
    found = {
        "intake": settings.pages_intake,
        "register": settings.pages_register,
        "notify": settings.pages_notify,
    }
    return {service: address.rstrip("/") for service, address in found.items()}


def origins_of(settings: Settings) -> list[str]:
    """Scheme, host and port of each address, once."""
    parts = [urlsplit(address) for address in addresses_of(settings).values() if address]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def cross_origin(settings: Settings) -> list[Middleware]:
    """Lets the pages of one service ask the others with their cookies; nobody else's pages. RFC 6454, Fetch."""
    origins: Iterable[str] = origins_of(settings)
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_credentials=True,
            allow_methods=["GET", "POST"],
            allow_headers=list(_ASKED),
            expose_headers=list(_TOLD),
            max_age=600,
        )
    ]
