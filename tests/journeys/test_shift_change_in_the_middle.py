"""Who takes part: what was acknowledged stays that person's over a shift change until it is handed over by name."""

from datetime import datetime, time, timedelta

import pytest

from shared.domain.estates.roster import Estate, Person
from shared.domain.estates.rows import Shift
from shared.platform.clock import Clock
from tests.support.estate import an_estate
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
HEART_ATTACK = {
    "estate": "huanban",
    "help": ["ambulance"],
    "place": "3栋1单元1201",
    "patient_phone": "13800138000",
}
SOON, A_LITTLE = timedelta(minutes=10), timedelta(minutes=1)


def two_leaders(turn: datetime) -> Estate:
    """Leader 1 until then, leader 2 afterwards."""
    estate = an_estate("huanban")
    turn = turn.astimezone(estate.zone)
    other = [s for s in estate.shifts if "shift_leader" not in s.roles]
    change, half_a_day_on = turn.time(), (turn + timedelta(hours=12)).time()
    before, after = _shift("leader-1", half_a_day_on, change), _shift("leader-2", change, half_a_day_on)
    people = (*estate.people, Person(id="leader-2", name="接班人"))
    return estate.model_copy(update={"shifts": (*other, before, after), "people": people})


def _shift(person: str, start: time, end: time) -> Shift:
    return Shift(persons=(person,), roles=("shift_leader",), start=start, end=end)


async def test_the_old_leader_keeps_his_task_until_the_new_one_has_it(town: Installation) -> None:
    clock = Clock.of(town.settings)
    turn = (clock.now() + SOON).replace(second=0, microsecond=0)
    await town.apply(two_leaders(turn))
    report = await town.file("medical", **HEART_ATTACK)
    first = await town.seen(report, "task.assigned", step="tell_leader")
    task = first["task_id"]
    assert first["to"]["person"] == "leader-1" and first["finish_by"]
    await town.reply(task, "acknowledge", "shift_leader", "leader-1")
    await town.seen(report, "task.changed", task_id=task, what="acknowledged")

    async def off_duty() -> bool:
        return clock.now() >= turn + A_LITTLE

    assert await until(off_duty, 120), "the town's clock stands still"
    later = await town.seen(await town.file("medical", **HEART_ATTACK), "task.assigned", step="tell_leader")
    assert later["to"]["person"] == "leader-2"
    assert not [e for e in await town.events(report, "task.changed") if e["what"] == "handed_over"]
    await town.reply(task, "hand_on", "shift_leader", "leader-1", reason="23点交班,120已叫", to_person="leader-2")
    handed = await town.seen(report, "task.changed", task_id=task, what="handed_over")
    assert handed["to"]["person"] == "leader-2" and not handed.get("finish_by")
    await town.reply(task, "acknowledge", "shift_leader", "leader-2")
    await town.complete(report, "tell_leader", "told", "shift_leader")
    sent = [e["task_id"] for e in await town.events(report, "task.assigned") if e["step"] == "tell_leader"]
    assert sent == [task]
