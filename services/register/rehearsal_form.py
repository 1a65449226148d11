"""What the rehearsal's form says, read within its bounds; mistakes by field, in both languages."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from starlette.requests import Request

from shared.contracts.event import Words
from shared.platform.errors import Rejected
from shared.platform.web.forms import TOKEN, read_fields

FILES = 2
"""So many playbooks' files at once; each has a field of its own on the page."""
_MOST_S = 60.0
"""Of some megabytes from far away."""
_TOO_LONG = Words(zh="文件过长", en="The files are too long")
_NO_TIME = Words(zh="请填写时间", en="Say a time")


class Form(NamedTuple):
    """As it was filled in, so that it can be shown again. `estate` is empty for all of them."""

    estate: str = ""
    since: str = ""
    until: str = ""
    playbooks: tuple[str, ...] = ("",) * FILES
    estate_file: str = ""
    token: str = ""


async def read_rehearsal(request: Request, most: int) -> Form:
    """Raises `Rejected` 413 for a file over `most` bytes, without reading much more than so many."""
    # A form writes a byte as three letters.
    form = _form(await read_fields(request, 3 * most * (FILES + 1), _MOST_S))
    if any(len(text.encode()) > most for text in (*form.playbooks, form.estate_file)):
        raise Rejected(413, "too-large", _TOO_LONG, "playbook")
    return form


def _form(pairs: list[tuple[str, str]]) -> Form:
    said: Mapping[str, str] = dict(pairs)
    files = [text.replace("\r\n", "\n") for name, text in pairs if name == "playbook"][:FILES]
    return Form(
        estate=said.get("estate", ""),
        since=said.get("from", ""),
        until=said.get("to", ""),
        playbooks=tuple([*files, *[""] * FILES][:FILES]),
        estate_file=said.get("estate_file", "").replace("\r\n", "\n"),
        token=said.get(TOKEN, ""),
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
