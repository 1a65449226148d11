"""Spoken by notify on `deliveries.<lane>`: what became of a message to a device."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.event import Fact, Name, Text


class Delivery(Fact):
    """`message` is the task's or notice's event id; it is told apart by device, channel and attempt."""

    message: UUID
    task_id: str | None = None
    device: Name
    channel: Name
    attempt: int = 1


class DeliveryAttempted(Delivery):
    """Recorded before it is sent: a crash in between sends it again under the same id.

    `best`: the best receipt this channel can give; without it at `next_at` the next device is tried. `last`: there
    is no further one.
    """

    type: Literal["delivery.attempted"] = "delivery.attempted"
    best: Literal["accepted", "delivered"] | None = None
    next_at: AwareDatetime | None = None
    last: bool | None = None


class DeliveryAccepted(Delivery):
    """The channel took it. `token`: by what the channel is asked for the answer."""

    type: Literal["delivery.accepted"] = "delivery.accepted"
    token: Name | None = None


class DeliveryDelivered(Delivery):
    type: Literal["delivery.delivered"] = "delivery.delivered"


class DeliveryAnswered(Delivery):
    type: Literal["delivery.answered"] = "delivery.answered"
    words: Text | None = None


class DeliveryRefused(Delivery):
    """Not by this device on this channel: the next one is tried at once."""

    type: Literal["delivery.refused"] = "delivery.refused"
    reason: Text


class DeliverySkipped(Fact):
    """Recorded, not sent: `expired`, `ended`, `no_devices` at the estate, or `quiet_hours` until `again_at`."""

    type: Literal["delivery.skipped"] = "delivery.skipped"
    message: UUID
    task_id: str | None = None
    reason: Text
    again_at: AwareDatetime | None = None


class DeliveryFailed(Fact):
    """Nothing reached the holder on any channel: escalation goes on at once."""

    type: Literal["delivery.failed"] = "delivery.failed"
    message: UUID
    task_id: str | None = None
    reason: Text


DeliveryEvent = Annotated[
    DeliveryAttempted
    | DeliveryAccepted
    | DeliveryDelivered
    | DeliveryAnswered
    | DeliveryRefused
    | DeliverySkipped
    | DeliveryFailed,
    Field(discriminator="type"),
]
