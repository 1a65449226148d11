"""Codes of two digits on a real MongoDB: unlike any other open at their owner, alive as long as their task."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.notify.air import Air
from services.notify.answers import Answers
from services.notify.open_tasks import OpenTasks
from shared.contracts.event import Speaker
from shared.domain.notifying.answers import Task
from shared.platform.mongo import Database, connect, database
from shared.platform.records import Outgoing
from shared.platform.settings import Settings
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
BY = Speaker(role="gate_guard", post="gate-south")


@pytest.fixture
async def store(stack: StackAddress, names: Names) -> AsyncIterator[Database]:
    settings = Settings(mongo=stack.mongo_uri, mongo_database=names.database)
    async with connect(settings) as client:
        yield database(client, settings)


def task(n: int, lane: str = "emergency") -> Task:
    category = "medical" if lane == "emergency" else "inquiry"
    return Task(f"{lane}.{category}.qinghe.{n:032x}.meet.1", lane, BY)  # type: ignore[arg-type]


async def test_two_tasks_at_one_post_never_share_a_code_whoever_gives_it(store: Database) -> None:
    copies = [OpenTasks(store), OpenTasks(store), OpenTasks(store)]
    await copies[0].prepare()
    asked = [
        copies[n % 3].code("qinghe", "post:gate-south", task(n, ("emergency", "routine")[n % 2]), {})
        for n in range(60)
    ]
    codes = await asyncio.gather(*asked)
    assert len(set(codes)) == 60
    assert all(code and len(code) == 2 and code.isdigit() for code in codes)


async def test_a_task_keeps_its_code_for_every_page_and_in_every_process(store: Database) -> None:
    first, second = OpenTasks(store), OpenTasks(store)
    await first.prepare()
    code = await first.code("qinghe", "post:gate-south", task(1), {"n": 1})
    assert await first.code("qinghe", "post:gate-south", task(1), {"n": 2}) == code
    assert await second.code("qinghe", "post:gate-south", task(1), {"n": 3}) == code
    (asked,) = await second.asked("qinghe", "post:gate-south", code)
    assert asked.task.task_id == task(1).task_id and asked.last == {"n": 3}


async def test_an_ended_tasks_code_names_nothing_and_rests(store: Database) -> None:
    """A late answer names a task that is over, not the next one."""
    codes = OpenTasks(store)
    await codes.prepare()
    code = await codes.code("qinghe", "post:gate-south", task(1), {})
    await codes.end([task(1).task_id])
    assert await codes.asked("qinghe", "post:gate-south", code) == []
    assert await codes.code("qinghe", "post:gate-south", task(2), {}) not in (None, code)


async def test_with_all_codes_taken_the_one_that_rests_for_longest_is_given_again(store: Database) -> None:
    codes = OpenTasks(store)
    await codes.prepare()
    given = [await codes.code("qinghe", "post:gate-south", task(n), {}) for n in range(90)]
    await codes.end([task(40).task_id])
    await codes.end([task(7).task_id])
    assert await codes.code("qinghe", "post:gate-south", task(91), {}) == given[40]


async def test_a_task_that_opens_again_has_its_code_again(store: Database) -> None:
    codes = OpenTasks(store)
    await codes.prepare()
    code = await codes.code("qinghe", "post:gate-south", task(1), {})
    await codes.end([task(1).task_id])
    assert await OpenTasks(store).code("qinghe", "post:gate-south", task(1), {}) == code
    assert len(await codes.asked("qinghe", "post:gate-south", code)) == 1


async def test_what_an_answer_was_taken_for_is_kept_whoever_hears_it_again(store: Database) -> None:
    answers, event_id = Answers(store), uuid4()
    first = [Outgoing("replies.emergency", "k", b"first", [("ce_id", b"1")])]
    assert await answers.kept(event_id) is None
    assert await answers.keep(event_id, first) == first
    other = [Outgoing("replies.emergency", "k", b"second", [])]
    assert await Answers(store).keep(event_id, other) == first
    assert await answers.kept(event_id) == first


async def test_emergencies_on_the_air_add_up(store: Database) -> None:
    air = Air(store, share=1.0)
    for _ in range(30):
        await air.count("qinghe/pager", 10.0)
    row = await store["notify_air"].find_one({"_id": "qinghe/pager"})
    assert row and 290 < (row["busy_until"] - datetime.now(UTC)).total_seconds() <= 300
    assert row["emergency_s"] == 300


async def test_the_same_code_at_another_post_or_estate_is_another_task(store: Database) -> None:
    codes = OpenTasks(store)
    await codes.prepare()
    here = await codes.code("qinghe", "post:gate-south", task(1), {})
    assert here == await codes.code("qinghe", "post:gate-north", task(2), {})
    assert here == await codes.code("duli", "post:gate-south", task(3), {})
    (asked,) = await codes.asked("qinghe", "post:gate-north", here)
    assert asked.task.task_id == task(2).task_id


async def test_the_ninety_first_open_task_has_no_code_and_is_found_by_no_wrong_one(store: Database) -> None:
    codes = OpenTasks(store)
    await codes.prepare()
    for n in range(90):
        assert await codes.code("qinghe", "post:gate-south", task(n), {})
    assert await codes.code("qinghe", "post:gate-south", task(91), {}) is None


async def test_who_is_asked_again_in_another_role_answers_in_that_one(store: Database) -> None:
    codes = OpenTasks(store)
    await codes.prepare()
    code = await codes.code("qinghe", "person:leader-1", task(1), {})
    as_leader = task(1)._replace(by=Speaker(role="shift_leader", person="leader-1"))
    await codes.code("qinghe", "person:leader-1", as_leader, {})
    (asked,) = await codes.asked("qinghe", "person:leader-1", code)
    assert asked.task.by.role == "shift_leader"


async def test_a_routine_page_takes_the_air_only_when_it_is_free_and_an_emergency_asks_nobody(
    store: Database,
) -> None:
    air = Air(store, share=1.0)
    assert await air._take("qinghe/pager", 30.0) == 0.0
    assert await air._take("qinghe/pager", 30.0) > 0.0
    assert await air._take("qinghe/other", 30.0) == 0.0
    await air.count("qinghe/third", 30.0)
    assert await air._take("qinghe/third", 1.0) > 0.0
    row = await store["notify_air"].find_one({"_id": "qinghe/third"})
    assert row and row["emergency_s"] == 30.0


async def test_two_processes_share_one_account_of_the_air(store: Database) -> None:
    found = await asyncio.gather(*(Air(store, 1.0)._take("qinghe/pager", 30.0) for _ in range(10)))
    assert sum(left == 0.0 for left in found) == 1


async def test_who_handed_a_task_over_has_no_code_of_it_any_more(store: Database) -> None:
    """Asked again by a later message, the same post keeps its own."""
    codes, first, second = OpenTasks(store), uuid4(), uuid4()
    await codes.prepare()
    for owner in ("person:guard-1", "person:guard-2"):
        await codes.code("qinghe", owner, task(1), {"message": first})
    await codes.code("qinghe", "person:guard-2", task(1), {"message": second})
    await codes.end_asked(task(1).task_id, first)
    assert await codes.asked("qinghe", "person:guard-1", None) == []
    assert len(await codes.asked("qinghe", "person:guard-2", None)) == 1
