"""What an estate's file says of time: shifts, rotations, swaps, absences, the hours of the night."""

from datetime import date, time
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.vocabulary import Role

REST = "rest"
"""The name of the days of a rotation on which nobody comes."""
Hours = tuple[time, time]
"""From and to, over midnight when the second is not later than the first."""


class Row(BaseModel):
    """Frozen, and an unknown key is a mistake, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Shift(Row):
    """`persons` hold `roles` (at `post` where there is one) from `start` to `end`, over midnight when end <= start.

    Without `days` every day (ISO weekdays, of the day it starts on); `from_date`, `to_date` bound it.
    """

    persons: tuple[str, ...]
    roles: tuple[Role, ...] = Field(min_length=1)
    post: str | None = None
    department: str | None = None
    start: time
    end: time
    days: tuple[int, ...] = ()
    from_date: date | None = None
    to_date: date | None = None


class Run(Row):
    """So many days of the pattern with one shift; `rest` is none."""

    shift: str
    days: int = Field(default=1, ge=1, le=366)


class Team(Row):
    """Who goes through the pattern together. `offset`: how many days ahead in it they are on the first day."""

    persons: tuple[str, ...]
    roles: tuple[Role, ...] = Field(min_length=1)
    post: str | None = None
    department: str | None = None
    offset: int = 0


class Rotation(Row):
    """Teams that take turns by a pattern of days, again and again: ten-day turns, 四班三运转 and any other.

    `from_date` is the first day of the pattern; a shift over midnight belongs to the day it starts on.
    """

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    hours: dict[Annotated[str, Field(pattern=r"^[\w-]{1,24}$")], Hours] = Field(min_length=1)
    pattern: tuple[Run, ...] = Field(min_length=1)
    from_date: date
    to_date: date | None = None
    teams: tuple[Team, ...] = Field(min_length=1)

    @property
    def length(self) -> int:
        """The days of the pattern until it begins again."""
        return sum(run.days for run in self.pattern)


class Swap(Row):
    """Two people exchange what they hold in all shifts that start on `day`, or from `from_date` to `to_date`."""

    persons: tuple[str, str]
    day: date | None = None
    from_date: date | None = None
    to_date: date | None = None
    reason: str = ""


class Absence(Row):
    """Whoever is absent holds nothing; his stand-in does, or that one's own stand-in where he is absent too."""

    person: str
    start: AwareDatetime
    end: AwareDatetime
    stand_in: str | None = None
    reason: str = ""


class NightDesk(Row):
    """When the control room takes the desk's place, as far as nobody holds the desk (SOP, Who takes part)."""

    start: time
    end: time
