"""S10: however a phone number is written, whoever may not see it does not; and what is no phone number stays."""

from typing import Any

import pytest

from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.masking import CLOSED, asks_for_digits, masked


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "13800 138000",
        "138 00138 000",
        "1380 013 8000",
        "138.0013.8000",
        "138 - 0013 - 8000",
        "138—0013—8000",
        "13800138000",
        "8613800138000",
        "008613800138000",
        "+86 138 0013 8000",
        "(86) 13800138000",
        "+852 9123 4567",
        "8765 4321",
        "87654321",
        "8765432",
        "021-55551234",
        "(021) 5555 1234",
        "(021)5555-1234",
        "13800138000 13900139000",
        "310101199001011234",
    ],
)
@pytest.mark.parametrize("around", ["{}", "微信wx{}", "Tel{}", "请打{}找王", "3栋1单元,{};谢谢", "V{}x"])
def test_a_number_is_masked_in_whatever_form(written: str, around: str) -> None:
    before, after = around.split("{}")
    assert masked(around.format(written)) == before + "*" * (len(written) - 2) + written[-2:] + after


@pytest.mark.parametrize(
    "kept",
    [
        "2026-11-20",
        "2026-11-20 19:00",
        "2026-11-20T19:00:00+08:00",
        "2026-11-20T11:00:00.123456Z",
        "2026/11/20,20:30-21:30",
        "2026.11.20 08:05:09",
        "2026-000001",
        "D2026-000123",
        "2026-000001、2026-000002",
        "routine.inquiry.lanting.12345678a1234567b12345678c123456",
        "emergency.medical.qinghe.12345678901234567890123456789012.tell_leader.1",
        "01234567-1234-7123-8123-123456789012",
        "1201-1202室漏水",
        "B12-1-1201",
        "12-1-1201 KEEP THE LIFT",
        "3栋1单元1201",
        "S3.2.2 S3.3.4",
        "费用1500元,工时2.5",
        "110、119、120",
    ],
)
def test_what_is_no_phone_number_is_kept(kept: str) -> None:
    assert masked(kept) == kept


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"record": {"who": 13800138000}}, {"record": {"who": "*********00"}}),
        ({"body_phone": 13800138000}, {"body_phone": "*********00"}),
        ({"record": {"fee": 1500, "ok": True}}, {"record": {"fee": 1500, "ok": True}}),
        ({"offset": 13800138000}, {"offset": 13800138000}),
        ({"to": [{"note": "Tel13800138000"}]}, {"to": [{"note": "Tel*********00"}]}),
    ],
)
def test_numbers_that_are_not_text(document: Any, shown: Any) -> None:
    assert masked(document) == shown


def test_what_playbooks_record_as_closed_is_for_those_whose_role_allows_it() -> None:
    steps = [step for book in load_playbooks().by_category.values() for step in book.steps.values()]
    closed = {field.id for step in steps for field in step.record if field.closed}
    assert closed and closed <= CLOSED
    for field in closed:
        assert "心脏病" not in str(masked({"tasks": [{"record": {field: "心脏病"}}]})), field
    record = {"condition": None, "persons_well": False, "relative_present": "王女士", "fee": 20}
    hidden = {"condition": None, "persons_well": "**", "relative_present": "王**", "fee": 20}
    assert masked({"record": record}) == {"record": hidden}
    assert masked({"condition": "open", "received_by": {"role": "guard"}}) == {
        "condition": "open",
        "received_by": {"role": "guard"},
    }


def test_what_was_recorded_on_the_way_is_masked_like_what_was_recorded_at_the_end() -> None:
    records = [{"record": {"person_visited": "王先生", "caller": 13800138000}}]
    assert masked({"tasks": [{"records": records}]}) == {
        "tasks": [{"records": [{"record": {"person_visited": "王**", "caller": "*********00"}}]}]
    }


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("138", True),
        ("1 3 8", True),
        ("1-3.8", True),
        ("电话138", True),
        ("1 (3) 8", True),
        ("138", True),
        ("漏水", False),
        ("3栋1单元", False),
        ("12栋", False),
        ("", False),
    ],
)
def test_a_search_that_would_feel_out_a_hidden_number(text: str, refused: bool) -> None:
    assert asks_for_digits(text) is refused
