"""The register's columns, who may see what of them, and what became of a reply."""

from typing import Any

import pytest

from shared.contracts.event import Addressee, Words
from shared.contracts.replies import TaskNoted
from shared.contracts.tasks import ReplyRefused
from shared.domain.registering.columns import COLUMNS, entries, show_number
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.masking import masked, may_see
from shared.domain.registering.replying import status_of
from tests.support.lives import Life, a_whole_life, by


def line_of(life: Life, number: dict[str, Any] | None = None) -> dict[str, Any]:
    return entries(fold(life.report_id, map(as_document, life.events)), number)


def test_every_column_of_the_procedure_has_a_heading_and_stands_in_each_line() -> None:
    assert [c.zh for c in COLUMNS] == [
        *("编号", "接报时间", "报事方式", "报事人", "房号", "联系电话", "地点", "内容", "类别及缓急", "预约时间"),
        *("受理人", "派往及时间", "接单时间", "到场时间", "完成时间", "处理结果", "住户签名", "回访", "备注"),
    ]
    assert set(line_of(Life())) == {c.id for c in COLUMNS}


def test_a_whole_line() -> None:
    life = a_whole_life()
    line = line_of(life, {"series": "", "year": 2026, "number": 7})
    assert line["no"] == "2026-000007"
    assert (line["reporter"], line["phone"], line["room"]) == ("王先生", "13800138000", "3栋1单元1201")
    assert (line["accepted_at"], line["arrived_at"], line["finished_at"]) == (life.at(7), None, life.at(20))
    assert line["result"] == {"step": "answer_now", "outcome": "answered", "record": {"answer": "每月二百"}}
    assert [(d["to"]["role"], d["at"]) for d in line["dispatched"]] == [("customer_assistant", life.at(0))]


def test_return_visit_signature_remark() -> None:
    life = Life(follows="routine.inquiry.lanting." + "0" * 32, drill=True)
    life.opened()
    life.ended(life.task("fix"), 3, record={"signature": "签", "fee": 20})
    life.ended(life.task("return_visit", 9, optional=True), 10, "satisfied", record={"visit_mark": "A"})
    life.said(TaskNoted, 11, task_id=f"{life.report_id}.fix.1", note="门卫代签", by=by("gate_guard"))
    line = line_of(life)
    assert line["signature"] == "签"
    assert line["return_visit"] == {"at": life.at(10), "outcome": "satisfied", "visit_mark": "A"}
    assert line["remark"] == ["drill", f"follows {life.filed.follows}", "门卫代签"]
    assert line["result"]["record"]["fee"] == 20


@pytest.mark.parametrize(
    ("place", "room"), [("3栋1单元1201", "3栋1单元1201"), ("5栋302室", "5栋302室"), ("南门", None), ("", None)]
)
def test_a_room_is_told_from_a_public_place(place: str, room: str | None) -> None:
    assert line_of(Life(place=place or None))["room"] == room


def test_a_drill_is_numbered_apart() -> None:
    assert show_number({"series": "D", "year": 2026, "number": 1}) == "D2026-000001"
    assert show_number(None) is None


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("reporter", "王先生", "王**"),
        ("reporter_phone", "13800138000", "*********00"),
        ("text", "请打13800138000找王", "请打*********00找王"),
        ("note", "座机 021-5555 1234转8", "座机 ***********34转8"),
        ("note", "手机 138 0013 8000", "手机 ***********00"),
        ("note", "1201-1202室漏水,2026-11-20", None),
        ("note", "座机 021-55551234", "座机 **********34"),
        ("report_id", "routine.inquiry.lanting.12345678a1234567b12345678c123456", None),
        ("no", "2026-000123", None),
        ("place", "3栋1单元1201", None),
        ("offset", 13800138000, None),
    ],
)
def test_names_and_phones_are_masked_wherever_they_stand(field: str, value: Any, shown: Any) -> None:
    expected = value if shown is None else shown
    assert masked({"story": [{field: value}]}) == {"story": [{field: expected}]}


def test_who_may_see() -> None:
    assert may_see({"guard", "customer_assistant"})
    assert not may_see({"guard", "shift_leader", "security_supervisor"})


def test_what_became_of_a_reply() -> None:
    life = Life()
    life.opened()
    task = life.task("answer_now")
    notes = [life.said(TaskNoted, n, task_id=task, note="记", by=by("guard")) for n in range(3)]
    life.changed(task, "noted", 1, because_of=notes[0].event_id)
    refused = {"refused": notes[1].event_id, "reason": "not_yours", "words": Words(zh="不归你", en="NOT YOURS")}
    life.fact(ReplyRefused, 2, because_of=notes[1].event_id, **refused)
    bodies = [as_document(e) for e in life.events]
    assert [status_of(n.event_id, bodies)["status"] for n in notes] == ["taken", "refused", "received"]
    assert status_of(notes[1].event_id, bodies)["words"] == {"zh": "不归你", "en": "NOT YOURS"}


def test_what_was_taken_stays_taken_when_its_id_comes_again_with_other_content() -> None:
    life = Life()
    life.opened()
    again = {"refused": life.filed.event_id, "reason": "same_id", "words": Words(zh="重复", en="AGAIN")}
    life.fact(ReplyRefused, 1, because_of=life.filed.event_id, **again)
    assert status_of(life.filed.event_id, [as_document(e) for e in life.events]) == {"status": "taken"}


def test_a_notice_that_asks_for_an_acknowledgement_is_no_dispatch() -> None:
    life = Life("medical")
    life.opened()
    life.task("major_now", to=Addressee(role="service_head"), only_ack=True)
    assert line_of(life)["dispatched"] == []
