"""S6: fire goes to 119 at the first word, one gate meets the engine; the level sets the authority's clock."""

from datetime import timedelta

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
DESK, CONTROL, LEADER, GUARD = "customer_assistant", "control_room", "shift_leader", "guard"
DIRECTOR, HEAD = "management_director", "service_head"


async def test_a_fire_from_the_first_word_to_the_brief(town: Installation) -> None:
    report = await town.file("disaster", kind="fire", place="3栋1单元1201")
    await town.task(report, "fight_fire")
    await town.complete(report, "ask_fire", "flames", DESK)
    call = await town.seen(report, "task.assigned", step="call_119")
    assert call["to"]["person"] == "control-1" and call["calls"] == ["119"]
    await town.complete(report, "call_119", "called", CONTROL)
    other = await town.task(report, "meet_engine", 2)
    await town.complete(report, "meet_engine", "arrived", "gate_guard")
    assert await town.ended(other) == "passed_elsewhere"
    told = await town.seen(report, "notice.issued", name="engine_arrived", to__post="gate-north")
    assert "GATE SOUTH" in told["words"]["en"]
    command = await town.task(report, "fire_command")
    await town.reply(command, "arrive", "security_supervisor", "supervisor-1")
    await town.complete(report, "confirm_fire", "confirmed", GUARD)
    await town.complete(report, "fire_control", "done", CONTROL)
    for n in (1, 2):
        await town.complete(report, "evacuate", "cleared", GUARD, n)
    await town.complete(report, "cut_supplies", "done", "engineering")
    await town.complete(report, "fight_fire", "handed_to_119", LEADER)
    await town.complete(report, "feed_back_disaster", "fed_back", LEADER)
    await town.complete(report, "record_disaster", "recorded", DESK)
    await town.complete(report, "report_authority", "reported", DIRECTOR)
    assert not await town.events(report, "report.closed")
    await town.complete(report, "brief", "sent", DIRECTOR)
    await town.seen(report, "report.closed", why="done")


async def test_the_level_of_a_flood_sets_the_authoritys_clock(town: Installation) -> None:
    report = await town.file("disaster", kind="flood", place="3栋车库")
    accepted = (await town.seen(report, "report.filed"))["accepted_at"]
    task = await town.seen(report, "task.assigned", step="report_authority")
    assert task["finish_by"] == accepted + timedelta(minutes=10)
    await town.complete(report, "go_flood", "danger", LEADER)
    danger = await town.task(report, "report_danger")
    await town.on_the_way(report, "report_authority", "graded", DIRECTOR, event_level="yellow")
    limit = await town.seen(report, "task.changed", task_id=task["task_id"], what="limit")
    assert limit["finish_by"] == accepted + timedelta(minutes=30)
    await town.complete(report, "report_authority", "reported", DIRECTOR, event_level="yellow")
    assert await town.ended(danger) == "with_the_grade"


async def test_it_may_be_reported_over_the_directors_head_but_not_by_anybody(town: Installation) -> None:
    report = await town.file("disaster", kind="flood", place="南门")
    task = await town.seen(report, "task.assigned", step="report_authority")
    assert task["to"]["person"] == "director-1" and HEAD in task["may_answer"]
    assert await town.refused(report, "report_authority", "reported", "gate_guard") == "not_yours"
    await town.complete(report, "report_authority", "reported", HEAD, event_level="red", reported_by="主管越级")
    ended = await town.seen(report, "task.ended", task_id=task["task_id"])
    assert ended["by"]["role"] == HEAD


async def test_a_gale_with_its_warning_mans_the_posts(town: Installation) -> None:
    report = await town.file("disaster", kind="gale", weather="yellow", place="南门")
    await town.acknowledge(report, "weather_colour", "director-1", "leader-1", "engineer-1")
    for n in (1, 2, 3):
        assert await town.ended(f"{report}.weather_colour.{n}") == "acknowledged"
    await town.complete(report, "go_gale", "under_control", LEADER)
    await town.complete(report, "feed_back_disaster", "fed_back", LEADER)
    await town.complete(report, "report_authority", "below_grade", DIRECTOR)
    await town.complete(report, "record_disaster", "recorded", DESK, final_level="below_grade")
    await town.seen(report, "report.closed", why="done")
