"""What is known of Kafka's settings: only a setting that was read and is wrong may end a process."""

import asyncio
from typing import Any, NamedTuple

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError

from shared.contracts.topics import PARTITIONS, TOPICS
from shared.platform import topic_admin
from shared.platform.errors import Unavailable, Unsafe
from shared.platform.retrying import until_it_works
from shared.platform.settings import Settings

SETTINGS = Settings(profile="onebox", topic_prefix="t.")
BROKER_KEPT = {"offsets.retention.minutes": str(60 * 24 * 400)}


class Answer(NamedTuple):
    """As aiokafka hands on what a broker says of settings."""

    resources: list[tuple[int, str, int, str, list[tuple[str, str]]]]


class Broker:
    """One that says that all is well; a test takes one of its answers away."""

    def __init__(self, **_: Any) -> None:
        self.topic_config = {t.name: topic_admin.topic_config(SETTINGS, t) for t in TOPICS}
        self.brokers: list[dict[str, int]] = [{"node_id": 1}]
        self.start_fails: Exception | None = None

    async def start(self) -> None:
        if self.start_fails:
            raise self.start_fails

    async def close(self) -> None:
        pass

    async def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        partition = {"replicas": [1], "leader": 1}
        return [{"topic": name, "partitions": [partition] * PARTITIONS} for name in names]

    async def describe_cluster(self) -> dict[str, Any]:
        return {"brokers": self.brokers}

    async def describe_configs(self, asked: list[ConfigResource]) -> list[Answer]:
        return [Answer([(0, "", 0, one.name, list(self._config(one).items())) for one in asked])]

    def _config(self, one: ConfigResource) -> dict[str, str]:
        if one.resource_type == ConfigResourceType.BROKER:
            return BROKER_KEPT
        return self.topic_config[one.name.removeprefix(SETTINGS.topic_prefix)]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    there = Broker()
    monkeypatch.setattr(topic_admin, "AIOKafkaAdminClient", lambda **_: there)
    return there


async def test_a_broker_with_safe_settings_is_not_refused(broker: Broker) -> None:
    await topic_admin.refuse_unsafe(SETTINGS)


async def test_a_setting_that_loses_reports_is_refused_by_name(broker: Broker) -> None:
    broker.topic_config["reports.medical.emergency"]["flush.messages"] = "1000"
    with pytest.raises(Unsafe, match=r"flush\.messages"):
        await topic_admin.refuse_unsafe(SETTINGS)


async def test_a_kafka_that_names_no_broker_for_a_moment_is_asked_again(broker: Broker) -> None:
    broker.brokers = []
    with pytest.raises(Unavailable, match="IndexError"):
        await topic_admin.refuse_unsafe(SETTINGS)
    asked = asyncio.create_task(until_it_works("tests", "safety", lambda: topic_admin.refuse_unsafe(SETTINGS)))
    await asyncio.sleep(0)
    broker.brokers = [{"node_id": 1}]
    await asked


@pytest.mark.parametrize(
    "failure",
    [KafkaConnectionError("away"), OSError(111), TimeoutError(), AttributeError("nodeId"), AssertionError()],
)
async def test_whatever_the_client_raises_is_no_word_on_settings(broker: Broker, failure: Exception) -> None:
    broker.start_fails = failure
    with pytest.raises(Unavailable, match=type(failure).__name__):
        await topic_admin.refuse_unsafe(SETTINGS)


async def test_settings_that_came_back_empty_are_asked_for_again(broker: Broker) -> None:
    broker.topic_config["reports.medical.emergency"] = {}
    with pytest.raises(Unavailable, match="KeyError"):
        await topic_admin.refuse_unsafe(SETTINGS)
