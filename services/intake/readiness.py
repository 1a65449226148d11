"""What intake says of itself: whether Kafka and MongoDB answer now, and whether the spool has room."""

import asyncio
from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.intake.keeping import Keeping, Line
from services.intake.settings import IntakeSettings
from shared.contracts.vocabulary import Lane
from shared.platform.errors import Unavailable
from shared.platform.mongo import Database, passes

_ANSWER_S = 1.0


class Readiness:
    """Asks at the moment it is asked. A door that is not ready still takes reports, into the spool."""

    def __init__(
        self, settings: IntakeSettings, store: Database, lines: Mapping[Lane, Line], keeping: Keeping
    ) -> None:
        self._settings, self._store, self._lines, self._keeping = settings, store, lines, keeping

    async def ready(self) -> dict[str, bool]:
        kafka, mongodb = await asyncio.gather(self._kafka(), self._mongodb())
        return {
            "kafka": kafka and self._keeping.safe,
            "mongodb": mongodb,
            "spool_has_room": not any(line.spool.full for line in self._lines.values()),
        }

    async def _kafka(self) -> bool:
        """A producer that was thrown away comes back here too, without waiting for a report to fail on it."""
        if not await self._broker_answers():
            return False
        for line in self._lines.values():
            if not line.publisher.ready:
                await line.publisher.start()
        return all(line.publisher.ready for line in self._lines.values())

    async def _broker_answers(self) -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._settings.kafka, client_id="baoshi-intake-ready")
        try:
            async with asyncio.timeout(_ANSWER_S):
                await admin.start()
                await admin.list_topics()
        except (TimeoutError, KafkaError, OSError):
            return False
        finally:
            await admin.close()
        return True

    async def _mongodb(self) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self._store.command("ping")
        except Exception as error:
            if isinstance(error, (TimeoutError, Unavailable)) or passes(error):
                return False
            raise
        return True
