"""What the register keeps or reads beside reports, each behind its own questions."""

from typing import NamedTuple

from services.register.handovers import Handovers
from services.register.readings import Readings
from services.register.rooms import Rooms
from services.register.settings import RegisterSettings
from shared.platform.household_store import prepare_households
from shared.platform.mongo import Database


class Kept(NamedTuple):
    """One a process."""

    database: Database
    handovers: Handovers
    readings: Readings
    rooms: Rooms

    @classmethod
    def of(cls, database: Database, settings: RegisterSettings) -> "Kept":
        return cls(database, Handovers(database), Readings(database, settings), Rooms(database, settings))

    async def prepare(self) -> None:
        """Their indexes."""
        await self.readings.prepare()
        await prepare_households(self.database)
