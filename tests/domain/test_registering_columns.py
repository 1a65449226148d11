"""The register's columns, who may see what of them, and what became of a reply."""

from typing import Any

import pytest

from shared.contracts.event import Addressee, Words
from shared.contracts.replies import DetailsCorrected, ReportJoined, TaskNoted
from shared.contracts.tasks import ReplyRefused, ReportChanged
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.columns import COLUMNS, entries, show_number
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.masking import masked, may_see
from shared.domain.registering.replying import status_of
from shared.domain.registering.task_lives import VISIT_MARK
from shared.domain.registering.visits import MARKS
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
    visit = life.task("looked_in", 9, optional=True, record=("visit_date", "visit_mark"))
    life.ended(visit, 10, "satisfied", record={"visit_mark": "A"})
    life.said(TaskNoted, 11, task_id=f"{life.report_id}.fix.1", note="门卫代签", by=by("gate_guard"))
    line = line_of(life)
    assert line["signature"] == "签"
    assert line["return_visit"] == {"at": life.at(10), "outcome": "satisfied", "visit_mark": "A"}
    assert [r["zh"] for r in line["remark"]] == ["演习", f"接续{life.filed.follows}", "门卫代签"]
    assert [r["en"] for r in line["remark"]] == ["drill", f"carries on {life.filed.follows}", "门卫代签"]
    assert line["result"]["record"]["fee"] == 20


def test_every_return_visit_of_the_playbooks_fills_the_column() -> None:
    """The register knows a visit by its mark, statistics by its quota, the case by a failure that reopens it."""
    books = load_playbooks().by_category.values()
    steps = {step.id: step for book in books for step in book.steps.values()}
    reopening = {i for i, step in steps.items() if any(row.reopens for row in step.outcomes.values())}
    marked = {i for i, step in steps.items() if VISIT_MARK in {field.id for field in step.record}}
    assert marked == reopening and len(marked) >= 2
    for step in map(steps.__getitem__, marked | {i for i, step in steps.items() if step.quota}):
        fields = {field.id: field for field in step.record}
        assert {"visit_date", "visit_mark", "visitor"} <= set(fields), step.id
        assert fields["visit_mark"].choices == MARKS, step.id


def test_the_last_visit_stands_in_the_column_whatever_round_it_is_of() -> None:
    life = Life("medical")
    life.opened()
    for n, (step, outcome, mark) in enumerate((("return_visit", "failed", "C"), ("visit_major", "satisfied", "B"))):
        visit = life.task(step, 10 * n, optional=True, record=("visit_mark", "visitor"))
        life.ended(visit, 10 * n + 5, outcome, record={"visit_mark": mark, "visitor": "客服"})
    visited = line_of(life)["return_visit"]
    assert visited == {"at": life.at(15), "outcome": "satisfied", "visit_mark": "B", "visitor": "客服"}


def test_urgency_and_appointment_stand_as_they_were_changed() -> None:
    life = Life("repair", urgency="daily", appointment_at=Life().at(60))
    life.opened()
    said = life.said(DetailsCorrected, 1, urgency="urgent", reporter="李女士", by=by("customer_assistant"))
    assert line_of(life)["class"]["urgency"] == "daily"
    life.fact(ReportChanged, 1, urgency="urgent", because_of=said.event_id)
    life.fact(ReportChanged, 2, appointment_at=life.at(90))
    line = line_of(life)
    assert (line["class"]["urgency"], line["appointment"]) == ("urgent", life.at(90))


def test_a_gales_colour_stands_beside_its_class() -> None:
    assert line_of(Life("disaster", kind="gale", weather="orange"))["class"]["weather"] == "orange"
    assert line_of(Life("disaster"))["class"]["weather"] is None


def test_what_a_limit_took_for_granted_is_said_once_in_words() -> None:
    life = Life()
    life.opened()
    for n in (1, 2):
        life.task("reply", n=n, assumed=("no_working_days_2027", "odd"))
    assert line_of(life)["remark"] == [
        {
            "zh": "2027年工作日尚未公布,按自然时间计",
            "en": "working days of 2027 not announced yet: counted on the wall clock",
        },
        {"zh": "odd", "en": "odd"},
    ]


def test_the_main_report_says_how_many_more_called() -> None:
    life = Life("repair")
    life.opened()
    for n in range(3):
        life.said(ReportJoined, n, by_report_id=f"other-{n % 2}", by=by("customer_assistant"))
    assert line_of(life)["remark"] == [{"zh": "另有2人报同一事件", "en": "2 more callers about the same event"}]


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
