"""An estate's file, and who holds what: a pure function of the file and the instant (SOP, Who takes part)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.ids import ESTATE_PATTERN
from shared.contracts.vocabulary import Role


class Row(BaseModel):
    """Frozen, and an unknown key is a mistake, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Building(Row):
    """`short` is the name a pager can carry: ASCII, at most 12 characters with the room behind it."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,20}$")
    zh: str
    short: str = Field(pattern=r"^[\x20-\x7e]{1,12}$")
    posts: tuple[str, ...] = ()


class Department(Row):
    """A department that a `department_head` answers for."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    zh: str
    en: str = ""


class Place(Row):
    """A public place such as 南门 or 9栋2单元电梯; `building` is the one it stands in or next to."""

    zh: str
    short: str = Field(pattern=r"^[\x20-\x7e]{1,12}$")
    building: str | None = None
    also: tuple[str, ...] = ()


class Post(Row):
    """A post is where a role is held; `department` only for `department_head`."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    zh: str
    role: Role
    department: str | None = None


class Person(Row):
    """`id` stands in events; the name only in the directory (SOP S10)."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    name: str


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


class Absence(Row):
    """Whoever is absent holds nothing."""

    person: str
    start: AwareDatetime
    end: AwareDatetime
    reason: str = ""


class Key(Row):
    """What a caller's key may do: the roles it may speak for. Only the secret's SHA-256 is kept."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    roles: tuple[Role, ...] = Field(min_length=1)
    note: str = ""


class QuietHours(Row):
    """In these hours what is only for the morning's list is not sent."""

    start: time = time(22, 0)
    end: time = time(7, 0)


class Estate(Row):
    """All that Baoshi knows of one estate."""

    estate: str = Field(pattern=f"^{ESTATE_PATTERN}$")
    zh: str
    en: str
    time_zone: str = "Asia/Shanghai"
    working_days: bool = False
    quiet: QuietHours = QuietHours()
    departments: tuple[Department, ...] = ()
    buildings: tuple[Building, ...] = ()
    places: tuple[Place, ...] = ()
    posts: tuple[Post, ...] = ()
    people: tuple[Person, ...] = ()
    shifts: tuple[Shift, ...] = ()
    absences: tuple[Absence, ...] = ()
    keys: tuple[Key, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Holder(NamedTuple):
    """A person who holds a role now, at a post or without one."""

    person: str
    role: Role
    post: str | None = None
    department: str | None = None


def on_shift(shift: Shift, at: datetime) -> bool:
    """Whether `at`, in the estate's own zone, falls into the shift; the day counted is the one it starts on.

    Where clocks change, a start or end that happens twice is the first one, so nobody goes and comes back.
    """
    today = at.date()
    return _in_span(shift, today, at) or _in_span(shift, today - timedelta(days=1), at)


def _in_span(shift: Shift, day: date, at: datetime) -> bool:
    if shift.days and day.isoweekday() not in shift.days:
        return False
    if not (shift.from_date or day) <= day <= (shift.to_date or day):
        return False
    last = day + timedelta(days=1) if shift.end <= shift.start else day
    if not day <= at.date() <= last:
        return False
    start = datetime.combine(day, shift.start, at.tzinfo).astimezone(UTC)
    end = datetime.combine(last, shift.end, at.tzinfo).astimezone(UTC)
    return start <= at.astimezone(UTC) < end


def holders(
    estate: Estate, role: Role, now: datetime, *, near: str | None = None, department: str | None = None
) -> tuple[Holder, ...]:
    """Who holds the role now, nearest post first for the building `near`; empty when nobody does.

    `department` tells department heads apart and says nothing of any other role.
    """
    local = now.astimezone(estate.zone)
    absent = {a.person for a in estate.absences if a.start <= now < a.end}
    wanted = department if role == "department_head" else None
    found = [
        Holder(person, role, shift.post, shift.department)
        for shift in estate.shifts
        if role in shift.roles and wanted in (None, shift.department) and on_shift(shift, local)
        for person in shift.persons
        if person not in absent
    ]
    order = _nearness(estate, near)
    unique = list(dict.fromkeys(found))
    return tuple(sorted(unique, key=lambda h: order.get(h.post or "", len(order))))


def posts_of(estate: Estate, role: Role, now: datetime | None = None) -> tuple[Post, ...]:
    """Every post of the role, such as every gate; with `now` only those at which somebody holds it then."""
    held = None if now is None else {holder.post for holder in holders(estate, role, now)}
    return tuple(p for p in estate.posts if p.role == role and (held is None or p.id in held))


def _nearness(estate: Estate, building: str | None) -> dict[str, int]:
    posts = next((b.posts for b in estate.buildings if b.id == building), ())
    rest = tuple(p.id for p in estate.posts if p.id not in posts)
    return {post: place for place, post in enumerate((*posts, *rest))}
