"""An ambulance while the paging server refuses, hangs, babbles or dies; nobody on duty; 300 routine ones first."""

from datetime import datetime
from uuid import uuid4

import pytest

from shared.contracts.event import Addressee, Words
from shared.contracts.notices import NoticeIssued
from shared.platform.clock import Clock
from shared.platform.publishing import Publisher
from shared.platform.records import outgoing
from tests.support.devices import PAGERS
from tests.support.installation import Installation, until
from tests.support.peers.paging_server import Mood, PagingServer

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
LEADER, SUPERVISOR = PAGERS["leader-1"], PAGERS["supervisor-1"]


async def came(pagers: PagingServer, pager: str, *words: str, since: int = 0, seconds: float = 40.0) -> str:
    """The first page to this pager with all these words, once it has come."""
    found: list[str] = []

    async def there() -> bool:
        found[:] = [p.text for p in pagers.pages[since:] if p.pager == pager and all(w in p.text for w in words)]
        return bool(found)

    assert await until(there, seconds), f"no page to {pager} with {words}: {pagers.pages[since:]}"
    return found[0]


async def test_the_ambulance_is_on_the_leaders_pager_and_at_every_gate(
    paged_town: Installation, pagers: PagingServer
) -> None:
    report = await paged_town.file("medical", help=["ambulance"], place="3栋1单元1201", patient_phone="13800138000")
    text = await came(pagers, LEADER, "AMBULANCE", "B3-1-1201")
    assert text.isascii() and "138" not in text
    attempted = await paged_town.seen(report, "delivery.attempted", device="pager-leader-1")
    await paged_town.seen(report, "delivery.accepted", because_of=attempted["event_id"])
    for gate in ("gate-1", "gate-2"):
        await came(pagers, PAGERS[gate], "B3-1-1201")


@pytest.mark.parametrize("mood", ["refuses", "babbles", "hangs", "away"])
async def test_whatever_the_paging_server_does_the_next_rung_is_asked(
    paged_town: Installation, pagers: PagingServer, mood: Mood
) -> None:
    if mood == "away":
        await pagers.close()
    pagers.mood = mood
    report = await paged_town.file("medical", help=["ambulance"], place="1栋2单元302")
    task = f"{report}.tell_leader.1"
    await paged_town.seen(report, "delivery.failed", task_id=task, seconds=60)
    reached = await paged_town.seen(report, "rung.reached", task_id=task, role="security_supervisor")
    assert reached["clock"] == "ack"
    since = len(pagers.pages)
    if mood == "away":
        await pagers.open()
    pagers.mood = "well"
    # The top rung is asked again and again: now somebody hears of it.
    await came(pagers, PAGERS["director-1"], "B1-2-302", since=since, seconds=90)


async def test_a_server_that_dies_after_the_message_pages_once_more_rather_than_never(
    paged_town: Installation, pagers: PagingServer
) -> None:
    pagers.mood = "dies"
    report = await paged_town.file("medical", help=["ambulance"], place="3栋2单元505")
    await came(pagers, LEADER, "B3-2-505")
    await paged_town.seen(report, "delivery.failed", task_id=f"{report}.tell_leader.1", seconds=60)
    pagers.mood = "well"
    await came(pagers, SUPERVISOR, "B3-2-505", seconds=60)


async def test_nobody_on_duty_is_escalations_to_find_and_somebody_is_paged(
    paged_town: Installation, pagers: PagingServer
) -> None:
    report = await paged_town.file("medical", estate="wuren", help=["ambulance"], place="3栋1单元808")
    await paged_town.seen(report, "rung.skipped", task_id=f"{report}.meet.1", role="shift_leader")
    await came(pagers, SUPERVISOR, "B3-1-808", seconds=60)


async def test_three_hundred_routine_notices_do_not_keep_an_emergency_waiting(
    paged_town: Installation, pagers: PagingServer
) -> None:
    pagers.send_takes_s = 0.05
    before = len(pagers.pages)
    await _queue(paged_town, 300)

    async def begun() -> bool:
        return len(pagers.pages) > before + 3

    assert await until(begun, 30)
    await paged_town.file("medical", help=["ambulance"], place="3栋3单元303")
    await came(pagers, LEADER, "AMBULANCE", "B3-3-303", since=before)
    routine = [p for p in pagers.pages[before:] if "NOTE" in p.text]
    assert len(routine) < 250, "the emergency came after the routine notices"


async def test_short_notices_to_one_person_are_joined_and_each_has_its_receipt(
    paged_town: Installation, pagers: PagingServer
) -> None:
    pagers.send_takes_s, before = 0.3, len(pagers.pages)
    notices = await _queue(paged_town, 12, "SHORT {}.")
    for notice in notices:
        await paged_town.seen(notice.report_id, "delivery.accepted", message=notice.event_id)
    pages = [p.text for p in pagers.pages[before:] if "SHORT" in p.text]
    assert len(pages) < 12 and any(" / " in text for text in pages)
    said = [part for text in pages for part in text.split(" / ") if part.startswith("SHORT")]
    assert sorted(said) == sorted(notice.words.en for notice in notices)


async def _queue(
    town: Installation, count: int, words: str = "NOTE {} FOR THE LIST OF THE DAY, NO MORE THAN THAT."
) -> list[NoticeIssued]:
    """Routine notices to the leader, each of a case of its own, as dispatch says them."""
    publisher, now = Publisher(town.settings, "journey"), Clock.of(town.settings).now()
    notices = [_notice(words.format(n), now) for n in range(count)]
    records = [outgoing(notice, "notices.routine", "dispatch") for notice in notices]
    try:
        await publisher.publish(records)
    finally:
        await publisher.stop()
    return notices


def _notice(words: str, now: datetime) -> NoticeIssued:
    return NoticeIssued.model_validate(
        {
            "event_id": uuid4(), "report_id": f"routine.inquiry.qinghe.{uuid4().hex}", "estate_id": "qinghe",
            "occurred_at": now, "accepted_at": now, "case_version": 1, "index": 0, "name": "urgent_repair",
            "clause": ("S7",), "to": Addressee(role="shift_leader", person="leader-1"),
            "words": Words(zh="通知", en=words),
            "urgency": "routine", "valid_until": now.replace(year=now.year + 1),
        }
    )  # fmt: skip
