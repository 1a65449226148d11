"""Revealing a report, on a real MongoDB: by role, with a reason, with the page's token, and never unrecorded."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.docs import recorded
from shared.contracts.event import Event
from shared.contracts.history import read_event
from tests.support.lives import Life, a_paged_life
from tests.support.report_register import ReportRegister, a_report_register
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
REPORT, FILED = r"(?:emergency|routine)\.[a-z]+\.[a-z0-9-]+\.[0-9a-f]{32}", "report.filed.v1"
PHONE, NAME = "13800138005", "尤女士"
WHY = {"reason": "回电住户"}


@pytest.fixture
async def register(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[ReportRegister]:
    async with a_report_register(stack, names, tmp_path) as one:
        yield one


async def test_revealing_is_recorded_before_it_is_answered_and_shown_afterwards(register: ReportRegister) -> None:
    life = a_paged_life()
    await register.take(life)
    desk, path = register.session("customer_assistant"), f"/v1/reports/{life.report_id}/reveals"
    page = (await register.ask("GET", f"/reports/{life.report_id}", desk)).text
    assert PHONE not in page and NAME not in page and "尤**" in page
    answer = await register.ask("POST", path, desk, WHY)
    assert answer.status_code == 200 and answer.json()["row"]["reporter"] == NAME
    assert PHONE in answer.text and answer.headers["cache-control"] == "no-store"
    (kept,) = await register.mongo["readings"].find().to_list()
    assert (kept["report_id"], kept["why"], kept["person"]) == (life.report_id, "回电住户", "desk-1")
    head = register.session("service_head")
    (one,) = (await register.ask("GET", path, head)).json()["reveals"]
    assert (one["name"], one["why"], one["roles"]) == ("何雁", "回电住户", ["customer_assistant"])
    assert "回电住户" in (await register.ask("GET", f"/reports/{life.report_id}", head)).text
    assert PHONE not in (await register.ask("GET", f"/reports/{life.report_id}", desk)).text, "masked again"


async def test_the_page_has_words_for_every_event_there_is(register: ReportRegister) -> None:
    life = Life("medical", drill=True, written_up=True, follows="emergency.medical.lanting.x")
    await register.take(life)
    examples = {
        name: e for name, e in recorded("examples").items() if not name.startswith("door.") and name != FILED
    }
    whole = json.dumps([example for example in examples.values() if example["report_id"]])
    events = [read_event(json.dumps(e).encode()) for e in json.loads(re.sub(REPORT, life.report_id, whole))]
    await register.take_events([event for event in events if isinstance(event, Event)])
    head = register.session("service_head")
    for language in ("zh", "en"):
        page = await register.ask("GET", f"/reports/{life.report_id}?language={language}", head)
        assert page.status_code == 200
        for event in events:
            assert f"<td>{event.type}</td>" in page.text


async def test_who_may_not_see_reveals_nothing_and_is_told_nothing(register: ReportRegister) -> None:
    life = a_paged_life()
    await register.take(life)
    path = f"/v1/reports/{life.report_id}/reveals"
    guard, elsewhere = register.session("guard"), register.session("customer_assistant", estate="bihai")
    desk = register.session("customer_assistant")
    for method in ("GET", "POST"):
        body = WHY if method == "POST" else None
        assert (await register.ask(method, path, guard, body)).status_code == 403
        assert (await register.ask(method, path, elsewhere, body)).status_code == 404
    assert (await register.ask("POST", path, desk, WHY, forged=True)).status_code == 403
    for wrong in ({}, {"reason": "  "}, {"reason": "x" * 201}, {**WHY, "more": 1}):
        assert (await register.ask("POST", path, desk, wrong)).status_code == 422, wrong
    assert await register.mongo["readings"].count_documents({}) == 0
    page = await register.ask("GET", f"/reports/{life.report_id}", guard)
    assert page.status_code == 200 and 'id="reveal"' not in page.text and PHONE not in page.text
    gone = await register.ask("GET", f"/reports/{life.report_id}", elsewhere)
    assert gone.status_code == 404 and "尤" not in gone.text


async def test_a_month_that_a_person_reads_bare_is_recorded_once_a_session(register: ReportRegister) -> None:
    life = a_paged_life()
    await register.take(life)
    path = f"/v1/register.csv?estate=lanting&month={life.at(0):%Y-%m}"
    desk, guard = register.session("customer_assistant"), register.session("guard")
    for _ in range(2):
        assert PHONE in (await register.ask("GET", path, desk)).text
    assert PHONE not in (await register.ask("GET", path, guard)).text
    readings = await register.mongo["readings"].find({}).to_list()
    assert [reading["report_id"] for reading in readings] == [f"register.lanting.{life.at(0):%Y-%m}"]
