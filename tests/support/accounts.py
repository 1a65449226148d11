"""The reckoning after an evening with faults: everything accepted is there, once, and nobody was rung in vain."""

from collections import Counter
from typing import Any

from shared.contracts.vocabulary import LADDERS
from tests.support.installation import Installation, until

FIRST_STEPS = {"inquiry": {"answer_now"}, "medical": {"call_120", "tell_leader", "hold_lift", "ask_address"}}
RUNG_OF_OTHERS = {"ack": 1, "arrive": 0, "finish": 0}
"""Who does not acknowledge is passed over at once; the other clocks ask the holder first."""
ALSO_AWAITED = {"arrive": {"hold_lift"}, "finish": {"answer_now"}}
"""Besides every `ack`: one step of each other clock, whose limit is short."""


async def settle(installation: Installation, accepted: list[str], seconds: float = 90.0) -> None:
    """Waits until every accepted report is registered with the tasks that its filing opens."""

    async def all_there() -> bool:
        return not await missing(installation, accepted)

    assert await until(all_there, seconds), f"missing: {await missing(installation, accepted)}"


async def missing(installation: Installation, accepted: list[str]) -> list[str]:
    """Reports without a number, and first tasks without an assignment."""
    # A row may stand before its number: tasks can be read before the filing that they come from.
    rows = {d["_id"] async for d in installation.store["numbers"].find({}, {"_id": 1})}
    tasks = {d["body"]["task_id"] async for d in installation.store["events"].find({"type": "task.assigned"})}
    wanted = [f"{r}.{step}.1" for r in accepted for step in FIRST_STEPS[r.split(".")[1]]]
    return [r for r in accepted if r not in rows] + [t for t in wanted if t not in tasks]


async def assert_once(installation: Installation, accepted: list[str]) -> None:
    """One row and one number a report, no task assigned by two facts, no number left out."""
    rows = [d["_id"] async for d in installation.store["rows"].find({}, {"_id": 1})]
    assert sorted(rows) == sorted(set(accepted))
    numbers = [d async for d in installation.store["numbers"].find({})]
    assert sorted(n["number"] for n in numbers) == list(range(1, len(accepted) + 1))
    assert len({n["_id"] for n in numbers}) == len(accepted)
    tasks = Counter(
        [d["body"]["task_id"] async for d in installation.store["events"].find({"type": "task.assigned"})]
    )
    assert [t for t, count in tasks.items() if count > 1] == []


async def assert_the_silent_are_rung_for(installation: Installation, seconds: float = 90.0) -> None:
    """Every task that nobody answered has the first rung of its clocks, asked of that rung's role, once."""
    await _bells(installation, seconds)
    expected = await _expected(installation)
    assert expected, "nothing was left unanswered"

    async def all_rung() -> bool:
        return not await _not_rung(installation, expected)

    assert await until(all_rung, seconds), f"not rung: {await _not_rung(installation, expected)}"
    rungs = [d["body"] async for d in installation.store["events"].find({"type": "rung.reached"})]
    said = Counter((r["task_id"], r["clock"], r["rung"], r["turn"]) for r in rungs)
    assert [rung for rung, count in said.items() if count > 1] == []


async def _expected(installation: Installation) -> set[tuple[str, str, int, str]]:
    """Task, clock, rung and role; the estate of these tests has somebody else on every rung."""
    events = [d async for d in installation.store["events"].find({})]
    answered = _first_answers(events)
    over = {e["body"]["task_id"] for e in events if e["type"] in ("task.ended", "task.withdrawn")}
    found: set[tuple[str, str, int, str]] = set()
    for task in (e["body"] for e in events if e["type"] == "task.assigned"):
        for clock, rung in RUNG_OF_OTHERS.items():
            task_id, ladder = task["task_id"], LADDERS[task["to"]["role"]]
            awaited = clock == "ack" or task["step"] in ALSO_AWAITED[clock]
            silent = task_id not in over and (task_id, clock) not in answered
            if awaited and silent and task.get(f"{clock}_by") and rung < len(ladder):
                found.add((task_id, clock, rung, ladder[rung]))
    return found


async def _not_rung(
    installation: Installation, expected: set[tuple[str, str, int, str]]
) -> set[tuple[str, str, int, str]]:
    """Without what ended meanwhile: the tasks of other gates, for one."""
    events = [d async for d in installation.store["events"].find({})]
    over = {e["body"]["task_id"] for e in events if e["type"] in ("task.ended", "task.withdrawn")}
    rungs = [e["body"] for e in events if e["type"] == "rung.reached"]
    reached = {(r["task_id"], r["clock"], r["rung"], r["role"]) for r in rungs}
    return {one for one in expected - reached if one[0] not in over}


async def _bells(installation: Installation, seconds: float) -> None:
    """Waits until the register has what each rung was rung because of, so that the order can be judged."""
    log = installation.store["events"]

    async def all_known() -> bool:
        because = {d["body"]["because_of"] async for d in log.find({"type": "rung.reached"})}
        return await log.count_documents({"_id": {"$in": list(because)}}) == len(because)

    assert await until(all_known, seconds), "a rung's cause is not in the register"


async def assert_nobody_rung_in_vain(installation: Installation) -> None:
    """No rung of `ack` or `arrive` was reached by a deadline read after the answer that stops that clock."""
    events = [d async for d in installation.store["events"].find({})]
    place = {d["_id"]: (d["partition"], d["offset"]) for d in events}
    answered = _first_answers(events)
    for rung in (e for e in events if e["type"] == "rung.reached" and e["body"]["clock"] in ("ack", "arrive")):
        body = rung["body"]
        stop = answered.get((body["task_id"], body["clock"]))
        bell = place.get(body["because_of"])
        if stop is not None and bell is not None and bell[0] == stop[0]:
            assert bell[1] < stop[1], f"{body['task_id']} was rung after its answer"


def _first_answers(events: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[int, int]]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    stops = {
        "reply.acknowledged": ("ack",),
        "reply.arrived": ("ack", "arrive"),
        "reply.completed": ("ack", "arrive"),
    }
    for event in events:
        for clock in stops.get(event["type"], ()):
            key, place = (event["body"]["task_id"], clock), (event["partition"], event["offset"])
            found[key] = min(found.get(key, place), place)
    return found
