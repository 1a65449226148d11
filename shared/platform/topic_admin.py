"""Topics made from the one table, and the refusal to start on settings that lose reports."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError

from shared.contracts.topics import LONGEST_RETENTION_DAYS, PARTITIONS, TOPICS, Topic
from shared.platform.errors import Unavailable, Unsafe
from shared.platform.settings import Settings

_DAY_MS = 86_400_000
_LEADER_TRIES = 200
_REPLICAS = {"onebox": 1, "cluster": 3}
_IN_SYNC = {"onebox": 1, "cluster": 2}


def topic_config(settings: Settings, topic: Topic) -> dict[str, str]:
    """With one broker every record is flushed: `acks=all` alone lost 3,000 of 3,000 in a power cut."""
    config = {
        "retention.ms": str(topic.retention_days * _DAY_MS),
        "min.insync.replicas": str(_IN_SYNC[settings.profile]),
        "unclean.leader.election.enable": "false",
        "message.timestamp.type": "LogAppendTime",
        "cleanup.policy": "delete",
    }
    if topic.family == "parked":
        # A record of the greatest size that Kafka takes must still fit with the headers that say where it stood.
        config["max.message.bytes"] = str(2 * 1024 * 1024)
    if settings.profile == "onebox":
        config["flush.messages"] = "1"
    return config


async def create_topics(settings: Settings) -> int:
    """How many were made; those that stand are left as they are."""
    async with _admin(settings) as admin:
        there = set(await admin.list_topics())
        wanted = [t for t in TOPICS if settings.topic_prefix + t.name not in there]
        made = [_new(settings, t) for t in wanted]
        if made:
            await _create(admin, made)
            await _until_led(admin, [t.name for t in made])
        return len(made)


async def _create(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> None:
    response = await admin.create_topics(topics)
    for name, code, *_ in response.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise Unavailable(f"topic {name}: Kafka's error {code}")


async def _until_led(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    """Kafka answers before its partitions have leaders; whoever wrote then would meet a burst of refusals."""
    for _ in range(_LEADER_TRIES):
        described = await admin.describe_topics(names)
        if all(
            len(t["partitions"]) == PARTITIONS and all(p["leader"] >= 0 for p in t["partitions"]) for t in described
        ):
            return
        await asyncio.sleep(0.05)
    raise Unavailable("partitions without a leader")


def _new(settings: Settings, topic: Topic) -> NewTopic:
    name, replicas = settings.topic_prefix + topic.name, _REPLICAS[settings.profile]
    return NewTopic(name, PARTITIONS, replicas, topic_configs=topic_config(settings, topic))


async def refuse_unsafe(settings: Settings) -> None:
    """Raises `Unsafe`, naming the setting; a service calls it before it takes a single record."""
    if settings.offset_reset != "earliest":
        raise Unsafe("BAOSHI_OFFSET_RESET=latest skips what is on the topics; set earliest")
    async with _admin(settings) as admin:
        await _check_topics(admin, settings)
        await _check_broker(admin)


async def _check_topics(admin: AIOKafkaAdminClient, settings: Settings) -> None:
    names = [settings.topic_prefix + t.name for t in TOPICS]
    described = {d["topic"]: d for d in await admin.describe_topics(names)}
    configs = await _configs(admin, ConfigResourceType.TOPIC, names)
    for topic in TOPICS:
        name = settings.topic_prefix + topic.name
        partitions = described.get(name, {}).get("partitions", [])
        if len(partitions) != PARTITIONS:
            raise Unsafe(f"topic {name} has {len(partitions)} partitions, not {PARTITIONS}; run `baoshi topics`")
        if min(len(p["replicas"]) for p in partitions) < _REPLICAS[settings.profile]:
            raise Unsafe(f"topic {name} has fewer replicas than profile {settings.profile} needs")
        _check_config(settings, topic, configs[name])


def _check_config(settings: Settings, topic: Topic, found: dict[str, str]) -> None:
    wanted = topic_config(settings, topic)
    for name in (
        "min.insync.replicas",
        "flush.messages",
        "unclean.leader.election.enable",
        "message.timestamp.type",
    ):
        if name not in wanted:
            continue
        enough = int(found[name]) >= int(wanted[name]) if name.startswith("min") else found[name] == wanted[name]
        if not enough:
            raise Unsafe(
                f"topic {topic.name}: {name} is {found[name]}, profile {settings.profile} needs {wanted[name]}"
            )


async def _check_broker(admin: AIOKafkaAdminClient) -> None:
    cluster = await admin.describe_cluster()
    broker = str(cluster["brokers"][0]["node_id"])
    config = (await _configs(admin, ConfigResourceType.BROKER, [broker]))[broker]
    kept_days = int(config["offsets.retention.minutes"]) / 1440
    if kept_days <= LONGEST_RETENTION_DAYS:
        raise Unsafe(f"offsets.retention.minutes keeps {kept_days:g} days, topics keep {LONGEST_RETENTION_DAYS}")


async def _configs(
    admin: AIOKafkaAdminClient, kind: ConfigResourceType, names: list[str]
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs([ConfigResource(kind, name) for name in names]):
        for _code, _message, _kind, name, entries in response.resources:
            found[name] = {e[0]: e[1] for e in entries}
    return found


@contextlib.asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A hiccup of Kafka anywhere in the block is `Unavailable`, to be tried again; it is no word on settings.

    A broker that stood still for 20 s names no broker at all for a moment, and the client meets that with whatever
    error its next line raises (IndexError, AttributeError). Intake died of one while reports waited in its spool.
    """
    admin = AIOKafkaAdminClient(
        bootstrap_servers=settings.kafka, client_id="baoshi-admin", request_timeout_ms=10_000
    )
    try:
        await admin.start()
        yield admin
    except (Unsafe, Unavailable):
        raise
    except Exception as error:
        raise Unavailable(f"Kafka at {settings.kafka}: {type(error).__name__}") from error
    finally:
        await admin.close()
