"""What is known of a room while it calls: earlier reports, ambulances, the household's row of the desk's list."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from services.register.asking import PLAIN, Asked, Asking, Known, Now, Question
from services.register.problems import answered, not_found
from services.register.readings import Readings
from services.register.settings import RegisterSettings
from services.register.store import ROWS
from shared.domain.estates.rooms import Room, room_of, written
from shared.domain.estates.roster import Estate
from shared.domain.registering.masking import masked, may_see
from shared.platform.household_store import households_of
from shared.platform.mongo import Database

MOST_LISTED = 10
_AMBULANCE = "ambulance"
_LOOKED_AT = dict.fromkeys(("place", "patient_place", "help", "sorted_at"), True)
Found = dict[str, Any]


class RoomAsked(Question):
    """Query of `/v1/estates/{code}/rooms`."""

    place: str = Field(max_length=80, pattern=PLAIN, description="as the caller says it: 9栋1单元402, 9-1-402")


class Rooms:
    """Reads rows by building, and the desk's list."""

    def __init__(self, database: Database, settings: RegisterSettings) -> None:
        self._database, self._rows = database, database.get_collection(ROWS)
        self._most = settings.register_room_reports

    async def rows_of(self, estate: Estate, room: Room) -> list[Found]:
        """Newest first, of the newest of the building."""
        query = {"estate": estate.estate, "building": room.building}
        found = self._rows.find(query, _LOOKED_AT).sort("sorted_at", -1).limit(self._most)
        return [row async for row in found if _is_of(estate, room, row)]

    async def households(self, estate: Estate, room: Room) -> list[Found]:
        return await households_of(self._database, estate.estate, room)


def room_routes(rooms: Rooms, readings: Readings) -> APIRouter:
    async def read_room(
        code: str,
        caller: Asking,
        queries: Asked,
        directory: Known,
        now: Now,
        asked: Annotated[RoomAsked, Query()],
    ) -> Response:
        """Masked for roles that may not see names: no row of the desk's list at all. Each other reading is kept."""
        estate = await directory.estate(code) if caller.may_enter(code) else None
        if estate is None:
            raise not_found()
        room = room_of(estate, asked.place)
        if room is None:
            return answered({"room": None, "reports": [], "households": [], "ambulances": []})
        sees = may_see(caller.roles_in(code))
        if sees:
            await readings.of_room(caller, written(estate, room), code, now)
        rows = await rooms.rows_of(estate, room)
        lines = await queries.lines([row["_id"] for row in rows[:MOST_LISTED]])
        return answered(
            {
                "room": written(estate, room),
                "reports": lines if sees else masked(lines),
                "households": await rooms.households(estate, room) if sees else [],
                "ambulances": [
                    {"report_id": row["_id"], "at": row["sorted_at"]}
                    for row in rows
                    if _AMBULANCE in (row.get("help") or ())
                ][:MOST_LISTED],
            }
        )

    routes = APIRouter()
    routes.get("/v1/estates/{code}/rooms")(read_room)
    return routes


def _is_of(estate: Estate, room: Room, row: Found) -> bool:
    named = (room_of(estate, row.get(name)) for name in ("patient_place", "place"))
    return any(one is not None and one.may_be(room) for one in named)
