"""Who takes part: at night one person may hold several roles; nobody is escalated to himself."""

from datetime import time

import pytest

from shared.domain.estates.roster import Estate
from shared.domain.estates.rows import Shift
from tests.support.estate import an_estate
from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


def at_night() -> Estate:
    """One man is leader, gate and guard; another holds control room and desk; the heads sleep at home."""
    estate = an_estate("yeban")
    alone = Shift(persons=("leader-1",), roles=("shift_leader", "guard", "gate_guard"), start=time(), end=time())
    desk = Shift(persons=("control-1",), roles=("control_room", "customer_assistant"), start=time(), end=time())
    heads = [s for s in estate.shifts if {"service_head", "management_director"} & set(s.roles)]
    return estate.model_copy(update={"shifts": (alone, desk, *heads), "posts": ()})


async def test_the_next_rung_is_somebody_else(town: Installation) -> None:
    await town.apply(at_night())
    report = await town.file("medical", estate="yeban", help=["ambulance"], place="3栋1单元1201", patient_phone="1")
    leader = await town.seen(report, "task.assigned", step="tell_leader")
    assert leader["to"]["person"] == "leader-1"
    skipped = await town.seen(report, "rung.skipped", 60, task_id=leader["task_id"], role="security_supervisor")
    assert skipped["why"] == "nobody"
    rung = await town.seen(report, "rung.reached", 60, task_id=leader["task_id"], clock="ack")
    assert rung["persons"] == ["director-1"]
    gate = await town.seen(report, "task.assigned", 60, step="meet")
    assert gate["to"]["person"] == "leader-1"
    past = await town.seen(report, "rung.skipped", 60, task_id=gate["task_id"], role="shift_leader")
    assert past["why"] == "already_asked"
    assert (await town.seen(report, "task.assigned", step="call_120"))["to"]["person"] == "control-1"
