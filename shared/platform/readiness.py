"""Whether Kafka and MongoDB answer now. Asked at the moment it is asked, so that readiness tells the truth."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.platform.mongo import Database, passes
from shared.platform.publishing import Publisher
from shared.platform.settings import Settings

_ANSWER_S = 1.0


async def kafka_answers(settings: Settings, *publishers: Publisher) -> bool:
    """A producer that was thrown away comes back here too, without waiting for a record to fail on it."""
    if not await _broker_answers(settings):
        return False
    for publisher in publishers:
        if not publisher.ready:
            await publisher.start()
    return all(publisher.ready for publisher in publishers)


async def _broker_answers(settings: Settings) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka, client_id="baoshi-ready")
    try:
        async with asyncio.timeout(_ANSWER_S):
            await admin.start()
            await admin.list_topics()
    except (TimeoutError, KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True


async def mongo_answers(store: Database) -> bool:
    """A fault that does not pass by itself is raised: it is no outage."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            await store.command("ping")
    except Exception as error:
        if isinstance(error, TimeoutError) or passes(error):
            return False
        raise
    return True
