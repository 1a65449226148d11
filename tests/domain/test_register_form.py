"""The form of the register: cells by type, corrections as lines of their own, in both languages (SOP S9)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.event import Addressee
from shared.contracts.replies import (
    DetailsCorrected,
    GradeChanged,
    LimitExtended,
    PlaceCorrected,
    ReportWithdrawn,
    TaskHandedOn,
)
from shared.contracts.tasks import ReplyRefused, ReportChanged
from shared.contracts.vocabulary import ROLES
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.columns import COLUMNS
from shared.domain.registering.figure_tables import FIGURES, figure_tables
from shared.domain.registering.figure_words import shown, worded
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.form import FORM, Line, headings, lines
from shared.domain.registering.paper import Language, Paper, labels_of, paper_of
from shared.domain.registering.statistics import statistics
from tests.support.estate import an_estate
from tests.support.lives import MORNING, WORDS, Life, a_whole_life, by

LABELS = labels_of(load_playbooks())
NUMBER = {"series": "", "year": 2026, "number": 7}


def paper(language: Language = "zh", *, hidden: bool = False) -> Paper:
    return paper_of(an_estate("lanting"), "lanting", LABELS, language, hidden=hidden)


def written(life: Life, on: Paper | None = None) -> list[dict[str, Any]]:
    """The form's lines of a life, each cell by its column."""
    row = fold(life.report_id, [as_document(event) for event in life.events])
    return [cells_of(line) for line in lines(row, NUMBER, on or paper())]


def cells_of(line: Line) -> dict[str, Any]:
    return dict(zip((column.id for column in FORM), line.cells, strict=True))


def test_the_form_has_the_columns_of_the_procedure_and_fits_a_sheet_across() -> None:
    assert [column.id for column in FORM] == [column.id for column in COLUMNS]
    assert sum(column.width for column in FORM) <= 297 - 2 * 8
    assert headings(paper())[0] == "编号" and headings(paper("en"))[0] == "No."


def test_every_cell_of_a_whole_life() -> None:
    (cells,) = written(a_whole_life())
    assert cells == {
        "no": "2026-000007",
        "received_at": datetime(2026, 11, 20, 9, 0),
        "channel": "电话",
        "reporter": "王先生",
        "room": "3栋1单元1201",
        "phone": "13800138000",
        "place": "3栋1单元1201",
        "content": "问停车费",
        "class": "咨询 · 日常",
        "appointment": None,
        "received_by": "客户助理 姓名0",
        "dispatched": "客户助理 11-20 09:00",
        "accepted_at": datetime(2026, 11, 20, 9, 7),
        "arrived_at": None,
        "finished_at": datetime(2026, 11, 20, 9, 20),
        "result": cells["result"],
        "signature": None,
        "return_visit": None,
        "remark": None,
    }
    assert cells["result"].endswith(";答复内容:每月二百")


def test_times_are_the_estates_and_have_no_zone() -> None:
    (cells,) = written(Life(at=datetime(2026, 11, 30, 16, 0, 0, 999_000, tzinfo=UTC)))
    assert cells["received_at"] == datetime(2026, 12, 1)


def test_parts_of_a_cell_become_words_in_either_language() -> None:
    life = Life("disaster", kind="fire", weather="red", place="南门", written_up=True)
    life.events = [life.filed.model_copy(update={"occurred_at": MORNING - timedelta(hours=1)})]
    life.opened()
    life.task("go", to=Addressee(role="guard", post="patrol-east", person="guard-1"))
    (zh,), (en,) = written(life), written(life, paper("en"))
    assert (zh["class"], en["class"]) == (
        "灾害 · 火警 · 急事 · 红色预警",
        "Disaster · Fire · Emergency · Red warning",
    )
    assert zh["dispatched"] == "护卫队员 东巡逻岗 姓名7 11-20 09:00"
    assert en["dispatched"] == "Guard patrol-east 姓名7 11-20 09:00"
    assert zh["remark"] == "补录;发生于 2026-11-20 08:00"
    assert en["remark"] == "written up afterwards; happened at 2026-11-20 08:00"


def test_a_return_visit_and_a_signature() -> None:
    life = Life("repair")
    life.opened()
    life.ended(life.task("repair_it", role="engineering"), 2, record={"resident_signed": True, "fee": 80})
    visit = life.task("return_visit_repair", 3, optional=True, record=("visit_mark",))
    life.closed(3)
    record = {"person_visited": "王先生", "visit_mark": "A", "visitor": "小陈"}
    life.ended(visit, 9, "satisfied", record=record)
    (cells,) = written(life)
    assert cells["signature"] == "已签字"
    assert cells["return_visit"].startswith("11-20 09:09 A 小陈;受访:王先生")
    assert cells["result"].endswith("fee:80"), "a field that no playbook knows stands as it is"
    assert "王先生" not in str(written(life, paper(hidden=True)))


def corrected() -> Life:
    life = Life("repair", place="3栋", text="漏水", reporter="王先生", reporter_phone="13800138000")
    life.opened()
    said = life.said(PlaceCorrected, 1, place="5栋", by=by("customer_assistant", "desk-1"))
    life.fact(ReportChanged, 1, place="5栋", place_short="B5", because_of=said.event_id)
    life.said(DetailsCorrected, 2, reporter="李女士", reporter_phone="13900139000", by=by("service_head"))
    return life


def test_the_entry_stands_as_it_was_made_and_corrections_below_it() -> None:
    first, place, details = written(corrected())
    assert (first["place"], first["reporter"], first["phone"]) == ("3栋", "王先生", "13800138000")
    assert (place["no"], place["content"]) == ("2026-000007 更正", "地点:3栋 → 5栋")
    assert (place["received_at"], place["received_by"]) == (datetime(2026, 11, 20, 9, 1), "客户助理 姓名0")
    assert details["content"] == "报事人:王先生 → 李女士;联系电话:13800138000 → 13900139000"
    assert details["received_by"] == "客服主任"
    *_, english = written(corrected(), paper("en"))
    assert english["no"] == "2026-000007 correction"
    assert english["content"] == "reporter: 王先生 → 李女士; phone: 13800138000 → 13900139000"


def test_a_correction_is_masked_as_what_it_corrects() -> None:
    *_, details = written(corrected(), paper(hidden=True))
    assert details["content"] == "报事人:王** → 李**;联系电话:*********00 → *********00"
    assert "姓名" not in str(written(corrected(), paper(hidden=True)))


def test_what_was_corrected_twice_keeps_the_first_entry() -> None:
    life = corrected()
    life.said(DetailsCorrected, 3, reporter="赵先生", by=by("service_head"))
    first, *_, last = written(life)
    assert first["reporter"] == "王先生"
    assert last["content"] == "报事人:李女士 → 赵先生"


def test_what_is_refused_or_not_decided_says_so_and_changes_nothing() -> None:
    life = Life("repair", place="3栋")
    life.opened()
    refused = life.said(GradeChanged, 1, grade="major", reason="急", by=by("customer_assistant"))
    life.fact(ReplyRefused, 1, refused=refused.event_id, because_of=refused.event_id, reason="x", words=WORDS)
    life.said(PlaceCorrected, 2, place="5栋", by=by("customer_assistant"))
    first, one, two = written(life)
    assert first["place"] == "3栋"
    assert (one["content"], one["remark"]) == ("级别:重大", "未受理")
    assert (two["content"], two["remark"]) == ("地点:5栋", "尚未处理")


def test_a_withdrawal_and_a_longer_limit_are_entries_and_a_hand_on_is_none() -> None:
    life = Life("repair", place="3栋")
    life.opened()
    task = life.task("go", role="engineering")
    handed = life.said(TaskHandedOn, 1, task_id=task, reason="x", to_role="service_head", by=by("engineering"))
    life.fact(ReportChanged, 1, hand_ons=1, because_of=handed.event_id)
    until = life.at(600)
    life.said(LimitExtended, 2, task_id=task, clock="finish", until=until, reason="等配件", by=by("service_head"))
    life.said(ReportWithdrawn, 3, reason="误报", by=by("customer_assistant"))
    _, longer, withdrawn = written(life)
    assert longer["content"] == "延长时限:办结;延至:2026-11-20 19:00;理由:等配件"
    assert withdrawn["content"] == "撤回报事;理由:误报"


def test_a_row_that_knows_next_to_nothing_still_has_its_line() -> None:
    life = Life("medical")
    (cells,) = written(life)
    assert cells["class"] == "急救病人 · 急事"
    assert {name for name, cell in cells.items() if cell} == {
        "no",
        "received_at",
        "channel",
        "class",
        "received_by",
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_of_figures_have_a_cell_for_every_heading(language: Language) -> None:
    rows = [fold(life.report_id, [as_document(e) for e in life.events]) for life in (a_whole_life(), corrected())]
    figures = {"group_by": ("estate", "category"), "statistics": statistics(rows, MORNING)}
    for table in figure_tables(figures, paper(language), {"lanting": "兰亭"}):
        assert {len(table.headings)} == {len(table.kinds), *map(len, table.rows)} - (
            {0} if not table.rows else set()
        )
        short = worded(table, paper(language))
        assert len(short.headings) <= len(table.headings)
    first = figure_tables(figures, paper(language), {"lanting": "兰亭"})[0]
    assert len(first.headings) == 2 + len(FIGURES)
    assert first.rows[0][:3] == ("兰亭", {"zh": "咨询", "en": "Inquiry"}[language], 1)
    assert timedelta(minutes=20) in first.rows[0]


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(seconds=45), "45秒", "45 s"),
        (timedelta(minutes=12), "12分", "12 min"),
        (timedelta(hours=5.5), "5.5小时", "5.5 h"),
        (timedelta(days=3), "3天", "3 d"),
        (None, "", ""),
    ],
)
def test_spans_are_said_in_units(span: timedelta | None, zh: str, en: str) -> None:
    assert (shown(span, "span", paper()), shown(span, "span", paper("en"))) == (zh, en)


def test_every_role_has_a_name_on_paper() -> None:
    assert all(paper("en").who({"role": role}) != role for role in ROLES)
    assert paper().who(None) == "" and paper().who({"role": "guard", "person": str(uuid4())}) == "护卫队员"
