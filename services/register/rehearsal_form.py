"""What the rehearsal's form says, read within its bounds; mistakes by field, in both languages."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request

from shared.contracts.event import Words
from shared.platform.errors import Rejected

FILES = 2
"""So many playbooks' files at once; each has a field of its own on the page."""
_FIELDS = 20
_TOO_LONG = Words(zh="文件过长", en="The files are too long")
_NO_TIME = Words(zh="请填写时间", en="Say a time")
_UNREADABLE = Words(zh="看不懂所提交的内容", en="What was sent cannot be read")


class Form(NamedTuple):
    """As it was filled in, so that it can be shown again. `estate` is empty for all of them."""

    estate: str = ""
    since: str = ""
    until: str = ""
    playbooks: tuple[str, ...] = ("",) * FILES
    estate_file: str = ""
    token: str = ""


async def read_form(request: Request, most: int) -> Form:
    """Raises `Rejected` 413 for a file over `most` bytes, without reading much more than so many."""
    body = bytearray()
    async for part in request.stream():
        body += part
        # A form writes a byte as three letters.
        if len(body) > 3 * most * (FILES + 1):
            raise Rejected(413, "too-large", _TOO_LONG, "playbook")
    # Some megabytes of escapes take a while, and streams hang on this loop.
    form = await asyncio.to_thread(_parsed, bytes(body))
    if any(len(text.encode()) > most for text in (*form.playbooks, form.estate_file)):
        raise Rejected(413, "too-large", _TOO_LONG, "playbook")
    return form


def _parsed(body: bytes) -> Form:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError as wrong:
        raise Rejected(400, "unreadable", _UNREADABLE) from wrong
    return _form(pairs)


def _form(pairs: list[tuple[str, str]]) -> Form:
    said: Mapping[str, str] = dict(pairs)
    files = [text.replace("\r\n", "\n") for name, text in pairs if name == "playbook"][:FILES]
    return Form(
        estate=said.get("estate", ""),
        since=said.get("from", ""),
        until=said.get("to", ""),
        playbooks=tuple([*files, *[""] * FILES][:FILES]),
        estate_file=said.get("estate_file", "").replace("\r\n", "\n"),
        token=said.get("token", ""),
    )


def usual(now: datetime, zone: tzinfo, estate: str = "", text: str = "") -> Form:
    """The last day."""
    here = now.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
    files = (text, *[""] * (FILES - 1))
    since, until = here - timedelta(days=1), here + timedelta(minutes=1)
    return Form(
        estate=estate, since=since.isoformat("T", "minutes"), until=until.isoformat("T", "minutes"), playbooks=files
    )


def times(form: Form, zone: tzinfo) -> tuple[datetime, datetime]:
    """By the estate's own clock. Raises `Rejected` naming the field."""
    return _time(form.since, "from", zone), _time(form.until, "to", zone)


def _time(text: str, field: str, zone: tzinfo) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Rejected(422, "rehearsal", _NO_TIME, field) from wrong
    return read if read.tzinfo else read.replace(tzinfo=zone)
