"""A document is written to a file without a name, and sent from there: its size does not matter to memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

_CHUNK = 256 * 1024


def download(file: IO[bytes], name: str, media_type: str) -> Response:
    """The whole file from its beginning; it is gone when the answer has been sent or given up."""
    size = file.seek(0, 2)
    file.seek(0)
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    headers = {
        "content-length": str(size),
        "content-disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}",
        "cache-control": "no-store",
    }
    return StreamingResponse(_content(file), headers=headers, media_type=media_type)


async def _content(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
