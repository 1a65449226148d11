"""Spoken by notify on `deliveries.<lane>`: what became of a message to a device."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.event import Fact, Name, Text


class Delivery(Fact):
    """`message` is the task's or notice's event id; it is told apart by device, channel and attempt."""

    message: UUID
    task_id: str | None = None
    device: Name
    channel: Name
    attempt: int = 1


class DeliveryAttempted(Delivery):
    """Recorded before it is sent: a crash in between sends it again under the same id."""

    type: Literal["delivery.attempted"] = "delivery.attempted"


class DeliveryAccepted(Delivery):
    type: Literal["delivery.accepted"] = "delivery.accepted"


class DeliveryDelivered(Delivery):
    type: Literal["delivery.delivered"] = "delivery.delivered"


class DeliveryAnswered(Delivery):
    type: Literal["delivery.answered"] = "delivery.answered"
    words: Text | None = None


class DeliveryFailed(Fact):
    """Nothing reached the holder on any channel: escalation goes on at once."""

    type: Literal["delivery.failed"] = "delivery.failed"
    message: UUID
    task_id: str | None = None
    reason: Text


DeliveryEvent = Annotated[
    DeliveryAttempted | DeliveryAccepted | DeliveryDelivered | DeliveryAnswered | DeliveryFailed,
    Field(discriminator="type"),
]
