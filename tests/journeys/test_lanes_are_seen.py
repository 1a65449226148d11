"""Every process of both lanes says whether it is ready and counts what it does."""

import httpx2 as httpx
import pytest

from tests.support.installation import SERVICES, Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
LANES = [name for name in SERVICES if "." in name]
WORKED = ("baoshi_records_total", "baoshi_facts_total")


@pytest.mark.parametrize("name", LANES)
async def test_ready_alive_and_counted(town: Installation, name: str) -> None:
    service, lane = name.split(".")
    if lane == "emergency":
        report = await town.file("medical", help=["ambulance"], place="3栋1单元1201")
        await town.seen(report, "limit.passed", 60, task_id=await town.task(report, "meet"), clock="ack")
    else:
        report = await town.file("inquiry", form="oral", text="问路")
        await town.seen(report, "limit.passed", 60, task_id=await town.task(report, "answer_now"), clock="finish")
    async with httpx.AsyncClient(base_url=town.address(name), timeout=10) as client:
        assert (await client.get("/health/live")).status_code == 200
        ready = await client.get("/health/ready")
        assert ready.status_code == 200
        assert all(ready.json()[part] is True for part in ("kafka", "mongodb", "reading"))
        metrics = await client.get("/metrics")
    assert metrics.status_code == 200
    lines = [
        line for line in metrics.text.splitlines() if f'lane="{lane}"' in line and f'service="{service}"' in line
    ]
    # Dispatch's own timers of this lane wait a day.
    for family in (*WORKED, *(("baoshi_deadlines_total",) if name != "dispatch.routine" else ())):
        counted = [float(line.rpartition(" ")[2]) for line in lines if line.startswith(family + "{")]
        assert sum(counted) > 0, family
