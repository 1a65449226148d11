"""The brief for the authority: what is known is filled in, what is not stays open (SOP S6)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.event import Addressee
from shared.domain.playbooks.loading import load_playbooks
from shared.domain.registering.brief import MOST_TOLD, Brief, brief, is_told_to_authorities
from shared.domain.registering.columns import entries
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.masking import masked
from shared.domain.registering.paper import Language, Paper, labels_of, paper_of
from shared.domain.registering.story import tell
from tests.support.estate import an_estate
from tests.support.lives import MORNING, WORDS, Life, taken

LABELS = labels_of(load_playbooks())


def paper(language: Language = "zh", *, hidden: bool = False) -> Paper:
    return paper_of(an_estate("lanting"), "lanting", LABELS, language, hidden=hidden)


def report(life: Life) -> dict[str, Any]:
    """As the register's window answers."""
    row = fold(life.report_id, [as_document(event) for event in life.events])
    log = [
        {"topic": t.incoming.topic, "partition": 0, "offset": 0, "type": t.event.type, "body": as_document(t.event)}
        for t in taken(life.events)
    ]
    return {"estate": "lanting", **entries(row, None), "row": row, "story": tell(log)}


def filled(life: Life, on: Paper | None = None) -> Brief:
    return brief(report(life), on or paper(), MORNING + timedelta(hours=1))


def said(found: Brief) -> dict[str, str]:
    return {label: text for section in found.sections for label, text in section.said if label}


def a_flood(**fields: Any) -> Life:
    life = Life("disaster", kind="flood", place="地下车库", **fields)
    life.opened()
    return life


def test_what_nobody_said_stays_open() -> None:
    life = Life("disaster")
    life.opened()
    found = said(filled(life))
    blank = {label for label, text in found.items() if set(text) == {"_"}}
    assert blank >= {
        "地点",
        "情况",
        "伤亡、被困、失踪",
        "事件级别(红橙黄蓝)",
        "现场联系人及电话",
        "报送单位",
        "报送时间",
    }
    assert found["气象预警"] == "无"
    assert filled(life).mark.startswith("待核对") and "2026-11-20 10:00" in filled(life).mark


def test_three_hours_run_from_the_residents_clock_unless_the_task_says_otherwise() -> None:
    assert said(filled(a_flood()))["书面快报时限(3小时)"] == "2026-11-20 12:00"
    earlier = Life("disaster", kind="flood")
    earlier.opened(clock_from=MORNING - timedelta(hours=1))
    assert said(filled(earlier))["书面快报时限(3小时)"] == "2026-11-20 11:00"
    life = a_flood()
    life.task("brief", role="management_director", finish_by=life.at(200))
    assert said(filled(life))["书面快报时限(3小时)"] == "2026-11-20 12:20"


@pytest.mark.parametrize(("level", "zh", "en"), [("red", "红", "red"), ("blue", "蓝", "blue")])
def test_the_colour_of_the_event_is_the_last_that_was_recorded(level: str, zh: str, en: str) -> None:
    life = a_flood(weather="yellow")
    task = life.task("report_authority", role="management_director", calls=("authority",), finish_by=life.at(10))
    life.changed(task, "noted", 1, record={"event_level": "orange"})
    life.ended(task, 5, "reported", record={"event_level": level, "reported_by": "管理处"})
    found = said(filled(life))
    assert (found["事件级别(红橙黄蓝)"], found["气象预警"], found["首报时限"]) == (
        zh,
        "黄色预警",
        "2026-11-20 09:10",
    )
    assert "谁上报(可越级):管理处" in found["主管部门"]
    assert said(filled(life, paper("en")))["Grade of the event (red, orange, yellow, blue)"] == en


def test_measures_are_in_order_and_a_call_that_nobody_recorded_says_so() -> None:
    life = a_flood()
    life.task("report_danger", role="management_director", calls=("authority",))
    pump = life.task("pump", role="engineering")
    life.changed(pump, "acknowledged", 3)
    life.ended(life.task("go_flood", role="shift_leader"), 2, "danger", record={"depth": "半米", "trapped": 1})
    measures = filled(life).sections[2].said
    assert [label for label, _ in measures] == ["11-20 09:02 当班班长", "11-20 09:03 工程部"]
    assert "水深:半米" in measures[0][1] and WORDS.zh in measures[0][1]
    assert said(filled(life))["主管部门"] == "尚未记录"
    assert "1" in said(filled(life))["伤亡、被困、失踪"]


def test_of_many_who_were_told_the_latest_stand_and_the_rest_are_counted() -> None:
    life = a_flood()
    for minute in range(MOST_TOLD + 5):
        life.noticed(minute, to=Addressee(role="guard", post="patrol-east"))
    told = filled(life).sections[4].said
    assert told[0] == ("", "更早的5条见登记表") and len(told) == MOST_TOLD + 1
    assert told[-1][0].endswith("护卫队员 东巡逻岗")


def test_a_drill_says_so_and_a_masked_report_stays_masked() -> None:
    life = a_flood(drill=True, reporter="王先生", reporter_phone="13800138000", text="电话13800138000")
    assert filled(life).title.startswith("【演习】")
    hidden = brief(masked(report(life)), paper(hidden=True), MORNING)
    assert "13800138000" not in str(hidden) and "王先生" not in str(hidden)


def test_which_reports_an_authority_is_told_of() -> None:
    orange = Life("repair")
    orange.opened()
    orange.task("report_orange", role="management_director")
    assert is_told_to_authorities(report(orange)["row"]) and is_told_to_authorities(report(a_flood())["row"])
    assert not is_told_to_authorities(report(Life("repair"))["row"])
