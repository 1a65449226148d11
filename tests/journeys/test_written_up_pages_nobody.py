"""S9: what is written up after an outage has its time of happening and its time of entry, and pages nobody."""

from datetime import timedelta

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_it_is_in_the_register_and_nowhere_else(town: Installation) -> None:
    other = await town.file("inquiry", text="几点关门?")
    happened = (await town.seen(other, "report.filed"))["accepted_at"] - timedelta(hours=3)
    report = await town.file(
        "medical",
        help=["ambulance"],
        place="3栋1单元1201",
        written_up=True,
        occurred_at=happened.isoformat(),
        text="停电期间手记",
    )
    closed = await town.seen(report, "report.closed")
    assert closed["why"] == "written_up"
    filed = await town.seen(report, "report.filed")
    assert filed["occurred_at"] == happened and filed["accepted_at"] > happened
    # An emergency without a task is rung after 30 s; after a minute and a half of the town's time nothing was.
    later = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    await town.seen(later, "task.assigned", step="meet")
    await town.seen(later, "limit.passed", 60, clock="finish")
    for silent in ("task.assigned", "notice.issued", "rung.reached", "report.unassigned"):
        assert not await town.events(report, silent)
    found = (await town.get(f"/v1/reports/{report}")).json()
    assert found["row"]["written_up"] and found["row"]["state"] == "closed"
