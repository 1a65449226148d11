"""B3's floor: `python -m bench.sheet_floor MONTH` prints the seconds of one cursor and bare xlsxwriter."""

import sys
import time
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile

import uvloop
from xlsxwriter import Workbook

from shared.domain.registering.form import FORM
from shared.platform.mongo import connect, database
from shared.platform.settings import Settings


async def sheet(settings: Settings, month: str) -> float:
    """Of the month's rows as many cells of text as the form has, in constant memory."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    query = {"sorted_at": {"$gte": first, "$lt": first + timedelta(days=31)}}
    async with connect(settings) as client:
        began, place = time.perf_counter(), 0
        with TemporaryFile() as file:
            book = Workbook(file, {"constant_memory": True})
            page = book.add_worksheet()
            async for row in database(client, settings)["rows"].find(query):
                for column, value in enumerate([*row.values()][: len(FORM)]):
                    page.write_string(place, column, str(value)[:40])
                place += 1
            book.close()
        return time.perf_counter() - began


if __name__ == "__main__":
    print(uvloop.run(sheet(Settings(), sys.argv[1])))
