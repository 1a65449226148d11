"""An estate has its own limits, and a case keeps those it was opened with when the file changes under it."""

from datetime import timedelta

import pytest

from shared.domain.estates.roster import Estate
from shared.domain.playbooks.own_rows import Override
from tests.support.estate import an_estate
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


def own_limits(**finish: str) -> Estate:
    """Its finishing limits of steps of a repair."""
    rows = [
        Override(playbook="repair", step=step, limits=({"clock": "finish", "value": value},))
        for step, value in finish.items()
    ]
    return an_estate("ziding").model_copy(update={"overrides": tuple(rows)})


async def finish_of(town: Installation, report: str, step: str) -> timedelta:
    task = await town.seen(report, "task.assigned", step=step)
    within: timedelta = task["finish_by"] - task["assigned_at"]
    return within


async def taken_in(town: Installation) -> str:
    return await town.file("repair", estate="ziding", text="纱窗坏了")


async def unlisted(town: Installation, report: str) -> None:
    said = {"urgency": "daily", "on_price_list": False}
    await town.complete(report, "take_repair", "unlisted", "customer_assistant", **said)


async def test_the_estates_own_limit_and_the_one_a_case_began_with(town: Installation) -> None:
    await town.apply(own_limits(take_repair="5m", quote="30m"))
    old = await taken_in(town)
    assert await finish_of(town, old, "take_repair") == timedelta(minutes=5)
    await town.apply(own_limits(quote="40m"))
    new = await taken_in(town)
    assert await finish_of(town, new, "take_repair") == timedelta(minutes=2), "the playbook's own again"
    for report in (old, new):
        await unlisted(town, report)
    assert await finish_of(town, old, "quote") == timedelta(minutes=30)
    assert await finish_of(town, new, "quote") == timedelta(minutes=40)
