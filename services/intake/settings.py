"""Intake's own settings, from the environment (`BAOSHI_INTAKE_…`)."""

from pydantic import Field

from shared.platform.settings import Settings

PORT = 8101


class IntakeSettings(Settings):
    """All limits of the door; every one has a default that fits one estate's desk."""

    intake_publish_s: float = Field(
        1.0, gt=0, le=2, description="wait for Kafka before an event goes into the spool"
    )
    intake_answer_s: float = Field(
        2.8, gt=0, le=3, description="after so long, waiting for the body apart, the caller is told to phone"
    )
    intake_idempotency_s: float = Field(
        0.4, gt=0, le=1, description="wait for MongoDB before a key is taken unchecked"
    )
    intake_idempotency_kept_s: int = Field(
        86_400, ge=60, description="how long a repeated Idempotency-Key is known"
    )
    intake_handover_kept_s: int = Field(
        1_209_600, ge=3600, description="how long it is known who gave a hand-over that nobody took"
    )
    intake_body_bytes: int = Field(65_536, ge=1024, le=524_288, description="longest request body; longer is a 413")
    intake_body_wait_s: float = Field(10.0, gt=0, description="longest wait for a request's body")
    intake_json_depth: int = Field(8, ge=3, le=64, description="deepest nesting of a request's JSON")
    intake_future_s: float = Field(60.0, ge=0, description="how far a caller's clock may run ahead of ours")
    intake_clock_days: int = Field(
        60, ge=1, description="how many days back a report's clock may begin that carries another on"
    )
    intake_spool_mib: int = Field(256, ge=1, description="largest spool of each lane; a full one is a 503")
    intake_segment_kib: int = Field(1024, ge=1, description="size at which the spool starts a new file")
    intake_drain_batch: int = Field(200, ge=1, description="records sent from the spool at a time")
    intake_retry_after_s: int = Field(5, ge=1, description="Retry-After of a refusal")
    intake_notify: str = Field(
        "http://127.0.0.1:8105", description="where notify is told of emergencies while Kafka is away"
    )
    intake_notify_s: float = Field(3.0, gt=0, description="wait for notify's answer")
    intake_glass_after_s: float = Field(
        2.0, ge=0, description="how long an emergency lies in the spool before notify is told directly"
    )
    intake_phone: str = Field("", max_length=40, description="number a refusal names: the desk or control room")
    desk_untold_s: float = Field(
        30.0,
        ge=1,
        description="after so long without any task the desk shows that nobody was told",
    )
