"""What guards answer on pagers carries tasks on; answered twice, too late or in wrong words, nothing breaks."""

import re

import pytest

from cli.demoing.pager_server import Paged, PagerServer
from tests.support.devices import PAGERS
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
_CODE = re.compile(r"(?P<code>\d\d) ")


async def paged(server: PagerServer, person: str, *words: str, seconds: float = 30.0) -> Paged:
    """The latest page to this person with all these words, once it has come."""
    found: list[Paged] = []

    async def there() -> bool:
        mine = [p for p in server.pages if p.pager == PAGERS[person]]
        found[:] = [p for p in mine if all(word in p.text for word in words)]
        return bool(found)

    assert await until(there, seconds), f"{person} was not paged {words}"
    return found[-1]


def code_of(page: Paged) -> str:
    found = _CODE.match(page.text)
    assert found, page.text
    return found["code"]


async def test_the_leaders_answer_stops_the_ladder_and_stands_in_the_register(
    paged_town: Installation, answering: PagerServer
) -> None:
    report = await paged_town.file("medical", estate="duli", help=["ambulance"], place="3栋1单元101")
    page = await paged(answering, "leader-1", "AMBULANCE", "B3-1-101")
    answering.reply(page.tag, f"{code_of(page)} OK")
    task = f"{report}.tell_leader.1"
    said = await paged_town.seen(report, "reply.acknowledged", task_id=task)
    assert said["by"] == {"role": "shift_leader", "person": "leader-1"}
    assert said["words"] == f"{code_of(page)} OK"
    await paged_town.seen(report, "task.changed", task_id=task, what="acknowledged")
    answered = await paged_town.seen(report, "delivery.answered", task_id=task)
    assert answered["device"] == "pager-leader-1"
    rungs = [e for e in await paged_town.events(report, "rung.reached") if e["task_id"] == task]
    assert not [e for e in rungs if e["clock"] == "ack"]


async def test_each_gate_answers_for_its_own_task(paged_town: Installation, answering: PagerServer) -> None:
    report = await paged_town.file("medical", estate="duli", help=["ambulance"], place="3栋1单元102")
    leader = await paged(answering, "leader-1", "B3-1-102")
    answering.reply(leader.tag, f"{code_of(leader)} 1")
    for number, gate in enumerate(("gate-1", "gate-2"), start=1):
        page = await paged(answering, gate, "AMBULANCE", "B3-1-102", seconds=60)
        answering.reply(page.tag, f"{code_of(page)} 3")
        said = await paged_town.seen(report, "reply.arrived", by__person=gate)
        assert said["task_id"] == f"{report}.meet.{number}"


async def test_an_answer_without_a_code_counts_where_one_task_alone_is_open(
    paged_town: Installation, answering: PagerServer
) -> None:
    report = await paged_town.file("security", estate="duli", kind="theft", place="3栋1单元103")
    page = await paged(answering, "control-1", "B3-1-103")
    answering.reply(page.tag, "ROGER")
    await paged_town.seen(report, "reply.acknowledged", by__role="control_room")


async def test_words_that_mean_nothing_are_shown_to_the_desk(
    paged_town: Installation, answering: PagerServer
) -> None:
    report = await paged_town.file("medical", estate="duli", help=["ambulance"], place="3栋1单元104")
    page = await paged(answering, "leader-1", "B3-1-104")
    answering.reply(page.tag, f"{code_of(page)} STUCK IN THE LIFT")
    notice = await paged_town.seen(report, "notice.issued", name="answer_unplaced")
    assert notice["to"]["role"] == "customer_assistant"
    shown = await paged(answering, "desk-1", "NOT UNDERSTOOD")
    assert "pager-leader-1" in shown.text
    answered = await paged_town.seen(report, "delivery.answered", task_id=f"{report}.tell_leader.1")
    assert answered["words"].endswith("STUCK IN THE LIFT")


async def test_done_without_its_outcome_is_the_desks_to_enter(
    paged_town: Installation, answering: PagerServer
) -> None:
    report = await paged_town.file("medical", estate="duli", help=["transport"], place="3栋1单元105")
    page = await paged(answering, "leader-1", "B3-1-105")
    answering.reply(page.tag, f"{code_of(page)} DONE")
    notice = await paged_town.seen(report, "notice.issued", name="answer_unplaced")
    assert notice["task_id"] == f"{report}.place_two.1"
    assert await paged_town.events(report, "reply.completed") == []


async def test_an_answer_to_a_closed_task_is_shown_to_the_desk_and_changes_nothing(
    paged_town: Installation, answering: PagerServer
) -> None:
    report = await paged_town.file("medical", estate="duli", help=["ambulance"], place="3栋1单元106")
    page = await paged(answering, "leader-1", "B3-1-106")
    await paged_town.complete(report, "tell_leader", "told", "shift_leader")

    async def code_is_free() -> bool:
        query = {"estate": "duli", "task_id": f"{report}.tell_leader.1", "ended_at": {"$exists": False}}
        return await paged_town.store["notify_open_tasks"].find_one(query) is None

    assert await until(code_is_free)
    answering.reply(page.tag, f"{code_of(page)} OK")
    await paged(answering, "desk-1", "FITS NO TASK", "pager-leader-1")
    assert await paged_town.events(report, "reply.acknowledged") == []


async def test_an_answer_given_twice_is_one_answer_each_and_the_second_changes_nothing(
    paged_town: Installation, answering: PagerServer
) -> None:
    """Once on the task's own page, once on the reminder of the same task: the same code, the same task."""
    report = await paged_town.file("medical", estate="duli", help=["ambulance"], place="3栋1单元107")
    first = await paged(answering, "leader-1", "AMBULANCE", "B3-1-107")
    again = await paged(answering, "leader-1", "PASSED UP", "B3-1-107", seconds=60)
    task = f"{report}.tell_leader.1"
    for page in (first, again):
        answering.reply(page.tag, f"{code_of(first)} OK")
    await paged_town.seen(report, "task.changed", task_id=task, what="acknowledged")
    changed = [e for e in await paged_town.events(report, "task.changed") if e["task_id"] == task]
    assert len([e for e in changed if e["what"] == "acknowledged"]) == 1
