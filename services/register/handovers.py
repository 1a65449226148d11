"""The register's window on hand-overs between day desk and night control room."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from services.register.asking import Asking, Known, Question
from services.register.problems import answered, not_found
from services.register.store import EVENTS
from shared.domain.estates.roster import Estate
from shared.domain.registering.handovers import TYPES, handovers
from shared.domain.registering.masking import masked, may_see
from shared.platform.mongo import Database


class HandoversAsked(Question):
    """Query of `/v1/estates/{code}/handovers`."""

    limit: int = Field(20, ge=1, le=100)


class Handovers:
    """Reads the log's events of an estate's own."""

    def __init__(self, database: Database) -> None:
        self._events = database.get_collection(EVENTS)

    async def of(self, estate: str, limit: int) -> list[dict[str, Any]]:
        """Newest first."""
        given = {"report_id": "", "estate": estate, "type": TYPES[0]}
        found = self._events.find(given, {"body": True}).sort([("accepted_at", -1), ("_id", -1)]).limit(limit)
        bodies = [logged["body"] for logged in await found.to_list()]
        ids = [body["event_id"] for body in bodies]
        taken = {"report_id": "", "estate": estate, "type": TYPES[1], "body.given": {"$in": ids}}
        signatures = [logged["body"] for logged in await self._events.find(taken, {"body": True}).to_list()]
        return handovers([*bodies, *signatures])


def handover_routes(kept: Handovers) -> APIRouter:
    async def read_handovers(
        code: str, caller: Asking, directory: Known, asked: Annotated[HandoversAsked, Query()]
    ) -> Response:
        """What was given and who signed for it; people by their ids, with names for whoever may see them."""
        estate = await directory.estate(code) if caller.may_enter(code) else None
        if estate is None:
            raise not_found()
        lines = await kept.of(code, asked.limit)
        if may_see(caller.roles_in(code)):
            return answered({"handovers": [_named(line, estate) for line in lines]})
        return answered({"handovers": masked(lines)})

    routes = APIRouter()
    routes.get("/v1/estates/{code}/handovers")(read_handovers)
    return routes


def _named(line: dict[str, Any], estate: Estate) -> dict[str, Any]:
    names = {person.id: person.name for person in estate.people}
    signed = {n: line[n] for n in ("given_by", "taken_by") if line[n] and line[n].get("person") in names}
    return {**line, **{n: {**by, "name": names[by["person"]]} for n, by in signed.items()}}
