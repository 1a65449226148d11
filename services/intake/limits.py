"""What is looked at before a body is read: its type, its length and its depth."""

import re
from collections.abc import Mapping

from starlette.requests import Request

from services.intake.problems import Refusal
from services.intake.settings import IntakeSettings
from services.intake.wording import words

Headers = Mapping[bytes, bytes]

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_NOT_BRACKETS = re.compile(rb"[^\[\]{}]+")


def headers_of(request: Request) -> Headers:
    """All headers once, as bytes; of a repeated header the first counts."""
    return dict(reversed(request.scope["headers"]))


async def read_body(request: Request, headers: Headers, settings: IntakeSettings) -> bytes:
    """The body, or a refusal: 415, 413, 400. The caller of this sets the time it may take."""
    check_type(headers)
    most = settings.intake_body_bytes
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > most:
        raise too_large(most)
    body = await _up_to(request, most)
    check_depth(body, settings.intake_json_depth)
    return body


async def _up_to(request: Request, most: int) -> bytes:
    body = b""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise too_slow()
        body += message.get("body", b"")
        if len(body) > most:
            raise too_large(most)
        if not message.get("more_body"):
            return body


def check_type(headers: Headers) -> None:
    """JSON only; a charset is tolerated, the body is read as UTF-8."""
    media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if media != b"application/json":
        raise Refusal(415, "not-json-type", words("请以application/json发送", "Send application/json"))


def too_slow() -> Refusal:
    return Refusal(408, "too-slow", words("请重发", "Please send it again"))


def too_large(most: int) -> Refusal:
    return Refusal(
        413,
        "too-large",
        words(f"最多{most}字节,请缩短", f"At most {most} bytes, please shorten"),
        headers={"connection": "close"},
    )


def check_depth(body: bytes, most: int) -> None:
    """Counts brackets outside strings, and only when there are enough of them to matter."""
    if body.count(b"{") + body.count(b"[") <= most:
        return
    depth = 0
    for bracket in _NOT_BRACKETS.sub(b"", _STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"{[" else -1
        if depth > most:
            raise Refusal(400, "too-deep", words(f"最多{most}层", f"At most {most} levels"))
