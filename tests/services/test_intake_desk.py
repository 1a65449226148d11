"""`/desk`: who may open it, what it knows without asking anybody, and that it opens while MongoDB is away."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from services.intake.desk import role_of
from shared.contracts.vocabulary import CATEGORIES
from shared.domain.playbooks.own_rows import Override
from shared.platform.caller import Caller
from shared.platform.errors import Unavailable
from tests.support.intake import IntakeAtHand, intake_at_hand


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeAtHand]:
    async with intake_at_hand(tmp_path) as at_hand:
        yield at_hand


async def desk(intake: IntakeAtHand, key: str | None = "desk", path: str = "/desk") -> httpx.Response:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake.app), base_url="http://intake") as client:
        return await client.get(path, headers=headers, follow_redirects=False)


def data_of(page: httpx.Response) -> Any:
    found = re.search(r'<script type="application/json" id="desk-data">(.*?)</script>', page.text, re.S)
    assert found, page.text
    return json.loads(found[1])


async def test_whoever_is_not_signed_in_is_led_there_and_back(intake: IntakeAtHand) -> None:
    led = await desk(intake, None)
    assert led.status_code == 303 and led.headers["location"] == "/session?next=%2Fdesk"


async def test_who_takes_no_calls_is_told_so(intake: IntakeAtHand) -> None:
    refused = await desk(intake, "guard")
    assert refused.status_code == 403 and "您的岗位不接报事" in refused.text and "desk-data" not in refused.text


async def test_the_page_knows_its_estates_and_no_others(intake: IntakeAtHand) -> None:
    one, two = data_of(await desk(intake)), data_of(await desk(intake, "both"))
    assert [e["estate"] for e in one["estates"]] == ["qinghe"]
    assert [e["estate"] for e in two["estates"]] == ["lanting", "qinghe"]
    (estate,) = one["estates"]
    assert estate["role"] == "customer_assistant"
    assert {"id": "gate-south", "zh": "南门岗", "role": "gate_guard"} in estate["posts"]
    assert estate["people"]["guard-1"] and {"id": "b3", "zh": "3栋"} in estate["buildings"]


async def test_the_administrator_sees_all(intake: IntakeAtHand) -> None:
    assert len(data_of(await desk(intake, "admin"))["estates"]) == 2


async def test_the_questions_of_every_class_are_in_the_page(intake: IntakeAtHand) -> None:
    sheets = data_of(await desk(intake))["sheets"]
    assert tuple(sheets) == CATEGORIES or set(sheets) == set(CATEGORIES)
    medical = sheets["medical"]
    assert [medical["where"]["report"], medical["number"]["report"]] == ["patient_place", "patient_phone"]
    assert "医生或120" in medical["first"][0]["never"][0]["zh"]


async def test_an_estate_that_asks_otherwise_has_its_own_questions(intake: IntakeAtHand) -> None:
    row = Override(playbook="medical", step="ask_help", role="service_head")
    estate = intake.directory.estates["qinghe"]
    intake.directory.estates["qinghe"] = estate.model_copy(update={"overrides": (row,)})
    data = data_of(await desk(intake))
    own, packaged = data["estates"][0]["sheets"]["medical"], data["sheets"]["medical"]
    assert [part["step"] for part in packaged["first"]] == ["ask_address", "ask_help"]
    assert [part["step"] for part in own["first"]] == ["ask_address"]


async def test_what_an_estate_is_called_cannot_end_the_island(intake: IntakeAtHand) -> None:
    estate = intake.directory.estates["qinghe"]
    intake.directory.estates["qinghe"] = estate.model_copy(update={"zh": "</script><img src=x>"})
    page = await desk(intake)
    assert "</script><img" not in page.text
    assert data_of(page)["estates"][0]["zh"] == "</script><img src=x>"


async def test_without_any_directory_it_says_to_phone(
    intake: IntakeAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(code: str) -> None:
        raise Unavailable("never read")

    monkeypatch.setattr(intake.directory, "estate", away)
    page = await desk(intake)
    assert page.status_code == 503 and "急事请打电话" in page.text


async def test_while_kafka_does_not_answer_the_page_opens(intake: IntakeAtHand) -> None:
    intake.kafka_answers(False)
    assert (await desk(intake)).status_code == 200


async def test_in_english(intake: IntakeAtHand) -> None:
    page = await desk(intake, path="/desk?language=en")
    assert "Emergency patient" in page.text and "Who was told" in page.text
    shown = re.sub(r"<script.*?</script>|<option.*?</option>", "", unescape(page.text), flags=re.S)
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", shown))
    assert chinese <= {"中文", "演习"}, "the drill's banner is in both languages; the switch names its language"


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (("customer_assistant", "service_head"), "customer_assistant"),
        (("service_head", "control_room"), "control_room"),
        (("gate_guard",), "gate_guard"),
        (("guard", "engineering"), None),
    ],
)
def test_in_which_role_a_call_is_taken(roles: Any, role: str | None) -> None:
    caller = Caller("k", frozenset({"a", "b"}), frozenset(roles), {"a": frozenset(roles)})
    assert role_of(caller, "a") == role
    assert role_of(caller, "b") is None


async def test_a_gate_and_a_posts_link_are_not_given_the_names_of_all_staff(intake: IntakeAtHand) -> None:
    one = frozenset({"qinghe"})
    intake.directory.callers["gate"] = Caller("gate", one, frozenset({"gate_guard"}))
    intake.directory.callers["link"] = Caller("link", one, frozenset({"control_room"}), post="cctv")
    intake.directory.callers["room"] = Caller("room", one, frozenset({"control_room"}))
    named = {
        key: bool(data_of(await desk(intake, key))["estates"][0]["people"]) for key in ("gate", "link", "room")
    }
    assert named == {"gate": False, "link": False, "room": True}
