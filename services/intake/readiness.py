"""What intake says of itself: whether Kafka and MongoDB answer now, and whether the spool has room."""

import asyncio
from collections.abc import Mapping

from services.intake.keeping import Keeping, Line
from services.intake.settings import IntakeSettings
from shared.contracts.vocabulary import Lane
from shared.platform.mongo import Database
from shared.platform.readiness import kafka_answers, mongo_answers


class Readiness:
    """Asks at the moment it is asked. A door that is not ready still takes reports, into the spool."""

    def __init__(
        self, settings: IntakeSettings, store: Database, lines: Mapping[Lane, Line], keeping: Keeping
    ) -> None:
        self._settings, self._store, self._lines, self._keeping = settings, store, lines, keeping

    async def ready(self) -> dict[str, bool]:
        publishers = [line.publisher for line in self._lines.values()]
        kafka, mongodb = await asyncio.gather(
            kafka_answers(self._settings, *publishers), mongo_answers(self._store)
        )
        return {
            "kafka": kafka and self._keeping.safe,
            "mongodb": mongodb,
            "spool_has_room": not any(line.spool.full for line in self._lines.values()),
        }
