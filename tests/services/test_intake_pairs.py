"""Two events of one request: whatever ends a case is durable last, so that a broken pair leaves nobody unheard."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.vocabulary import LANES, Lane
from shared.platform.errors import Unavailable
from shared.platform.records import Outgoing
from tests.support.intake import NOW, IntakeAtHand, intake_at_hand

HEX = "0" * 31 + "1"
EMERGENCY, ROUTINE = f"emergency.medical.qinghe.{HEX}", f"routine.general.qinghe.{HEX}"
SECOND = EMERGENCY[:-1] + "2"
BY = {"role": "customer_assistant"}
EARLIER = (NOW - timedelta(hours=1)).isoformat()
FOLLOWS = {"category": "medical", "follows": EMERGENCY, "clock_from": EARLIER}
FOLLOWS_ROUTINE = {**FOLLOWS, "follows": ROUTINE}
JOINS = {"category": "medical", "same_event_as": EMERGENCY}
LINKS = {"type": "link", "to_report_id": EMERGENCY, "by": BY}
REPORTS, AMENDMENTS = "/v1/reports", f"/v1/reports/{SECOND}/amendments"
PAIRS: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    (REPORTS, FOLLOWS, ("report.filed", "report.followed")),
    (REPORTS, FOLLOWS_ROUTINE, ("report.filed", "report.followed")),
    (REPORTS, JOINS, ("report.joined", "report.filed")),
    (AMENDMENTS, LINKS, ("report.joined", "amendment.linked")),
]


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


class Kafka:
    """Of both lanes: what it took, in order, a publish at a time; `without` is a partition that is away."""

    def __init__(self, intake: IntakeAtHand, without: str | None = None) -> None:
        self.without, self.taken = without, list[str]()
        self.publishes = list[list[str]]()
        for publisher in intake.publishers.values():
            publisher.publish = self._publish  # type: ignore[method-assign]

    async def _publish(self, records: Sequence[Outgoing], timeout: float | None = None) -> None:
        kinds = {record: dict(record.headers)["ce_type"].decode() for record in map(_hashable, records)}
        there = [kind for kind in kinds.values() if kind != self.without]
        self.taken += there
        self.publishes.append(there)
        if len(there) < len(kinds):
            raise Unavailable("a partition is away")


def _hashable(record: Outgoing) -> Any:
    return record._replace(headers=tuple(record.headers))  # type: ignore[arg-type]


def spools_are_full(intake: IntakeAtHand, full: bool = True) -> None:
    for lane in LANES:
        intake.lines[lane].spool._segments._most = 0 if full else 10**6


async def drained(intake: IntakeAtHand, *lanes: Lane) -> None:
    task = asyncio.create_task(intake.drain.run())
    while any(intake.lines[lane].spool.unsent for lane in lanes or LANES):
        await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(("path", "body", "kinds"), PAIRS)
async def test_each_is_sent_when_the_one_before_is_durable(
    intake: IntakeAtHand, path: str, body: dict[str, Any], kinds: tuple[str, str]
) -> None:
    kafka = Kafka(intake)
    answer = await intake.post(path, body)
    assert (answer.status_code, answer.json()["durable"]) == (202, "kafka")
    assert kafka.publishes == [[kinds[0]], [kinds[1]]]


@pytest.mark.parametrize(("path", "body", "kinds"), PAIRS)
async def test_what_ends_a_case_never_stands_alone(
    intake: IntakeAtHand, path: str, body: dict[str, Any], kinds: tuple[str, str]
) -> None:
    spools_are_full(intake)
    kafka = Kafka(intake, without=kinds[0])
    assert (await intake.post(path, body)).status_code == 503
    assert kafka.taken == []


@pytest.mark.parametrize(("path", "body", "kinds"), PAIRS)
async def test_half_a_pair_is_no_promise_and_the_same_key_completes_it(
    intake: IntakeAtHand, path: str, body: dict[str, Any], kinds: tuple[str, str]
) -> None:
    spools_are_full(intake)
    kafka = Kafka(intake, without=kinds[1])
    assert (await intake.post(path, body, idempotency_key="k")).status_code == 503
    assert kafka.taken == [kinds[0]]
    kafka.without = None
    assert (await intake.post(path, body, idempotency_key="k")).status_code == 202
    assert kafka.taken == [kinds[0], *kinds]


@pytest.mark.parametrize(("path", "body", "kinds"), PAIRS)
async def test_one_lanes_spool_full_keeps_the_order(
    intake: IntakeAtHand, path: str, body: dict[str, Any], kinds: tuple[str, str]
) -> None:
    """The first's lane has neither Kafka nor spool, the other lane has both."""
    publisher = intake.publishers["emergency"]
    publisher.answers = False
    intake.lines["emergency"].spool._segments._most = 0
    assert (await intake.post(path, body)).status_code == 503
    assert intake.sent == []


@pytest.mark.parametrize(("path", "body", "kinds"), PAIRS)
async def test_what_waits_in_the_spool_is_sent_one_after_the_other(
    intake: IntakeAtHand, path: str, body: dict[str, Any], kinds: tuple[str, str]
) -> None:
    """Also where the other lane's Kafka answers, and whatever else waits there."""
    kafka = Kafka(intake, without=kinds[0])
    answer = await intake.post(path, body)
    assert (answer.status_code, answer.json()["durable"]) == (202, "spool")
    await intake.post(f"/v1/tasks/{EMERGENCY}.call_120.1/replies", {"type": "acknowledge", "by": BY})
    assert kinds[1] not in kafka.taken
    task = asyncio.create_task(intake.drain.run())
    await asyncio.sleep(0.05)
    assert kinds[1] not in kafka.taken
    task.cancel()
    kafka.without = None
    await drained(intake)
    assert kafka.taken.index(kinds[0]) < kafka.taken.index(kinds[1])
    assert not [some for some in kafka.publishes if kinds[1] in some[1:]]


async def test_a_restart_remembers_what_goes_last(tmp_path: Path) -> None:
    async with intake_at_hand(tmp_path) as before:
        before.kafka_answers(False)
        assert (await before.post(REPORTS, FOLLOWS)).json()["durable"] == "spool"
    async with intake_at_hand(tmp_path) as after:
        kafka = Kafka(after)
        await drained(after)
        assert kafka.publishes == [["report.filed"], ["report.followed"]]


async def test_a_pair_stands_in_the_spool_whole_or_not_at_all(intake: IntakeAtHand) -> None:
    intake.kafka_answers(False)
    intake.lines["emergency"].spool._segments._most = 1500
    assert (await intake.post(REPORTS, FOLLOWS)).status_code == 503
    assert intake.lines["emergency"].spool.unsent == 0


async def test_the_answer_is_about_what_was_asked(intake: IntakeAtHand) -> None:
    filed = (await intake.post(REPORTS, JOINS)).json()
    linked = (await intake.post(AMENDMENTS, LINKS)).json()
    of = {str(event.event_id): event for event in intake.sent}
    assert of[filed["event_id"]].type == "report.filed" and of[filed["event_id"]].report_id == filed["report_id"]
    assert of[linked["event_id"]].type == "amendment.linked" and linked["report_id"] == SECOND
