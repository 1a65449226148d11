"""Writes documents one after another: read a bounded number of rows, write them in a thread, and again."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from services.register.documents.csv_sheet import CsvSheet
from services.register.documents.fonts import Face
from services.register.documents.months import Chunk
from services.register.documents.pdf_sheet import PdfSheet
from services.register.documents.xlsx_sheet import Book, Head
from shared.domain.registering.figure_tables import Table
from shared.domain.registering.form import FORM, Line, headings, lines
from shared.domain.registering.paper import Paper
from shared.platform.errors import Unavailable

_MM_A_CHARACTER = 1.6
_TIME_WIDTH = 17.0


class Writing(Protocol):
    """A document that takes the lines of the register in order."""

    def write(self, lines: list[Line]) -> None: ...

    def close(self) -> None: ...


Begin = Callable[[IO[bytes]], Writing]


class Desk:
    """So many documents are written at once; whoever waits longer than the limit is told to come again."""

    def __init__(self, at_once: int, limit_s: float) -> None:
        self._turn, self._limit_s = asyncio.Semaphore(at_once), limit_s

    async def register(self, begin: Begin, chunks: AsyncIterator[Chunk], paper: Paper) -> IO[bytes]:
        """The file, written to its end. Raises `Unavailable` after the limit."""

        async def fill(file: IO[bytes]) -> None:
            document = await asyncio.to_thread(begin, file)
            async with aclosing(_ahead(chunks)) as read:
                async for chunk in read:
                    await asyncio.to_thread(_write, document, chunk, paper)
            await asyncio.to_thread(document.close)

        return await self._filled(fill)

    async def whole(self, write: Callable[[IO[bytes]], None]) -> IO[bytes]:
        """A document whose content is at hand."""

        async def fill(file: IO[bytes]) -> None:
            await asyncio.to_thread(write, file)

        return await self._filled(fill)

    async def _filled(self, fill: Callable[[IO[bytes]], Any]) -> IO[bytes]:
        file: IO[bytes] = TemporaryFile()  # noqa: SIM115 whoever sends it closes it
        try:
            async with asyncio.timeout(self._limit_s), self._turn:
                await fill(file)
        except TimeoutError as late:
            file.close()
            raise Unavailable(f"a document took longer than {self._limit_s:.0f} s") from late
        except BaseException:
            file.close()
            raise
        return file


async def _ahead(chunks: AsyncIterator[Chunk]) -> AsyncGenerator[Chunk]:
    """The next one is read while the one before is written: two are in memory, never more."""
    following = asyncio.ensure_future(anext(chunks, None))
    try:
        while (chunk := await following) is not None:
            following = asyncio.ensure_future(anext(chunks, None))
            yield chunk
    finally:
        following.cancel()


def as_xlsx(paper: Paper, title: str) -> Begin:
    return lambda file: _XlsxRegister(file, paper, title)


def as_csv(paper: Paper) -> Begin:
    return lambda file: CsvSheet(file, headings(paper))


def as_pdf(paper: Paper, title: str, about: str, face: Face) -> Begin:
    return lambda file: PdfSheet(file, face, headings(paper), title, about, paper)


def write_tables(file: IO[bytes], tables: tuple[Table, ...], title: str) -> None:
    """The figures, a sheet each."""
    book = Book(file, title)
    for table in tables:
        pairs = zip(table.headings, table.kinds, strict=True)
        heads = [Head(text, 14.0 if kind in ("text", "span") else 10.0, kind == "share") for text, kind in pairs]
        sheet = book.sheet(table.name, heads)
        sheet.write((False, row) for row in table.rows)
        sheet.filter()
    book.close()


class _XlsxRegister:
    def __init__(self, file: IO[bytes], paper: Paper, title: str) -> None:
        pairs = zip(headings(paper), FORM, strict=True)
        heads = [
            Head(text, _TIME_WIDTH if c.kind == "time" else c.width / _MM_A_CHARACTER + 3) for text, c in pairs
        ]
        self._book = Book(file, title)
        self._sheet = self._book.sheet(paper.pick("登记表", "Register"), heads)

    def write(self, lines: list[Line]) -> None:
        self._sheet.write(lines)

    def close(self) -> None:
        self._sheet.filter()
        self._book.close()


def _write(document: Writing, chunk: Chunk, paper: Paper) -> None:
    document.write([line for row, number in chunk for line in lines(row, number, paper)])
