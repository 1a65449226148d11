"""One installation, many estates: another estate's report is not there."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]


async def test_a_key_of_one_estate_sees_nothing_of_another(town: Installation) -> None:
    report = await town.file("inquiry", text="本苑的事")
    await town.seen(report, "report.opened")
    secret = await town.add_key("duli", "customer_assistant")
    body = {"type": "acknowledge", "by": {"role": "customer_assistant"}}
    answer = await town.post(f"/v1/tasks/{report}.answer_now.1/replies", body, secret=secret)
    assert answer.status_code == 404
    assert (await town.get(f"/v1/reports/{report}", secret=secret)).status_code == 404
    listed = await town.get("/v1/reports", secret=secret)
    assert listed.status_code == 200 and report not in listed.text


async def test_a_key_speaks_only_for_its_roles(town: Installation) -> None:
    report = await town.file("inquiry", estate="duli", text="问路")
    await town.task(report, "answer_now")
    secret = await town.add_key("duli", "guard")
    body = {"type": "acknowledge", "by": {"role": "management_director"}}
    answer = await town.post(f"/v1/tasks/{report}.answer_now.1/replies", body, secret=secret)
    assert answer.status_code == 403


async def test_the_same_request_again_is_the_same_report(town: Installation) -> None:
    one = await town.file("inquiry", key="again-1", text="重复的请求")
    two = await town.file("inquiry", key="again-1", text="重复的请求")
    assert one == two
    other = await town.post("/v1/reports", {"estate": "qinghe", "category": "inquiry", "text": "别的"}, "again-1")
    assert other.status_code == 422
    await town.task(one, "answer_now")
    assert len(await town.events(one, "report.filed")) == 1
