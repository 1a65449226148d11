"""The board's answers over a real MongoDB: what is open, what was open then, who is on duty, today's figures."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.register.live.board_rows import BoardRows, BoardWanted
from services.register.live.settings import LiveSettings
from shared.platform.errors import Rejected
from shared.platform.service import serving
from tests.services.test_register_api import an_evening, window
from tests.support.lives import MORNING, Life, by
from tests.support.register_case import Register
from tests.support.stack import free_ports
from tests.support.streams import listening

pytestmark = pytest.mark.stack
PHONE = "13800138000"
__all__ = ["window"]


@pytest.fixture
async def board(window: Register) -> AsyncIterator[Register]:
    async with window.live.watch.running():
        yield window


async def shown(
    window: Register, secret: str | None = None, path: str = "/v1/board", **query: Any
) -> dict[str, Any]:
    answer = await window.get(path, secret, **query)
    assert answer.status_code == 200, answer.text
    return {line["report_id"]: line for line in answer.json()["lines"]}


async def test_all_that_is_open_stands_on_the_board(board: Register) -> None:
    lives = an_evening()
    await board.take(*lives.values())
    lines = await shown(board)
    assert set(lines) == {lives[name].report_id for name in ("silent", "heard", "elsewhere", "new")}
    silent = lines[lives["silent"].report_id]
    assert (silent["place"], silent["tasks"][0]["state"], silent["unassigned"]) == ("南门", "waiting", False)
    assert silent["no"].startswith("2026-")
    assert set(await shown(board, estate="bihai")) == {lives["elsewhere"].report_id}
    assert set(await shown(board, lane="routine")) == {lives["new"].report_id}


async def test_the_board_has_only_ones_own_estates_and_no_phones_for_a_guard(board: Register) -> None:
    life = Life("medical", place=f"3栋打{PHONE}", estate="bihai")
    await board.take(life, Life("medical"))
    guard, desk = await board.key("guard", estate="bihai"), await board.key("customer_assistant", estate="bihai")
    hidden, seen = await shown(board, guard), await shown(board, desk)
    assert list(hidden) == list(seen) == [life.report_id]
    assert (PHONE in str(hidden), PHONE in str(seen)) == (False, True)
    assert (await board.get("/v1/board", guard, estate="lanting")).status_code == 404


async def test_between_the_board_and_its_stream_nothing_falls(board: Register) -> None:
    (port,) = free_ports(1)
    first, second = Life("medical"), Life("medical", text="second")
    await board.take(first)
    mark = (await board.get("/v1/board")).json()["mark"]
    await board.take(second)
    first.opened()
    await board.take(first)
    async with (
        serving(board.app, "127.0.0.1", port),
        listening(
            f"http://127.0.0.1:{port}/v1/board/stream", {"Authorization": f"Bearer {board.admin}"}, mark
        ) as heard,
    ):
        wanted = {first.report_id, second.report_id}
        told = await heard.until(lambda found: {t.content["report_id"] for t in found} == wanted, "line", "reset")
    assert {t.event for t in told} == {"line"}


async def test_the_board_as_it_stood(board: Register) -> None:
    life = Life("medical")
    life.opened()
    task = life.task("go", minute=1, role="guard", ack_wait=30)
    life.changed(task, "acknowledged", 10, by=by("guard", "guard-1"))
    life.ended(task, 20, by=by("guard", "guard-1"))
    life.closed(20)
    board.clock.time = MORNING + timedelta(hours=5)
    await board.take(life)
    assert await shown(board) == {}

    async def then(minutes: float) -> list[str]:
        at = (MORNING + timedelta(minutes=minutes)).isoformat()
        lines = await shown(board, path="/v1/board/at", at=at)
        return [task["state"] for line in lines.values() for task in line["tasks"]] if lines else ["nothing"]

    assert [await then(m) for m in (-1, 0.5, 2, 11, 20)] == [
        ["nothing"], [], ["waiting"], ["acknowledged"], ["nothing"],
    ]  # fmt: skip


async def test_the_future_and_too_much_are_refused_by_name(board: Register) -> None:
    await board.take(*an_evening().values())
    answer = await board.get("/v1/board/at", at=(board.clock.time + timedelta(hours=1)).isoformat())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "at")
    few = BoardRows(board.mongo, LiveSettings(register_board_replay_events=3))
    with pytest.raises(Rejected) as refusal:
        await few.at(BoardWanted(["lanting", "bihai"]), board.clock.time)
    assert refusal.value.field == "at"


async def test_over_the_limit_emergencies_come_first_and_the_rest_is_counted(board: Register) -> None:
    await board.take(*an_evening().values())
    few = BoardRows(board.mongo, LiveSettings(register_board_reports=3, register_board_replay_reports=3))
    wanted = BoardWanted(["lanting", "bihai"])
    for found in (await few.now(wanted), await few.at(wanted, board.clock.time)):
        assert ({line["lane"] for line in found.lines}, found.left_out) == ({"emergency"}, 1)


async def test_who_is_on_duty_by_name_for_those_who_may_see_names(board: Register) -> None:
    await board.take(Life())
    guard, desk = await board.key("guard"), await board.key("customer_assistant")
    rosters = [(await board.get("/v1/board/duty", secret)).json()["estates"] for secret in (guard, desk)]
    assert [[roster["estate"] for roster in found] for found in rosters] == [["lanting"], ["lanting"]]
    assert ["姓名" in str(found) for found in rosters] == [False, True]
    held = {line["role"]: line["holders"] for line in rosters[0][0]["roles"]}
    assert [h["post"] for h in held["gate_guard"]] == ["gate-north", "gate-south"] or len(held["gate_guard"]) == 2


async def test_todays_figures_by_estate_and_class_with_their_hours(board: Register) -> None:
    await board.take(*an_evening().values())
    answer = (await board.get("/v1/board/today")).json()
    lines = {(line["estate"], line["category"]): line for line in answer["lines"]}
    medical = lines["lanting", "medical"]
    assert (medical["reports"], medical["overdue_now"], medical["hours"][9]) == (2, 1, 2)
    assert len(medical["hours"]) == 12, "09:00 and two hours"
    alone = (await board.get("/v1/board/today", await board.key("guard", estate="bihai"))).json()["lines"]
    assert {line["estate"] for line in alone} == {"bihai"}


async def test_the_page_is_for_whoever_signed_in(board: Register) -> None:
    assert (await board.get("/board")).status_code == 200
    answer = await board.get("/board", "nobody")
    assert (answer.status_code, answer.headers["location"]) == (303, "/session?next=%2Fboard")
