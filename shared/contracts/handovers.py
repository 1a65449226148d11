"""Spoken by intake on `replies.routine` under the estate's key: the desk's hand-over, signed for by both.

`report_id` is empty: a hand-over belongs to an estate. Dispatch and escalation, which work reports, pass it over.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.event import Text
from shared.contracts.replies import Said

ReportIdText = Annotated[str, StringConstraints(max_length=100)]


class HandoverGiven(Said):
    """Who goes lists what is open; `items` are reports, in the order in which they are to be looked at."""

    type: Literal["handover.given"] = "handover.given"
    items: tuple[ReportIdText, ...] = ()
    note: Text | None = None


class HandoverTaken(Said):
    """Who comes signs for it. `given`: the event id of what was given."""

    type: Literal["handover.taken"] = "handover.taken"
    given: UUID
    note: Text | None = None


HandoverEvent = Annotated[HandoverGiven | HandoverTaken, Field(discriminator="type")]
