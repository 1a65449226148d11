"""Which addresses a webhook may go to: the host's name is looked up once, and every address it has is judged.

By IANA's registries of special-purpose addresses (RFC 6890), which Python's `ipaddress` follows only in part.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
"""Teredo, ORCHID and 6to4 among them: whatever they lead to, nobody is reached by them on purpose."""
_NAT64 = IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """The host has an address that is not public."""


async def addresses_of(host: str, port: int, *, private: bool) -> list[str]:
    """All of them, each checked; who connects to these asks no name server again. Raises Forbidden, OSError."""
    addresses = await looked_up(host, port)
    if not private and not all(map(is_public, addresses)):
        raise Forbidden
    return addresses


async def looked_up(host: str, port: int) -> list[str]:
    """As the machine's resolver gives them, numbers in whatever spelling too."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether it is one of the internet's; what carries an IPv4 address within is judged by that one."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    carried = _carried(ip) if isinstance(ip, IPv6Address) else ip
    if carried is not None:
        return not any(carried in network for network in _NOT_PUBLIC_V4)
    return ip in _PUBLIC_V6 and not any(ip in network for network in _NOT_PUBLIC_V6)


def _carried(ip: IPv6Address) -> IPv4Address | None:
    """Of IPv4-mapped addresses and those of NAT64, the only ones by which one arrives at an IPv4 address."""
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped
