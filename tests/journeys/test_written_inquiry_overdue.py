"""S4.1: an unanswered written inquiry is reminded of at 24 and 40 h and told to the director at 48 h."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.estate import an_estate
from tests.support.installation import Installation, until
from tests.support.stack import Names, StackAddress

pytestmark = [pytest.mark.journey, pytest.mark.stack]
TWO_HOURS_A_SECOND = 7200.0


@pytest_asyncio.fixture
async def fast(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[Installation]:
    installation = Installation(stack.bootstrap, stack.mongo_uri, names, tmp_path, TWO_HOURS_A_SECOND)
    try:
        await installation.prepare(an_estate())
        await installation.start("intake", "dispatch.routine", "escalation.routine", "register")
        yield installation
    finally:
        await installation.stop()


async def test_reminded_twice_then_the_director(fast: Installation) -> None:
    report = await fast.file("inquiry", channel="written", text="请问明年物业费标准?")
    filed = await fast.seen(report, "report.filed")
    overdue = await fast.seen(report, "notice.issued", 90, name="written_overdue")
    assert overdue["to"]["person"] == "director-1" and overdue["clause"] == ["S4.1"]

    async def twice() -> bool:
        return len([n for n in await fast.events(report, "notice.issued") if n["name"] == "written_due"]) == 2

    assert await until(twice), "the head was not reminded twice"
    notices = await fast.events(report, "notice.issued")
    due = sorted(n["accepted_at"] - filed["accepted_at"] for n in notices if n["name"] == "written_due")
    assert due[0] >= timedelta(hours=24) and due[1] >= timedelta(hours=40)
    assert overdue["accepted_at"] - filed["accepted_at"] >= timedelta(hours=48)
    assert {n["to"]["person"] for n in notices if n["name"] == "written_due"} == {"head-1"}
