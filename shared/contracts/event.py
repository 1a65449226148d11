"""What every event carries."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.vocabulary import Role

Text = Annotated[str, StringConstraints(max_length=4000)]
Name = Annotated[str, StringConstraints(max_length=80)]


class Model(BaseModel):
    """Frozen, and deaf to unknown fields, so that an older reader survives a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def record_key(report_id: str, estate_id: str) -> str:
    """Under which everything of a report comes, or what is an estate's own."""
    return report_id or f"estate.{estate_id}"


class Event(Model):
    """One thing that happened.

    `report_id` is empty for what belongs to an estate and to no report. `occurred_at` is what people say;
    clocks run from `accepted_at`, which intake wrote and which readers clamp by the broker's time.
    """

    event_id: UUID
    type: str
    version: int = 1
    report_id: str
    estate_id: str
    occurred_at: AwareDatetime
    accepted_at: AwareDatetime
    because_of: UUID | None = None

    @property
    def key(self) -> str:
        """The record's key: the report, or the estate where there is none."""
        return record_key(self.report_id, self.estate_id)


class Fact(Event):
    """What a service decided: `case_version` and `index` order the facts of one case of one service."""

    case_version: int
    index: int


class Speaker(Model):
    """Who says it. `person` is a person's id in the estate's roster, never a name or a phone number."""

    role: Role
    person: Name | None = None
    post: Name | None = None


class Addressee(Model):
    """Whom it is for: a role or post; the person is who held it when this was decided."""

    role: Role
    post: Name | None = None
    person: Name | None = None
    department: Name | None = None


class Words(Model):
    """The same in Chinese and in English; the English is ASCII and fits a pager (SOP S10)."""

    zh: str
    en: str


def in_order(fact: Fact) -> tuple[datetime, int, int]:
    """A sort key by which one service's facts of one case stand as they were decided."""
    return (fact.accepted_at, fact.case_version, fact.index)


RecordValue = (
    Annotated[str, Field(max_length=2000)] | int | bool | list[Annotated[str, Field(max_length=200)]] | None
)
