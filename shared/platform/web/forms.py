"""Reads a page's form within bounds of size and time, so that nobody holds a service by sending much or slowly."""

import asyncio
from urllib.parse import parse_qsl

from starlette.requests import Request

from shared.contracts.event import Words
from shared.platform.errors import Rejected

FORM = "application/x-www-form-urlencoded"
TOKEN = "token"
"""The field with which a form shows that it came from its session's own page."""
_MOST_BYTES, _MOST_FIELDS, _MOST_S = 16_384, 20, 10.0
_NOT_A_FORM = Words(zh="请用本页的表单提交", en="Send the form of this page")
_TOO_LARGE = Words(zh="提交的内容过长", en="What was sent is too long")
_TOO_SLOW = Words(zh="提交过慢,请重试", en="It was sent too slowly: try again")


async def read_form(request: Request) -> dict[str, str]:
    """Of a small form, each field once. Raises `Rejected` as `read_fields` does."""
    return dict(await read_fields(request))


async def read_fields(
    request: Request, most_bytes: int = _MOST_BYTES, seconds: float = _MOST_S
) -> list[tuple[str, str]]:
    """In their order, a field of several values as often. Raises `Rejected` for all that is no short form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Rejected(415, "no-form", _NOT_A_FORM)
    try:
        async with asyncio.timeout(seconds):
            body = await _read(request, most_bytes)
    except TimeoutError as slow:
        raise Rejected(408, "too-slow", _TOO_SLOW) from slow
    # Some megabytes of escapes take a while, and streams hang on this loop.
    return await asyncio.to_thread(_parsed, body)


async def _read(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            raise Rejected(413, "too-large", _TOO_LARGE)
    return bytes(body)


def _parsed(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as wrong:
        raise Rejected(400, "no-form", _NOT_A_FORM) from wrong
