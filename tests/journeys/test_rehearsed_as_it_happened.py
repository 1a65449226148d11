"""What real services decided, on a real Kafka, is what the rules give again for the register's log of it."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from services.register.rehearsal_settings import RehearsalSettings
from services.register.rehearsing import Change, Span, rehearsed
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.folding import Row
from shared.platform.estate_store import stored_estates
from tests.support.installation import Installation, until

LATE = RehearsalSettings(late_s=60)
"""Three real seconds: the clock runs 20 times as fast, and the machine is a test's."""
QUIET = timedelta(seconds=8)
"""Longer than a ticker's sleep and the way to the register, on that clock."""
pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_answers_ladders_and_clocks_come_out_as_they_were(town: Installation) -> None:
    """A leader's ladder climbs, a gate answers, 120 is called; another estate's leader is absent."""
    report = await town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    absent = await town.file("medical", estate="wuren", help=["ambulance"], place="3栋1单元1201")
    task = await town.task(report, "tell_leader")
    await town.complete(report, "call_120", "coming", "customer_assistant", condition="胸痛")
    await town.seen(report, "rung.reached", 60, task_id=task, clock="ack", role="management_director")
    await town.reply(task, "acknowledge", "management_director", "director-1")
    await town.reply(await town.task(report, "meet", 1), "acknowledge", "gate_guard", "gate-1")
    answered = await town.seen(report, "task.changed", task_id=task, what="acknowledged")
    reached = await town.seen(absent, "rung.reached", 60, clock="ack", role="management_director")
    for one, told in ((report, answered), (absent, reached)):
        found = await _rehearsed(town, one, told["accepted_at"])
        shown = [row for row in found["reports"][0]["rows"] if row["status"] != "same"]
        assert (shown, found["real"]["unfit"], found["real"]["unfaithful"]) == ([], 0, 0)
        assert found["real"]["told"]["same"] > 5


async def _rehearsed(town: Installation, report_id: str, wanted: datetime) -> Row:
    """Up to a quiet moment after what is wanted: a bell due just before the end would have rung just after it."""
    quiet: list[datetime] = []

    async def is_quiet() -> bool:
        times = sorted(e["accepted_at"] for e in await town.events(report_id))
        quiet[:] = [at + QUIET / 2 for at, then in pairwise(times) if at >= wanted and then - at > QUIET]
        return bool(quiet)

    assert await until(is_quiet, 60)
    first = min(e["accepted_at"] for e in await town.events(report_id))
    playbooks = load_playbooks()
    stored = {one.estate.estate: one for one in await stored_estates(town.store)}
    span = Span(tuple(stored), first, quiet[-1], report_id)
    return await rehearsed(town.store, span, Change(playbooks, playbooks, {}), stored, LATE, 10)
