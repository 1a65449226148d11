"""What real services decided, on a real Kafka, is what the rules give again for the register's log of it."""

from datetime import timedelta

import pytest

from services.register.rehearsal_settings import RehearsalSettings
from services.register.rehearsing import Change, Span, rehearsed
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.folding import Row
from shared.platform.estate_store import stored_estates
from tests.support.installation import Installation

LATE = RehearsalSettings(late_s=60)
"""Three real seconds: the clock runs 20 times as fast, and the machine is a test's."""
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
    await town.seen(report, "task.changed", task_id=task, what="acknowledged")
    await town.seen(absent, "rung.reached", 60, clock="ack", role="management_director")
    for one in (report, absent):
        found = await _rehearsed(town, one)
        shown = [row for row in found["reports"][0]["rows"] if row["status"] != "same"]
        assert (shown, found["real"]["unfit"], found["real"]["unfaithful"]) == ([], 0, 0)
        assert found["real"]["told"]["same"] > 5


async def _rehearsed(town: Installation, report_id: str) -> Row:
    """Up to what was decided last of it: what is on its way to the register just now is not there yet."""
    events = await town.events(report_id)
    first, last = min(e["accepted_at"] for e in events), max(e["accepted_at"] for e in events)
    playbooks = load_playbooks()
    stored = {one.estate.estate: one for one in await stored_estates(town.store)}
    span = Span(tuple(stored), first, last - timedelta(seconds=1), report_id)
    return await rehearsed(town.store, span, Change(playbooks, playbooks, {}), stored, LATE, 10)
