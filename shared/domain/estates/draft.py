"""An estate's file on its way to an `Estate`: well-formed rows by number, and mistakes before they have a line."""

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from shared.contracts.event import Words
from shared.domain.estates.devices import Device, DeviceChannel
from shared.domain.estates.roster import Building, Department, Key, Person, Place, Post
from shared.domain.estates.rows import Absence, Rotation, Row, Shift, Swap, Team
from shared.domain.playbooks.own_rows import Override, OwnWaits

R = TypeVar("R", bound=Row)
Numbered = tuple[tuple[int, R], ...]


class Draft(NamedTuple):
    """The rows that are well formed, by their number; `ids` also names those that are not.

    `malformed`: sections of which a row is missing here, so that nothing is concluded from its absence.
    """

    departments: Numbered[Department]
    buildings: Numbered[Building]
    places: Numbered[Place]
    posts: Numbered[Post]
    people: Numbered[Person]
    shifts: Numbered[Shift]
    rotations: Numbered[Rotation]
    swaps: Numbered[Swap]
    absences: Numbered[Absence]
    keys: Numbered[Key]
    ids: dict[str, frozenset[str]]
    malformed: frozenset[str]
    overrides: tuple[tuple[int, Override], ...] = ()
    waits: tuple[tuple[int, OwnWaits], ...] = ()
    channels: Numbered[DeviceChannel] = ()
    devices: Numbered[Device] = ()
    night_desk: bool = False


class Problem(NamedTuple):
    """A mistake before it has a line. `field` is one of the row, or within it, such as `teams.2.post`."""

    section: str
    row: int
    field: str
    words: Words


class Planned(NamedTuple):
    """A shift, or a team of a rotation. `where`: section, row, and what stands before the names of its fields."""

    where: tuple[str, int, str]
    row: Shift | Team

    def problem(self, field: str, words: Words) -> Problem:
        section, number, within = self.where
        return Problem(section, number, f"{within}{field}", words)

    def unknown(self, field: str, zh: str, en: str, name: str) -> Problem:
        section, number, within = self.where
        return unknown(section, number, f"{within}{field}", zh, en, name)


def planned(draft: Draft) -> Iterator[Planned]:
    """Every row that puts people somewhere."""
    yield from (Planned(("shifts", n, ""), shift) for n, shift in draft.shifts)
    for n, rotation in draft.rotations:
        for k, team in enumerate(rotation.teams, start=1):
            yield Planned(("rotations", n, f"teams.{k}."), team)


def unknown(section: str, row: int, field: str, zh: str, en: str, name: str) -> Problem:
    return Problem(section, row, field, Words(zh=f"没有这个{zh}:{name}", en=f"unknown {en}: {name}"))
