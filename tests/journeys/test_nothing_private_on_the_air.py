"""S10: no name, phone or illness in any word that goes to a radio, a pager or a screen at a post."""

import httpx2 as httpx
import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]

PRIVATE = {
    "name": "王小明",
    "phone": "13812345678",
    "landline": "87654321",
    "illness": "心肌梗死",
    "relation": "独居老母",
}


async def a_private_report(town: Installation) -> str:
    return await town.file(
        "medical",
        help=["ambulance", "nursing"],
        place=f"3栋1单元1201 {PRIVATE['name']}家 {PRIVATE['phone']} {PRIVATE['illness']}",
        text=f"{PRIVATE['name']}{PRIVATE['illness']},回电{PRIVATE['phone']}或{PRIVATE['landline']}",
        reporter=PRIVATE["name"],
        reporter_phone=PRIVATE["phone"],
        patient_phone=PRIVATE["phone"],
        relation=PRIVATE["relation"],
        signs=["chest_pain"],
    )


async def test_tasks_notices_and_rungs_say_place_kind_and_order_only(town: Installation) -> None:
    report = await a_private_report(town)
    task = await town.task(report, "tell_leader")
    await town.complete(report, "call_120", "coming", "customer_assistant", condition=PRIVATE["illness"])
    await town.amend(report, "place", "customer_assistant", place=f"3栋2单元801 {PRIVATE['name']}家")
    await town.seen(report, "task.assigned", step="correct_place")
    await town.seen(report, "rung.reached", 60, task_id=task, role="management_director")
    await town.seen(report, "notice.issued", name="rung", task_id=task, to__role="management_director")
    spoken = await town.events(report, "task.assigned") + await town.events(report, "notice.issued")
    assert {e["step"] for e in spoken if "step" in e} >= {"tell_leader", "hold_lift", "nursing_wishes", "meet"}
    words = [text for e in spoken for text in e["words"].values()]
    assert [(kind, text) for kind, secret in PRIVATE.items() for text in words if secret in text] == []
    assert any("B3-1-1201" in text for text in words)


@pytest.mark.parametrize(("language", "word"), [("zh", "三位"), ("en", "three or more digits")])
async def test_a_guard_cannot_feel_out_a_number_by_searching_for_it(
    town: Installation, language: str, word: str
) -> None:
    report = await a_private_report(town)
    await town.seen(report, "report.opened")
    secret = await town.add_key("qinghe", "guard")
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": language}
    async with httpx.AsyncClient(base_url=town.address("register"), headers=headers, timeout=10) as guard:
        refused = await guard.get("/v1/reports", params={"text": "回电1-38"})
        assert refused.status_code == 422 and word in refused.json()["detail"]
        found = await guard.get(f"/v1/reports/{report}")
    assert found.status_code == 200 and not [s for s in ("phone", "landline") if PRIVATE[s] in found.text]
    assert (await town.get("/v1/reports", text=PRIVATE["phone"])).json()["reports"]
