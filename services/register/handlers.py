"""What the register does with a batch: log it, then number what was filed and fold the rows.

A kill between two of them is mended when the batch comes again.
"""

import asyncio

from services.register.numbers import Numbers
from services.register.store import Store, logged
from shared.contracts.reports import ReportFiled
from shared.platform.records import Taken
from shared.platform.retrying import until_it_works

SERVICE = "register"


class Handlers:
    """The same for every lane."""

    def __init__(self, store: Store, numbers: Numbers) -> None:
        self._store, self._numbers = store, numbers

    async def on_batch(self, batch: list[Taken]) -> None:
        """Every event of the batch is registered when this returns; one that comes again is folded too."""
        filings = [taken.event for taken in batch if isinstance(taken.event, ReportFiled)]
        documents = [logged(taken) for taken in batch]
        again = await until_it_works(SERVICE, "log", lambda: self._store.append(documents))
        await asyncio.gather(
            until_it_works(SERVICE, "numbers", lambda: self._numbers.give(filings)),
            until_it_works(SERVICE, "rows", lambda: self._store.refold(documents, again)),
        )
