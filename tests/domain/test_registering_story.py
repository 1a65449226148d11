"""The story of a report: in order, with clause, playbook version and place on Kafka, in both languages."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.register.store import logged
from shared.contracts.history import CLASSES
from shared.contracts.replies import DeadlinePassed, TaskAcknowledged
from shared.domain.registering.story import tell
from shared.domain.registering.story_words import TOLD
from tests.support.lives import a_whole_life, by, taken


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


def test_every_event_there_is_has_words() -> None:
    assert set(TOLD) == set(CLASSES)
