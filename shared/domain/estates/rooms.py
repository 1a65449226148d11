"""A room, however people write it: 9-1-402, 9栋1单元402 and 九号楼一单元402室 are one."""

from typing import NamedTuple

from shared.domain.estates.places import named_place
from shared.domain.estates.roster import Estate


class Room(NamedTuple):
    """`unit` is None where nobody said it."""

    building: str
    unit: str | None
    number: str

    def may_be(self, other: "Room") -> bool:
        """Whether both may be one door: a unit that one of them leaves out parts nobody from their history."""
        same_unit = self.unit is None or other.unit is None or self.unit == other.unit
        return (self.building, self.number) == (other.building, other.number) and same_unit


def room_of(estate: Estate, text: str | None) -> Room | None:
    """None where the text names no building, two of them, or no room."""
    found = named_place(estate, text) if text else None
    if found is None or found.room is None:
        return None
    return Room(found.building.id, found.unit, found.room)


def written(estate: Estate, room: Room) -> str:
    """As the estate's file writes its buildings: 9栋1单元402."""
    building = next(b.zh for b in estate.buildings if b.id == room.building)
    return f"{building}{room.unit}单元{room.number}" if room.unit else f"{building}{room.number}"
