"""Killed with SIGKILL, or stopped for a while, in the middle of an evening: nothing is lost, nothing twice."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from deploy.local.stack import LocalStack
from tests.support.accounts import (
    assert_nobody_rung_in_vain,
    assert_once,
    assert_the_silent_are_rung_for,
    settle,
)
from tests.support.installation import SERVICES, Installation, until

pytestmark = [pytest.mark.fault, pytest.mark.stack]
STOPPED_S = 12


async def an_evening(installation: Installation, accepted: list[str], count: int = 24) -> None:
    """Reports one after another, whoever is away; what the door did not take is tried again, as a caller would."""
    for number in range(count):
        category: str = "medical"
        fields: dict[str, Any] = {"help": ["ambulance"], "place": "3栋1单元1201"}
        if number % 2:
            category, fields = "inquiry", {"form": "oral", "text": f"第{number}个问题"}
        accepted.append(await filed(installation, category, f"evening-{number}", fields))
        await asyncio.sleep(0.1)


async def filed(installation: Installation, category: str, key: str, fields: dict[str, Any]) -> str:
    """Asks again with the same key until the door answers 202."""
    found: list[str] = []

    async def accepted() -> bool:
        try:
            found.append(await installation.file(category, key, **fields))
        except Exception:
            return False
        return True

    assert await until(accepted, 60), "the door never took the report"
    return found[0]


async def answering(installation: Installation, accepted: list[str], count: int) -> None:
    """While reports come in, the leader acknowledges every second ambulance and a guard holds its lift."""
    for number in range(0, count, 4):
        while len(accepted) <= number:
            await asyncio.sleep(0.1)
        for step, kind, role in (("tell_leader", "acknowledge", "shift_leader"), ("hold_lift", "arrive", "guard")):
            task = f"{accepted[number]}.{step}.1"
            await assigned(installation, task)
            await said(installation, task, kind, role)


async def assigned(installation: Installation, task: str) -> None:
    """Seen at the register's database, which may be away itself."""

    async def there() -> bool:
        try:
            query = {"type": "task.assigned", "body.task_id": task}
            return await installation.store["events"].find_one(query) is not None
        except PyMongoError:
            return False

    assert await until(there, 90), f"{task} was never assigned"


async def said(installation: Installation, task: str, kind: str, role: str) -> None:
    """Asks again with the same key until the door answers 202."""

    async def accepted() -> bool:
        try:
            path, body = f"/v1/tasks/{task}/replies", {"type": kind, "by": {"role": role}}
            return (await installation.post(path, body, f"{kind}-{task}")).status_code == 202
        except Exception:
            return False

    assert await until(accepted, 60), "the door never took the answer"


def begin(installation: Installation, accepted: list[str], count: int = 24) -> asyncio.Future[tuple[None, None]]:
    """An evening and the answers to it, side by side."""
    return asyncio.gather(an_evening(installation, accepted, count), answering(installation, accepted, count))


async def reckon(installation: Installation, accepted: list[str]) -> None:
    await settle(installation, accepted)
    await assert_the_silent_are_rung_for(installation)
    await assert_once(installation, accepted)
    await assert_nobody_rung_in_vain(installation)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_is_killed_in_the_middle_of_an_evening(installation: Installation, name: str) -> None:
    accepted: list[str] = []
    evening = begin(installation, accepted)
    for _ in range(2):
        await asyncio.sleep(0.8)
        await asyncio.to_thread(installation.processes[name].kill)
        await installation.restart(name)
    await evening
    await reckon(installation, accepted)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.timeout(300)
async def test_a_service_is_stopped_for_a_while(installation: Installation, name: str) -> None:
    """SIGSTOP: its connections stay open and nothing answers."""
    accepted: list[str] = []
    evening = begin(installation, accepted)
    await asyncio.sleep(0.8)
    installation.processes[name].pause()
    await asyncio.sleep(STOPPED_S)
    installation.processes[name].resume()
    await evening
    await revive(installation)
    await reckon(installation, accepted)


@pytest.mark.parametrize("part", ["kafka", "mongo"])
@pytest.mark.parametrize("how", ["kill", "stop"])
@pytest.mark.timeout(300)
async def test_kafka_or_mongodb_goes_away(
    own_installation: tuple[Installation, LocalStack], part: str, how: str
) -> None:
    installation, stack = own_installation
    process = stack.kafka if part == "kafka" else stack.mongo
    accepted: list[str] = []
    evening = begin(installation, accepted)
    await asyncio.sleep(0.8)
    if how == "kill":
        await asyncio.to_thread(process.kill)
        await asyncio.sleep(3)
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(process.wait_ready)
    else:
        process.pause()
        await asyncio.sleep(STOPPED_S)
        process.resume()
    await evening
    await revive(installation)
    await reckon(installation, accepted)


@pytest.mark.parametrize(
    "copied",
    [
        ("dispatch.emergency", "escalation.emergency"),
        ("dispatch.routine", "escalation.routine"),
        ("register",),
    ],
    ids=["emergency", "routine", "register"],
)
async def test_two_copies_over_a_rebalance(installation: Installation, copied: tuple[str, ...]) -> None:
    """A second copy joins and is killed while reports come in."""
    accepted: list[str] = []
    second = [installation.copy_of(name) for name in copied]
    evening = begin(installation, accepted, 40)
    try:
        for copy in second:
            await asyncio.to_thread(copy.start)
        await asyncio.sleep(3)
        for copy in second:
            await asyncio.to_thread(copy.kill)
        await evening
        await reckon(installation, accepted)
    finally:
        for copy in second:
            await asyncio.to_thread(copy.stop)


async def revive(installation: Installation) -> None:
    """What the supervisor does: a process that ended because it was put out of its group is started again."""
    for name, process in installation.processes.items():
        if not process.alive():
            await installation.restart(name)
