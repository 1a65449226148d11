"""The story of a report: in order, with clause, playbook version and place on Kafka, in both languages."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.register.store import logged
from shared.contracts.history import CLASSES
from shared.contracts.replies import DeadlinePassed, TaskAcknowledged
from shared.contracts.tasks import ReportChanged
from shared.domain.registering.story import tell
from shared.domain.registering.story_words import ALSO, CHANGED, TOLD
from tests.support.lives import Life, a_whole_life, by, taken


def the_log() -> list[dict[str, Any]]:
    life = a_whole_life()
    task = f"{life.report_id}.answer_now.1"
    life.said(TaskAcknowledged, 7, task_id=task, by=by("customer_assistant", "desk-1"))
    life.said(DeadlinePassed, 5, owner="escalation", name="ack", armed_by=life.filed.event_id, due_at=life.at(5))
    return [logged(t) for t in taken(life.events)]


def test_causes_stand_before_what_follows_from_them() -> None:
    types = [entry["type"] for entry in tell(the_log())]
    assert types == [
        *("report.filed", "report.opened", "task.assigned", "deadline.passed"),
        *("notice.issued", "limit.passed", "rung.skipped", "rung.reached"),
        *("reply.acknowledged", "task.changed", "task.ended", "report.closed"),
    ]


@given(st.permutations(the_log()))
def test_the_story_does_not_depend_on_the_order_of_reading(log: list[dict[str, Any]]) -> None:
    assert tell(log) == tell(the_log())


def test_what_is_said_of_a_task_carries_its_clause_and_playbook_version() -> None:
    told = {entry["type"]: entry for entry in tell(the_log())}
    for kind in ("task.assigned", "reply.acknowledged", "task.ended", "rung.reached", "notice.issued"):
        assert (list(told[kind]["clause"]), told[kind]["playbook_version"]) in ((["S4.2"], 1), (["S3.4"], 1)), kind


def test_each_entry_names_its_place_on_kafka() -> None:
    log = the_log()
    places = {(e["topic"], e["partition"], e["offset"]) for e in tell(log)}
    assert places == {(e["topic"], e["partition"], e["offset"]) for e in log}


def test_a_line_in_both_languages() -> None:
    told = {entry["type"]: entry["told"] for entry in tell(the_log())}
    assert told["task.assigned"] == {"zh": "派给customer_assistant:做", "en": "To customer_assistant: DO"}
    assert told["rung.skipped"] == {
        "zh": "任务answer_now跳过service_head:nobody",
        "en": "Task answer_now skipped service_head: nobody",
    }


def test_what_a_fact_says_besides_has_words_of_its_own() -> None:
    life = Life("security", kind="fight")
    life.opened(overrides="[]")
    task = life.task("call", calls=("110", "120"), assumed=("no_working_days_2027",))
    life.fact(ReportChanged, 1, urgency="urgent", ending="drill_stopped")
    life.changed(task, "noted", 2, record={"person_visited": "王先生", "level": "red"})
    told = {entry["type"]: entry["told"] for entry in tell([logged(t) for t in taken(life.events)])}
    assert told["task.assigned"] == {
        "zh": "派给customer_assistant:做(外呼 110,120、2027年工作日尚未公布,按自然时间计)",
        "en": "To customer_assistant: DO (calls 110,120, working days of 2027 not announced yet: "
        "counted on the wall clock)",
    }
    assert told["report.opened"]["en"].endswith("(by the estate's own rules)")
    assert told["report.changed"]["zh"] == "报事内容变更(缓急 urgent、即将结案 drill_stopped)"
    assert told["task.changed"]["en"].endswith("(record person_visited,level)")


def test_every_field_that_is_told_besides_has_its_words_and_is_a_field() -> None:
    for type_name, names in ALSO.items():
        assert set(names) <= set(CHANGED) & set(CLASSES[type_name].model_fields), type_name


def test_every_event_there_is_has_words() -> None:
    assert set(TOLD) == set(CLASSES)
