"""Which tasks are open at which post or person, each under a code of two digits that an answer names.

A code is unlike any other that is open at its owner, and lives as long as its task (PLAYBOOKS 10). Then it rests
for an hour, so that a late answer names a task that is over, not the next one.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from shared.contracts.event import Speaker
from shared.contracts.ids import lane_of_key
from shared.contracts.vocabulary import Lane
from shared.domain.estates.devices import Device
from shared.domain.notifying.answers import Task
from shared.platform.mongo import Database, Document

_KEPT_S, _RESTS_S = 60 * 86_400, 3600
_CODES: dict[Lane, Sequence[str]] = {
    "emergency": [f"{n:02d}" for n in range(10, 100)],
    "routine": [f"{n:02d}" for n in range(99, 9, -1)],
}
"""From both ends, so that the two lanes' processes seldom want the same one."""
_TRIES = 20


class Asked(NamedTuple):
    """What a device is asked: the task, and the attempt by which it was asked last."""

    task: Task
    last: Document


def owner_of(device: Device) -> str:
    """A post's devices share their codes, and so do a person's."""
    return f"post:{device.post}" if device.post else f"person:{device.person}"


class OpenTasks:
    """In MongoDB, so that every process and copy of notify knows the same codes."""

    def __init__(self, database: Database) -> None:
        self._found = database.get_collection("notify_open_tasks")

    async def prepare(self) -> None:
        """A code and a task stand once at each owner."""
        at = [("estate", ASCENDING), ("owner", ASCENDING)]
        await self._found.create_index([*at, ("code", ASCENDING)], name="code", unique=True)
        await self._found.create_index([*at, ("task_id", ASCENDING)], name="task", unique=True)
        await self._found.create_index("task_id", name="ends")
        await self._found.create_index("real_at", name="kept", expireAfterSeconds=_KEPT_S)
        await self._found.create_index("ended_at", name="rests", expireAfterSeconds=_RESTS_S)

    async def code(self, estate: str, owner: str, task: Task, last: Document) -> str | None:
        """The task's code at this owner, the same for each further page; None when all ninety are taken."""
        mine = {"estate": estate, "owner": owner, "task_id": task.task_id}
        found = await self._found.find_one_and_update(mine, _again(task, last), {"code": 1})
        return str(found["code"]) if found else await self._take(estate, owner, task, last)

    async def known_code(self, estate: str, owner: str, task_id: str) -> str | None:
        """The code that the task has there already; none is given."""
        row = await self._found.find_one({"estate": estate, "owner": owner, "task_id": task_id}, {"code": 1})
        return str(row["code"]) if row else None

    async def _take(self, estate: str, owner: str, task: Task, last: Document) -> str | None:
        here = {"estate": estate, "owner": owner}
        row = {**here, **_document(task), "last": last, "real_at": datetime.now(UTC)}
        for n in range(_TRIES):
            taken = {d["code"]: d async for d in self._found.find(here, {"code": 1, "task_id": 1, "ended_at": 1})}
            if mine := next((c for c, d in taken.items() if d["task_id"] == task.task_id), None):
                await self._found.update_one({**here, "code": mine}, _again(task, last))
                return str(mine)
            left = [c for c in _CODES[task.lane] if c not in taken]
            # Who lost a race for the first one takes any: a crowd would lose the next races too.
            free = (random.choice(left) if n else left[0]) if left else await self._woken(here)
            if free is None:
                return None
            try:
                await self._found.insert_one({**row, "code": free})
            except DuplicateKeyError:
                row.pop("_id", None)
                continue
            return free
        return None

    async def _woken(self, here: Document) -> str | None:
        """With all ninety taken, the one that rests for longest."""
        resting = {**here, "ended_at": {"$exists": True}}
        found = await self._found.find_one_and_delete(resting, sort=[("ended_at", ASCENDING)])
        return str(found["code"]) if found else None

    async def asked(self, estate: str, owner: str, code: str | None) -> list[Asked]:
        """What is open there under this code, or all of it without one."""
        query = {
            "estate": estate,
            "owner": owner,
            "ended_at": {"$exists": False},
            **({"code": code} if code else {}),
        }
        return [_asked(d) async for d in self._found.find(query)]

    async def asked_of(self, estate: str, owner: str, task_id: str) -> list[Asked]:
        """This task alone, if it is open there."""
        query = {"estate": estate, "owner": owner, "ended_at": {"$exists": False}, "task_id": task_id}
        return [_asked(d) async for d in self._found.find(query)]

    async def all_open(self) -> list[str]:
        """Ids of tasks, of every estate."""
        return [str(t) for t in await self._found.distinct("task_id", {"ended_at": {"$exists": False}})]

    async def end_asked(self, task_id: str, message: UUID) -> None:
        """The code of who was asked by this message, and by no later one: the task went to somebody else."""
        asked = {"task_id": task_id, "last.message": message, "ended_at": {"$exists": False}}
        await self._found.update_many(asked, {"$set": {"ended_at": datetime.now(UTC)}})

    async def end(self, tasks: Iterable[str]) -> None:
        """Their codes name nothing any more."""
        if ended := list(tasks):
            open_ones = {"task_id": {"$in": ended}, "ended_at": {"$exists": False}}
            await self._found.update_many(open_ones, {"$set": {"ended_at": datetime.now(UTC)}})


def _document(task: Task) -> Document:
    return {
        "task_id": task.task_id,
        "by": task.by.model_dump(),
        "outcomes": list(task.outcomes),
        "record": list(task.record),
        "ends_on": task.ends_on,
    }


def _again(task: Task, last: Document) -> Document:
    """Whoever is asked again may be asked in another role: a guard first, then as the leader."""
    return {"$set": {"last": last, "by": task.by.model_dump()}, "$unset": {"ended_at": ""}}


def _asked(document: dict[str, Any]) -> Asked:
    task_id = document["task_id"]
    more = tuple(document["outcomes"]), tuple(document["record"]), document["ends_on"]
    return Asked(Task(task_id, lane_of_key(task_id), Speaker(**document["by"]), *more), document["last"])
