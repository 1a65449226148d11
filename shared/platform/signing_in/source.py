"""From where somebody tries: the address that failed tries are counted by."""

import ipaddress
from collections.abc import Sequence

from starlette.requests import Request

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_V6_PREFIX = 64
"""One home or office has a whole such network for itself."""


def networks_of(text: str) -> tuple[Network, ...]:
    """Of the setting. Raises ValueError for what is no address or network."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def source_of(request: Request, trusted: Sequence[Network]) -> str:
    """The nearest address that is no proxy of ours; what a stranger writes into the header counts for nothing."""
    hops = [h.strip() for h in request.headers.get("x-forwarded-for", "").split(",") if h.strip()]
    nearest = request.client.host if request.client else ""
    while hops and _is_in(nearest, trusted):
        nearest = hops.pop()
    return _counted(nearest)


def _is_in(text: str, networks: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _counted(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _V6_PREFIX), strict=False))
    return str(address)
