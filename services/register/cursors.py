"""Cursors of pages: where the last line stood, so that a report filed meanwhile shifts nothing."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.register.problems import not_a_parameter

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Position(NamedTuple):
    sorted_at: datetime
    report_id: str


def write_cursor(position: Position) -> str:
    return urlsafe_b64encode(f"{(position.sorted_at - _EPOCH) // _MS} {position.report_id}".encode()).decode()


def read_cursor(text: str) -> Position:
    """Raises `Rejected` for anything that no page gave."""
    try:
        at, report_id = urlsafe_b64decode(text.encode()).decode().split(" ")
        return Position(_EPOCH + int(at) * _MS, report_id)
    except (ValueError, OverflowError, binascii.Error) as broken:
        raise not_a_parameter("cursor", "不是上一页给出的游标", "Not a cursor that a page gave") from broken
