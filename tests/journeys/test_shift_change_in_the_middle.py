"""Who takes part: what was acknowledged stays that person's over a shift change until it is handed over by name."""

import pytest

from shared.domain.estates.roster import Estate, Person
from tests.support.estate import an_estate
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
HEART_ATTACK = {
    "estate": "huanban",
    "help": ["ambulance"],
    "place": "3栋1单元1201",
    "patient_phone": "13800138000",
}


def on_duty(leader: str) -> Estate:
    """The same estate with this shift leader."""
    estate = an_estate("huanban")
    shifts = [
        s.model_copy(update={"persons": (leader,)}) if "shift_leader" in s.roles else s for s in estate.shifts
    ]
    people = (*estate.people, Person(id="leader-2", name="接班人"))
    return estate.model_copy(update={"shifts": tuple(shifts), "people": people})


async def test_the_old_leader_keeps_his_task_until_the_new_one_has_it(town: Installation) -> None:
    await town.apply(on_duty("leader-1"))
    report = await town.file("medical", **HEART_ATTACK)
    task = await town.task(report, "tell_leader")
    await town.reply(task, "acknowledge", "shift_leader", "leader-1")
    await town.seen(report, "task.changed", task_id=task, what="acknowledged")
    first = await town.seen(report, "task.assigned", step="tell_leader")
    await town.apply(on_duty("leader-2"))
    later = await town.seen(await town.file("medical", **HEART_ATTACK), "task.assigned", step="tell_leader")
    assert later["to"]["person"] == "leader-2"
    await town.reply(task, "hand_on", "shift_leader", "leader-1", reason="23点交班,120已叫", to_person="leader-2")
    handed = await town.seen(report, "task.changed", task_id=task, what="handed_over")
    assert handed["to"]["person"] == "leader-2" and not handed.get("finish_by")
    await town.reply(task, "acknowledge", "shift_leader", "leader-2")
    await town.complete(report, "tell_leader", "told", "shift_leader")
    assert [e["task_id"] for e in await town.events(report, "task.assigned") if e["step"] == "tell_leader"] == [
        task
    ]
    assert first["finish_by"]
