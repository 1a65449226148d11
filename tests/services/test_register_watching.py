"""Who watches the board: what is masked for whom, and that nobody watches on whom nobody can ask for again."""

import asyncio
from typing import Any, cast

import pytest
from starlette.requests import Request

from services.register.live import streaming
from services.register.live.frames import View
from services.register.live.hub import Viewer
from services.register.live.streaming import Live, unmasked
from shared.contracts.vocabulary import Role
from shared.platform.caller import EVERYWHERE, Caller

HEAD: frozenset[Role] = frozenset({"service_head"})
GUARD: frozenset[Role] = frozenset({"guard"})


def _person(**grants: frozenset[Role]) -> Caller:
    held = {EVERYWHERE if estate == "all" else estate: roles for estate, roles in grants.items()}
    estates = None if EVERYWHERE in held else frozenset(held)
    return Caller("staff.he", estates, frozenset[Role]().union(*held.values()), held)


@pytest.mark.parametrize(
    ("caller", "seen"),
    [
        (_person(a=HEAD, b=GUARD), frozenset({"a"})),
        (_person(all=HEAD, b=GUARD), None),
        (_person(all=GUARD, a=HEAD), frozenset({"a"})),
        (_person(), frozenset()),
        (Caller("admin", None, HEAD), None),
        (Caller("key", frozenset({"a"}), HEAD), frozenset({"a"})),
        (Caller("key", frozenset({"a"}), GUARD), frozenset()),
    ],
)
def test_where_names_and_phones_may_be_seen(caller: Caller, seen: frozenset[str] | None) -> None:
    assert unmasked(caller) == seen


class _Faulty:
    async def find(self, *_: Any) -> None:
        raise RuntimeError("a fault of ours")


async def test_whoever_cannot_be_asked_for_again_watches_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    real_sleep = asyncio.sleep

    async def at_once(_: float) -> None:
        await real_sleep(0)

    monkeypatch.setattr(asyncio, "sleep", at_once)
    live = cast(Live, type("L", (), {"callers": _Faulty(), "check_s": 0.0}))
    viewer = Viewer(View("report", None), 1)
    request = Request({"type": "http", "headers": [], "method": "GET"})
    with pytest.raises(RuntimeError):
        await streaming._end_when_over(live, request, _person(), viewer)
    assert viewer.ended
