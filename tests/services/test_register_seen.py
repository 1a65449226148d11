"""What a person is shown of a report over the window: with names only when it is recorded who looked."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from services.register import api
from services.register.readings import Readings
from services.register.settings import RegisterSettings
from shared.contracts.vocabulary import Role
from shared.platform.caller import Caller
from shared.platform.clock import Clock

PHONE = "13800138005"
DESK: frozenset[Role] = frozenset({"customer_assistant"})
GUARD: frozenset[Role] = frozenset({"guard"})


class Callers:
    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def find(self, *_: Any) -> Caller:
        return self.caller


class Queries:
    async def report(self, report_id: str, _: Any) -> dict[str, Any]:
        return {"report_id": report_id, "estate": "qinghe", "row": {"reporter_phone": PHONE}}

    async def page(self, *_: Any, by_name: bool) -> dict[str, Any]:
        line = {"report_id": "r1", "estate": "qinghe", "phone": PHONE, "content": f"回电{PHONE}"}
        return {"reports": [line], "next": None, "asked_by_name": by_name}


class Collection:
    """Remembers what was written, or fails."""

    def __init__(self, failure: PyMongoError | None = None) -> None:
        self.failure, self.kept = failure, dict[Any, dict[str, Any]]()

    async def update_one(self, which: dict[str, Any], what: dict[str, Any], *, upsert: bool) -> None:
        if self.failure:
            raise self.failure
        assert upsert
        self.kept.setdefault(which["_id"], what["$setOnInsert"])


async def read(caller: Caller, collection: Collection, times: int = 1, path: str = "/v1/reports/r1") -> str:
    app = FastAPI()
    app.get("/v1/reports")(api.list_reports)
    app.get("/v1/reports/{report_id}")(api.read_report)
    database = SimpleNamespace(get_collection=lambda _: collection)
    app.state.callers, app.state.queries, app.state.clock = Callers(caller), Queries(), Clock()
    app.state.readings = Readings(cast(Any, database), RegisterSettings())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://register") as client:
        for _ in range(times):
            answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


def _signed_in(roles: frozenset[Role]) -> Caller:
    return Caller("staff.he", frozenset({"qinghe"}), roles, {"qinghe": roles}, name="何雁", session="s1", csrf="c")


async def test_a_person_who_is_shown_names_is_recorded_once_a_session() -> None:
    collection = Collection()
    assert PHONE in await read(_signed_in(DESK), collection, times=3)
    (kept,) = collection.kept.values()
    assert (kept["by"], kept["report_id"], kept["why"]) == ("staff.he", "r1", None)
    assert kept["stored_at"] <= datetime.now(UTC)
    await read(_signed_in(DESK)._replace(session="s2"), collection)
    assert len(collection.kept) == 2


async def test_what_cannot_be_recorded_is_shown_masked() -> None:
    assert PHONE not in await read(_signed_in(DESK), Collection(ServerSelectionTimeoutError()))


@pytest.mark.parametrize(("caller", "sees"), [(_signed_in(GUARD), False), (Caller("k", None, DESK), True)])
async def test_who_is_shown_stars_and_a_program_are_not_recorded(caller: Caller, sees: bool) -> None:
    collection = Collection()
    assert (PHONE in await read(caller, collection)) is sees
    assert not collection.kept


@pytest.mark.parametrize("roles", [DESK, GUARD])
async def test_a_list_reveals_nothing_to_a_person_whatever_the_role(roles: frozenset[Role]) -> None:
    """It may be asked for by name all the same by whoever may see them: the desk is rung again."""
    collection = Collection()
    text = await read(_signed_in(roles), collection, path="/v1/reports")
    assert PHONE not in text and PHONE[-2:] in text
    assert (f'"asked_by_name":{str(roles == DESK).lower()}') in text
    assert not collection.kept


@pytest.mark.parametrize(("roles", "sees"), [(DESK, True), (GUARD, False)])
async def test_a_program_s_list_is_as_its_role_sees_it(roles: frozenset[Role], sees: bool) -> None:
    assert (PHONE in await read(Caller("k", None, roles), Collection(), path="/v1/reports")) is sees
