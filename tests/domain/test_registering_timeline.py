"""A story grouped by what belongs together: nothing lost, nothing told twice, old and new side by side."""

from typing import Any
from uuid import UUID

from services.register.store import logged
from shared.contracts.event import Addressee
from shared.contracts.replies import PlaceCorrected, TaskNoted
from shared.contracts.tasks import ReplyRefused
from shared.domain.registering.folding import as_document, fold
from shared.domain.registering.story import tell
from shared.domain.registering.timeline import place_now, reached, timeline
from shared.domain.registering.timeline_parts import Part
from tests.support.lives import WORDS, Life, a_paged_life, a_whole_life, by, taken


def drawn(life: Life) -> list[Part]:
    return timeline(
        tell([logged(one) for one in taken(life.events)]), fold(life.report_id, map(as_document, life.events))
    )


def _ids(parts: list[Part]) -> list[UUID]:
    found: list[UUID] = []
    for part in parts:
        own: list[dict[str, Any]] = [part.entry, *part.facts, *([part.refused] if part.refused else [])]
        found += [entry["event_id"] for entry in own] + _ids(part.parts)
    return found


def test_every_event_stands_once_and_receipts_within_their_pages() -> None:
    for life in (a_whole_life(), a_paged_life()):
        receipts = [e for e in life.events if e.type.startswith("delivery.")]
        shown = _ids(drawn(life))
        assert len(shown) == len(set(shown))
        assert set(shown) == {e.event_id for e in life.events} - {e.event_id for e in receipts}


def test_a_page_is_one_line_with_when_it_got_there() -> None:
    life = a_paged_life()
    task = next(part for part in drawn(life) if part.kind == "task")
    assert [(p.device, p.channel, p.state, p.reason) for p in task.pages] == [
        ("pager-east", "espa", "refused", "no carrier"),
        ("radio-east", "mqtt", "answered", None),
    ]
    assert [name for name, _ in task.pages[1].steps] == ["attempted", "accepted", "delivered", "answered"]
    assert (task.pages[0].got_there, task.pages[1].got_there) == (None, life.at(0.45))
    assert reached(drawn(life)) == life.at(0.45)


def test_answers_stand_under_their_task_in_order_and_facts_repeat_nothing() -> None:
    task = next(part for part in drawn(a_paged_life()) if part.kind == "task")
    assert [part.entry["type"] for part in task.parts] == [
        "limit.passed",
        "rung.reached",
        "notice.issued",
        "reply.acknowledged",
        "reply.arrived",
        "reply.completed",
    ]
    assert task.late and task.ended is not None and task.ended["outcome"] == "done"
    assert task.parts[3].facts[0]["type"] == "task.changed"


def test_the_parts_stand_in_the_order_in_which_they_began() -> None:
    parts = drawn(a_paged_life())
    assert [part.kind for part in parts] == ["filed", "report", "task", "correction"]
    assert [part.after for part in parts] == sorted(part.after for part in parts)
    for part in parts:
        assert [one.at for one in part.parts] == sorted(one.at for one in part.parts)


def test_a_correction_shows_old_and_new() -> None:
    life = Life("medical", place="9栋2单元1503")
    life.opened()
    life.said(PlaceCorrected, 2, by=by("customer_assistant"), place="9栋2单元1505")
    said = life.events[-1]
    (part,) = [p for p in drawn(life) if p.kind == "correction"]
    assert part.changes == [("place", None, "9栋2单元1505")], "only asked for, so far"
    from_there = a_paged_life()
    (part,) = [p for p in drawn(from_there) if p.kind == "correction"]
    assert ("place", None, "9栋2单元1505") in part.changes
    assert said.event_id


def test_where_to_go_is_what_was_said_last() -> None:
    assert place_now({"place": "南门", "patient_place": "9栋402"}) == "9栋402"
    assert place_now({"place": "南门"}) == "南门"
    life = a_paged_life()
    assert place_now(fold(life.report_id, map(as_document, life.events))) == "9栋2单元1505"


def test_what_was_refused_is_marked_where_it_was_said() -> None:
    life = Life("medical")
    life.opened()
    task = life.task("go")
    said = life.said(TaskNoted, 1, task_id=task, by=by("guard"), note="x")
    life.fact(ReplyRefused, 1, refused=said.event_id, task_id=task, reason="ended", words=WORDS)
    group = next(part for part in drawn(life) if part.kind == "task")
    (note,) = group.parts
    assert note.refused is not None and note.refused["reason"] == "ended"


def test_a_hand_on_keeps_its_own_line_with_the_new_addressee() -> None:
    life = Life("medical")
    life.opened()
    task = life.task("go")
    life.changed(task, "asked_wider", 1, to=Addressee(role="guard"))
    group = next(part for part in drawn(life) if part.kind == "task")
    assert [part.entry["type"] for part in group.parts] == ["task.changed"]
