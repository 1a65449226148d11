"""What stands in the register: its event log, read from the database, and its lines, asked at its window."""

import asyncio
from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import httpx2

from shared.contracts.event import Event
from shared.contracts.history import CLASSES
from shared.platform.mongo import Database

PAGE = 200
_LOOK_S = 0.2


class Registered(NamedTuple):
    """`events` in the log, `rows` by report, by report its `numbers` and the `series` they belong to."""

    events: list[Event]
    rows: list[str]
    numbers: dict[str, int]
    series: dict[str, str]


async def caught_up(database: Database, wanted: Collection[UUID], seconds: float) -> bool:
    """Waits until the log has every one of these events; False when it has not in time."""
    for _ in range(int(seconds / _LOOK_S)):
        if not set(wanted) - {d["_id"] async for d in database["events"].find({}, {"_id": True})}:
            return True
        await asyncio.sleep(_LOOK_S)
    return False


async def read_register(database: Database) -> Registered:
    """Every event of the log as the event it was; unknown types are passed over."""
    found = [document async for document in database["events"].find()]
    events = [CLASSES[d["type"]].model_validate(d["body"]) for d in found if d["type"] in CLASSES]
    rows = [row["_id"] async for row in database["rows"].find({}, {"_id": True})]
    given = [number async for number in database["numbers"].find()]
    numbers, series = {n["_id"]: n["number"] for n in given}, {n["_id"]: n["series"] for n in given}
    return Registered(events, rows, numbers, series)


async def lines_of(address: str, secret: str) -> list[dict[str, Any]]:
    """All lines, oldest first, as `GET /v1/reports` gives them page by page."""
    lines: list[dict[str, Any]] = []
    headers = {"authorization": f"Bearer {secret}"}
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=10.0, trust_env=False) as client:
        cursor: dict[str, str] = {}
        while True:
            answer = await client.get("/v1/reports", params={"limit": str(PAGE), **cursor})
            answer.raise_for_status()
            page = answer.json()
            lines += page["reports"]
            if not page["next"]:
                return lines[::-1]
            cursor = {"cursor": page["next"]}
