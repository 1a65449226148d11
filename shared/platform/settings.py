"""Every setting of every service, from the environment (`BAOSHI_…`), each with a default and a description."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at a process's start and handed down; nothing reads the environment later."""

    model_config = SettingsConfigDict(env_prefix="BAOSHI_", frozen=True, extra="ignore", env_ignore_empty=True)

    profile: Literal["onebox", "cluster"] = Field(
        "onebox", description="one broker and one mongod, or three of each"
    )
    kafka: str = Field("127.0.0.1:9192", description="Kafka bootstrap servers, host:port, comma separated")
    topic_prefix: str = Field("", description="put before every topic and group; tests use it to stand apart")
    offset_reset: Literal["earliest", "latest"] = Field("earliest", description="latest is refused at the start")
    max_records: int = Field(500, ge=1, description="records of one batch")
    mongo: str = Field("mongodb://127.0.0.1:27117/?replicaSet=rs0", description="MongoDB address, a replica set")
    mongo_database: str = Field("baoshi", description="database of all collections")
    state_dir: Path = Field(Path(".local"), description="spool, snapshots and the administrator's key")
    playbooks: Path | None = Field(None, description="folder of playbooks instead of the packaged ones")
    break_glass_key: SecretStr | None = Field(
        None, min_length=16, description="shared by intake and notify where they have no common state_dir"
    )
    session_key: SecretStr | None = Field(
        None, min_length=32, description="signs sessions; shared by the services that have no common state_dir"
    )
    session_hours: float = Field(12.0, gt=0, le=744, description="how long a sign-in lasts")
    session_check_s: float = Field(
        10.0, gt=0, le=30, description="how old the list of revoked sessions may be before it is read again"
    )
    cookie_secure: bool = Field(False, description="cookies over TLS only; set it wherever there is TLS")
    pages_intake: str = Field(
        "http://127.0.0.1:8101", description="intake as browsers reach it; empty: same address"
    )
    pages_register: str = Field(
        "http://127.0.0.1:8104", description="the register as browsers reach it; empty: same address"
    )
    pages_notify: str = Field(
        "http://127.0.0.1:8105", description="notify as browsers reach it; empty: same address"
    )
    host: str = Field("127.0.0.1", description="address that HTTP listens on")
    port: int = Field(0, ge=0, le=65535, description="HTTP port; 0: the service's own default")
    copy_number: int = Field(1, ge=1, description="number of this copy of the service; two copies need two numbers")
    log_level: str = Field("INFO", description="least level that is logged")

    clock_speed: float = Field(1.0, gt=0, description="how much faster than real time; for demos and tests only")
    clock_origin: datetime = Field(
        datetime(2026, 1, 1, tzinfo=UTC), description="real instant the fast clock starts at"
    )
    clock_start: datetime = Field(
        datetime(2026, 1, 1, tzinfo=UTC), description="what the fast clock shows at its start"
    )

    publish_timeout_s: float = Field(
        10.0, gt=0, description="wait for Kafka's acknowledgement before sending again"
    )
    ticker_sleep_ms: int = Field(100, ge=1, le=100, description="the ticker's longest sleep")
    ticker_batch: int = Field(1000, ge=1, description="cases leased at a time")
    lease_s: float = Field(
        2.0, gt=0, description="real seconds a rung deadline is left alone before it is rung again"
    )
    lease_max_s: float = Field(300.0, gt=0, description="longest lease; it doubles from lease_s")
    held_s: int = Field(600, ge=1, description="how long an event waits in the case for what it needs")
    facts_kept_s: int = Field(86_400, ge=60, description="how long a record's facts are kept for publishing again")
    records_kept: int = Field(
        1000, ge=1, description="of how many records a case keeps the facts, two batches at least"
    )
    most_events: int = Field(2000, ge=10, description="after so many events a case's notes are refused")
    directory_age_s: float = Field(30.0, gt=0, description="how old the directory's cache may be")
