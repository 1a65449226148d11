"""S3.5, S8: a return visit that fails reopens the case in its next round, and that round is a complaint's."""

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK, HEAD = "customer_assistant", "service_head"


async def test_round_two(town: Installation) -> None:
    report = await town.file("medical", place="1栋101", patient_place="1栋101", patient_phone="13800138000")
    await town.complete(report, "ask_help", "none_wanted", DESK, help=[])
    await town.complete(report, "record_case", "recorded", DESK)
    await town.seen(report, "report.closed", why="done")
    await town.complete(report, "return_visit", "failed", DESK, visit_mark="C")
    assert (await town.seen(report, "report.reopened"))["round"] == 2
    notice = await town.seen(report, "notice.issued", name="reopened")
    assert notice["to"]["person"] == "head-1"
    assert (await town.seen(report, "task.assigned", step="head_decides"))["to"]["person"] == "head-1"
    await town.complete(report, "head_decides", "decided", HEAD, decision="按投诉处理")
    await town.complete(report, "register_complaint", "registered", DESK)
    await town.complete(report, "grade_complaint", "minor", HEAD, valid=True)
    await town.complete(report, "first_answer", "answered", DESK)
    await town.complete(report, "own_minor", "planned", HEAD, department="green")
    await town.complete(report, "handle", "done", "department_head")
    await town.complete(report, "answer_result", "accepted", DESK)
    await town.complete(report, "record_complaint", "recorded", DESK)
    await town.task(report, "visit_ordinary")
    assert len([e for e in await town.events(report, "task.assigned") if e["step"] == "record_case"]) == 1
