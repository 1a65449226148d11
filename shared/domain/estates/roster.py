"""An estate's file, and who holds what: a pure function of the file and the instant (SOP, Who takes part)."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from pydantic import Field

from shared.contracts.ids import ESTATE_PATTERN
from shared.contracts.vocabulary import Role
from shared.domain.estates.devices import Device, DeviceChannel
from shared.domain.estates.plan import Holder, Plan, Rows, plan_of, ranked
from shared.domain.estates.rows import Absence, Hours, NightDesk, Rotation, Row, Shift, Swap
from shared.domain.playbooks.own_rows import Override, OwnWaits
from shared.domain.same import Same


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
    """A post is where a role is held; `department` only for `department_head`.

    `hours`: when somebody has to be there, without them always; they only say what is a gap.
    """

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    zh: str
    role: Role
    department: str | None = None
    hours: Hours | None = None


class Person(Row):
    """`id` stands in events; the name only in the directory (SOP S10)."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    name: str


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


class OfficeHours(Row):
    """Outside them the top of a routine ladder is not asked again and again; equal times mean around the clock."""

    start: time = time(9, 0)
    end: time = time(17, 30)


class Estate(Row):
    """All that Baoshi knows of one estate."""

    estate: str = Field(pattern=f"^{ESTATE_PATTERN}$")
    zh: str
    en: str
    time_zone: str = "Asia/Shanghai"
    working_days: bool = False
    quiet: QuietHours = QuietHours()
    office: OfficeHours = OfficeHours()
    night_desk: NightDesk | None = None
    departments: tuple[Department, ...] = ()
    buildings: tuple[Building, ...] = ()
    places: tuple[Place, ...] = ()
    posts: tuple[Post, ...] = ()
    people: tuple[Person, ...] = ()
    shifts: tuple[Shift, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    swaps: tuple[Swap, ...] = ()
    absences: tuple[Absence, ...] = ()
    keys: tuple[Key, ...] = ()
    overrides: tuple[Override, ...] = ()
    waits: tuple[OwnWaits, ...] = ()
    channels: tuple[DeviceChannel, ...] = ()
    devices: tuple[Device, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.time_zone)


def holders(
    estate: Estate, role: Role, now: datetime, *, near: str | None = None, department: str | None = None
) -> tuple[Holder, ...]:
    """Who holds the role now, nearest post first for the building `near`; empty when nobody does.

    `department` tells department heads apart and says nothing of any other role.
    """
    key, at = Same(estate), now.astimezone(UTC)
    found = _plan(key, at.astimezone(estate.zone).date()).at(at, role)
    if role == "department_head" and department is not None:
        found = tuple(holder for holder in found if holder.department == department)
    return ranked(found, _nearness(key, near)) if near and len(found) > 1 else found


def posts_of(estate: Estate, role: Role, now: datetime | None = None) -> tuple[Post, ...]:
    """Every post of the role, such as every gate; with `now` only those at which somebody holds it then."""
    held = None if now is None else {holder.post for holder in holders(estate, role, now)}
    return tuple(p for p in estate.posts if p.role == role and (held is None or p.id in held))


def turns_of(estate: Estate, day: date) -> tuple[datetime, ...]:
    """Every instant of the day, in the estate's time, at which a holder may change; in order."""
    local = (at.astimezone(estate.zone) for at in _plan(Same(estate), day).turns[1:])
    return tuple(at for at in local if at.date() == day)


@lru_cache(maxsize=512)
def _plan(key: Same[Estate], day: date) -> Plan:
    it = key.it
    order = _nearness(key, None)
    return plan_of(Rows(it.zone, it.shifts, it.rotations, it.swaps, it.absences, it.night_desk, order), day)


@lru_cache(maxsize=1024)
def _nearness(key: Same[Estate], building: str | None) -> dict[str, int]:
    estate = key.it
    posts = next((b.posts for b in estate.buildings if b.id == building), ())
    rest = tuple(p.id for p in estate.posts if p.id not in posts)
    return {post: place for place, post in enumerate((*posts, *rest))}


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
