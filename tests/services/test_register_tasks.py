"""The tasks of a post over the register's window: its own page sees them and nothing else."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx2 as httpx
import pytest
import pytest_asyncio

from services.register.api import register_app
from services.register.handlers import Handlers
from services.register.numbers import Numbers
from services.register.settings import RegisterSettings
from services.register.store import Store
from services.register.window import Window
from shared.contracts.event import Addressee
from shared.domain.playbooks.loading import load_playbooks
from shared.platform.caller import Caller
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.mongo import connect, database
from tests.support.estate import an_estate
from tests.support.lives import MORNING, Life, taken
from tests.support.stack import Names, StackAddress

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="session")]
BOOKS = load_playbooks()
ONE = frozenset({"qinghe"})
CALLERS = {
    "east": Caller("post.qinghe.patrol-east", ONE, frozenset({"guard"}), post="patrol-east"),
    "desk": Caller("desk", ONE, frozenset({"customer_assistant"})),
    "other": Caller("other", frozenset({"lanting"}), frozenset({"guard"})),
    "leader": Caller("leader", ONE, frozenset({"shift_leader"}), persons={"qinghe": "leader-1"}),
}


class Known:
    async def estate(self, code: str) -> Any:
        return an_estate(code) if code in ("qinghe", "lanting") else None

    async def by_secret(self, secret: str) -> Caller | None:
        return CALLERS.get(secret)


class Still(Clock):
    def now(self) -> datetime:
        return MORNING + timedelta(minutes=5)


async def _ready() -> dict[str, bool]:
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def window(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[Any]:
    """With one medical case: a task for the east, one for the west, one for the leader."""
    settings = RegisterSettings(mongo=stack.mongo_uri, mongo_database=names.database, state_dir=tmp_path)
    async with connect(settings) as client:
        mongo, known = database(client, settings), Known()
        parts = Window.over(settings, mongo, cast(Directory, known), Still(), _ready)
        store = Store(mongo)
        await store.prepare()
        life = a_case()
        await Handlers(store, Numbers(mongo, known)).on_batch(taken(life.events))  # type: ignore[arg-type]
        transport = httpx.ASGITransport(register_app(parts))
        async with httpx.AsyncClient(transport=transport, base_url="http://register") as client_:

            async def get(path: str, who: str = "east") -> httpx.Response:
                return await client_.get(path, headers={"authorization": f"Bearer {who}"})

            yield get


def a_case() -> Life:
    life = Life(
        "medical",
        estate="qinghe",
        place="3栋1单元1201",
        reporter="王先生",
        reporter_phone="13800138000",
        text="心脏病",
    )
    life.opened(playbook_version=BOOKS.of("medical").version)
    steps = BOOKS.of("medical").steps
    for n, direction in enumerate(("east", "west"), start=1):
        to = Addressee(role="guard", post=f"patrol-{direction}", person=f"guard-{n}")
        words: dict[str, Any] = {"words": steps["hold_lift"].words, "guard": ("no_opinion",), "ends_on": "arrive"}
        life.task("hold_lift", n=n, to=to, ack_wait=30, outcomes=("done",), **words)
    life.task("tell_leader", to=Addressee(role="shift_leader", person="leader-1"), ack_wait=30)
    return life


def steps_of(answer: Any) -> list[tuple[str, str]]:
    return [(task["step"], task["task_id"][-1]) for task in answer.json()["tasks"]]


async def test_a_post_sees_its_own_task_with_its_words_and_nobodys_name(window: Any) -> None:
    answer = await window("/v1/estates/qinghe/posts/patrol-east/tasks")
    assert answer.status_code == 200 and steps_of(answer) == [("hold_lift", "1")]
    [task] = answer.json()["tasks"]
    assert task["words"]["zh"] and task["guard"][0]["zh"].startswith("住户问病情")
    assert task["place"] == "3栋1单元1201" and task["ack_by"]
    assert answer.json()["on_duty"] == ["guard-1"]
    assert [person["person"] for person in answer.json()["people"]] == ["guard-1"]
    assert not any(word in answer.text for word in ("王先生", "13800138000", "心脏病"))


async def test_a_post_sees_no_other_post(window: Any) -> None:
    for path in ("/v1/estates/qinghe/posts/patrol-west/tasks", "/v1/estates/lanting/posts/patrol-east/tasks"):
        assert (await window(path)).status_code == 404


async def test_a_post_is_refused_everything_else(window: Any) -> None:
    closed = ("/v1/reports", "/v1/statistics", "/v1/estates/qinghe/roster", "/v1/estates/qinghe/my-tasks")
    for path in closed:
        answer = await window(path)
        assert answer.status_code == 403 and answer.json()["type"].endswith("not-for-posts"), path
    for page in ("/register", "/statistics", "/board", f"/reports/{a_case().report_id}"):
        assert (await window(page)).status_code == 303, page
    unknown = await window("/v1/replies/00000000-0000-4000-8000-000000000000")
    assert unknown.status_code == 404


async def test_staff_of_the_estate_see_any_post_and_others_none(window: Any) -> None:
    west = "/v1/estates/qinghe/posts/patrol-west/tasks"
    assert steps_of(await window(west, "desk")) == [("hold_lift", "2")]
    assert (await window(west, "other")).status_code == 404
    assert (await window("/v1/estates/qinghe/posts/nowhere/tasks", "desk")).status_code == 404


async def test_whoever_has_no_post_sees_what_is_his(window: Any) -> None:
    answer = await window("/v1/estates/qinghe/my-tasks", "leader")
    assert steps_of(answer) == [("tell_leader", "1")] and answer.json()["role"] == "shift_leader"
    assert (await window("/v1/estates/qinghe/my-tasks", "desk")).status_code == 404


@pytest.mark.parametrize("path", ["/register", "/statistics", "/board"])
async def test_pages_of_the_office_are_closed_to_a_posts_own_page(window: Any, path: str) -> None:
    """The month's list has every resident's words; a post's link is on a phone that goes from hand to hand."""
    answer = await window(path)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/session?")
