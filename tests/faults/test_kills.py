"""Killed with SIGKILL, or stopped for a while, in the middle of an evening: nothing is lost, nothing twice."""

import asyncio

import pytest

from deploy.local.stack import LocalStack
from tests.support.accounts import assert_nobody_rung_in_vain, assert_once, settle
from tests.support.installation import SERVICES, Installation, until

pytestmark = [pytest.mark.fault, pytest.mark.stack]
STOPPED_S = 20


async def an_evening(installation: Installation, accepted: list[str], count: int = 24) -> None:
    """Reports one after another, whoever is away; what the door did not take is tried again, as a caller would."""
    for number in range(count):
        category, fields = ("medical", {"help": ["ambulance"], "place": "3栋1单元1201"})
        if number % 2:
            category, fields = "inquiry", {"form": "oral", "text": f"第{number}个问题"}
        accepted.append(await filed(installation, category, f"evening-{number}", fields))
        await asyncio.sleep(0.1)


async def filed(installation: Installation, category: str, key: str, fields: dict[str, object]) -> str:
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


async def answer_some(installation: Installation, accepted: list[str]) -> None:
    """The leader acknowledges every second ambulance; the rest nobody answers."""
    for report in [r for r in accepted if ".medical." in r][::2]:
        task = await installation.task(report, "tell_leader", seconds=90)
        await installation.reply(task, "acknowledge", "shift_leader", "leader-1")


async def reckon(installation: Installation, accepted: list[str]) -> None:
    await settle(installation, accepted)
    await answer_some(installation, accepted)
    silent = [r for r in accepted if ".medical." in r][1]
    await installation.seen(silent, "rung.reached", 90, task_id=f"{silent}.tell_leader.1", rung=1)
    await assert_once(installation, accepted)
    await assert_nobody_rung_in_vain(installation)


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_is_killed_in_the_middle_of_an_evening(installation: Installation, name: str) -> None:
    accepted: list[str] = []
    evening = asyncio.create_task(an_evening(installation, accepted))
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
    evening = asyncio.create_task(an_evening(installation, accepted))
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
    evening = asyncio.create_task(an_evening(installation, accepted))
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


async def test_two_copies_over_a_rebalance(installation: Installation) -> None:
    """A second copy joins and is killed while reports come in."""
    accepted: list[str] = []
    second = [installation.copy_of(n) for n in ("dispatch.emergency", "escalation.emergency")]
    evening = asyncio.create_task(an_evening(installation, accepted, 40))
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
