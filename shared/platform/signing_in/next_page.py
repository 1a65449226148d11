"""Where a page leads after signing in: only to our own pages, whatever its address says."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

_PLAIN = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,2000}")
"""No backslash, space or control character: browsers read those otherwise than we do."""


def safe_next(asked: str, origins: Collection[str], otherwise: str = "/session") -> str:
    """The path, or the address at one of these origins; else `otherwise`."""
    if not _PLAIN.fullmatch(asked):
        return otherwise
    if asked.startswith("/"):
        return otherwise if asked.startswith("//") else asked
    try:
        parts = urlsplit(asked)
    except ValueError:
        return otherwise
    return asked if f"{parts.scheme}://{parts.netloc}" in origins else otherwise
