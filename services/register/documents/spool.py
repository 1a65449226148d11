"""A document is written to a file without a name, and sent from there: its size does not matter to memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO, NamedTuple
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

_CHUNK = 256 * 1024


class FileName(NamedTuple):
    """What a browser saves it as; `plain` is for those that know only ASCII (RFC 6266)."""

    plain: str
    full: str


def download(file: IO[bytes], name: FileName, media_type: str) -> Response:
    """The whole file from its beginning; it is gone when the answer has been sent or given up."""
    size = file.seek(0, 2)
    file.seek(0)
    headers = {
        "content-length": str(size),
        "content-disposition": f"attachment; filename=\"{name.plain}\"; filename*=UTF-8''{quote(name.full)}",
        "cache-control": "no-store",
    }
    return StreamingResponse(_content(file), headers=headers, media_type=media_type)


async def _content(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
