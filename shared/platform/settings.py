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
    commit_ms: int = Field(
        100, ge=0, le=5000, description="how long positions are gathered; a kill meanwhile reads them again"
    )
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
    post_session_hours: float = Field(
        168.0, gt=0, le=744, description="how long a post's page stays open after its link was opened"
    )
    password_least: int = Field(10, ge=8, le=64, description="characters that a password has at least")
    argon2_passes: int = Field(3, ge=1, le=20, description="passes of argon2id over its memory")
    argon2_memory_kib: int = Field(65_536, ge=8192, le=1_048_576, description="memory of one argon2id hash, KiB")
    sign_in_tries: int = Field(5, ge=1, le=100, description="failed tries of one account before it has to wait")
    sign_in_source_tries: int = Field(
        50, ge=1, le=10_000, description="failed tries from one address before it has to wait"
    )
    sign_in_wait_s: float = Field(5.0, gt=0, description="first wait after too many tries; it doubles")
    sign_in_wait_most_s: float = Field(
        900.0, gt=0, le=3600, description="longest wait, so that nobody locks others out for a shift"
    )
    sign_in_forget_s: float = Field(3600.0, gt=0, description="failed tries are forgotten after so long a quiet")
    trusted_proxies: str = Field(
        "", description="addresses or networks of proxies whose X-Forwarded-For is believed, comma separated"
    )
    oidc_issuer: str = Field("", description="issuer of an OpenID Connect provider; empty: passwords only")
    oidc_client_id: str = Field("", description="this installation's id at the provider")
    oidc_client_secret: SecretStr | None = Field(None, description="its secret; none: a public client with PKCE")
    oidc_client_secret_file: Path | None = Field(None, description="file with the secret instead")
    oidc_scopes: str = Field("openid profile", description="what the provider is asked for")
    oidc_login_claim: str = Field(
        "", description="claim that is the login name, where only the provider can set it; empty: linked subjects"
    )
    oidc_redirect: str = Field(
        "", description="address of /session/oidc as registered there; empty: of pages_intake"
    )
    oidc_timeout_s: float = Field(5.0, gt=0, le=30, description="wait for the provider's answer")
    oidc_skew_s: int = Field(60, ge=0, le=600, description="how far the provider's clock may differ")
    cookie_secure: bool = Field(
        False, description="cookies over TLS only, also where no address of the pages begins with https"
    )
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

    @property
    def over_tls(self) -> bool:
        """Whether browsers come over TLS: said, or seen from the addresses of the pages."""
        addresses = (self.pages_intake, self.pages_register, self.pages_notify)
        return self.cookie_secure or any(address.startswith("https:") for address in addresses)
