"""Rosters over the register's window: who may ask for which estate, and who sees names."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx2 as httpx
import pytest
from pydantic import SecretStr

from services.register.api import register_app
from services.register.rosters import gaps_of, roster_of
from services.register.settings import RegisterSettings
from services.register.window import Window
from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.loading import read_estate
from shared.domain.estates.roster import Estate
from shared.platform.caller import Caller
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.estate_store import add_key, apply_estates
from shared.platform.mongo import connect, database
from shared.platform.settings import Settings
from tests.support.stack import Names, StackAddress

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "estates"
EVENING = datetime(2026, 11, 20, 10, 42, tzinfo=UTC)
Get = Callable[..., Any]


def example(name: str) -> Estate:
    return read_estate((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8"), name)


class Known:
    """A directory in memory."""

    def __init__(self) -> None:
        self._estates = {name: example(name) for name in ("lanting", "xinghe")}
        self._callers = {
            "admin": Caller("admin", None, frozenset(ROLES)),
            "desk": Caller("desk", frozenset({"lanting"}), frozenset({"customer_assistant"})),
            "guard": Caller("guard", frozenset({"lanting"}), frozenset({"guard"})),
        }

    async def estate(self, code: str) -> Estate | None:
        return self._estates.get(code)

    async def by_secret(self, secret: str) -> Caller | None:
        return self._callers.get(secret)


class Still(Clock):
    def now(self) -> datetime:
        return EVENING


async def _ready() -> dict[str, bool]:
    return {}


@asynccontextmanager
async def asking(directory: Directory) -> AsyncIterator[Get]:
    settings = RegisterSettings(session_key=SecretStr("a key of tests, which is long enough"))
    window = Window.over(settings, database(connect(settings), settings), directory, Still(), _ready)
    app = register_app(window)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://register") as client:

        async def get(path: str, secret: str, language: str = "en", **query: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {secret}", "Accept-Language": language}
            return await client.get(path, params=query, headers=headers)

        yield get


@pytest.fixture
async def get() -> AsyncIterator[Get]:
    async with asking(cast(Directory, Known())) as get:
        yield get


def held(answer: httpx.Response, role: Role) -> list[dict[str, Any]]:
    return [holder for line in answer.json()["roles"] if line["role"] == role for holder in line["holders"]]


async def test_every_role_is_listed_now_empty_ones_too(get: Get) -> None:
    answer = await get("/v1/estates/xinghe/roster", "admin")
    assert answer.status_code == 200 and answer.json()["at"] == "2026-11-20T10:42:00Z"
    assert [line["role"] for line in answer.json()["roles"]] == list(ROLES)
    assert held(answer, "shift_leader") == []
    assert [h["person"] for h in held(answer, "customer_assistant")] == ["hong-bo"]


async def test_an_instant_and_a_role(get: Get) -> None:
    answer = await get("/v1/estates/lanting/roster", "guard", at="2026-11-23T20:00:00+08:00", role="gate_guard")
    assert [line["role"] for line in answer.json()["roles"]] == ["gate_guard"]
    assert held(answer, "gate_guard")[:2] == [
        {"person": "mo-xiaodong", "post": "gate-south", "instead_of": "wan-li"},
        {"person": "wan-li", "post": "gate-north", "instead_of": "mo-xiaodong"},
    ]
    heads = await get("/v1/estates/lanting/roster", "guard", role="department_head")
    assert [line["department"] for line in heads.json()["roles"]] == ["engineering", "security", "cleaning"]


@pytest.mark.parametrize(("secret", "named"), [("admin", True), ("desk", True), ("guard", False)])
async def test_names_only_for_whoever_may_see_them(get: Get, secret: str, named: bool) -> None:
    answer = await get("/v1/estates/lanting/roster", secret)
    assert ("宁涛" in answer.text) is named and "ning-tao" in answer.text
    assert all(("name" in h) is named for line in answer.json()["roles"] for h in line["holders"])


async def test_gaps_of_the_week_that_is_asked_for(get: Get) -> None:
    answer = await get("/v1/estates/xinghe/roster/gaps", "admin")
    assert answer.json() == {
        "estate": "xinghe",
        "from": "2026-11-20",
        "to": "2026-11-26",
        "gaps": [
            {
                "role": "shift_leader",
                "department": None,
                "post": None,
                "start": "2026-11-20T10:00:00Z",
                "end": "2026-11-20T16:00:00Z",
            }
        ],
    }
    later = await get("/v1/estates/xinghe/roster/gaps", "admin", **{"from": "2026-11-23"})
    assert (later.json()["from"], later.json()["gaps"]) == ("2026-11-23", [])


@pytest.mark.parametrize("path", ["roster", "roster/gaps"])
async def test_another_estate_is_as_unknown_as_none(get: Get, path: str) -> None:
    other = await get(f"/v1/estates/xinghe/{path}", "desk")
    none = await get(f"/v1/estates/nowhere/{path}", "desk")
    assert other.status_code == none.status_code == 404 and other.json() == none.json()
    assert (await get(f"/v1/estates/nowhere/{path}", "admin")).json() == none.json()
    assert (await get(f"/v1/estates/lanting/{path}", "nobody")).status_code == 401


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("roster", {"at": "tomorrow"}, "at"),
        ("roster", {"at": "2026-11-20T19:00:00"}, "at"),
        ("roster", {"at": "0001-01-01T00:00:00Z"}, "at"),
        ("roster", {"at": "9999-12-31T23:59:59Z"}, "at"),
        ("roster", {"role": "captain"}, "role"),
        ("roster", {"rolle": "guard"}, "rolle"),
        ("roster/gaps", {"first": "2026-11-20"}, "first"),
        ("roster/gaps", {"from": "Friday"}, "from"),
        ("roster/gaps", {"from": "9999-12-31"}, "from"),
    ],
)
async def test_a_parameter_that_cannot_be_read_is_named(
    get: Get, path: str, query: dict[str, str], field: str
) -> None:
    for language in ("zh", "en"):
        answer = await get(f"/v1/estates/lanting/{path}", "desk", language, **query)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == language
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_the_interface_names_both_and_their_parameters(get: Get) -> None:
    paths = (await get("/openapi.json", "")).json()["paths"]
    roster, gaps = (paths[f"/v1/estates/{{code}}/{path}"]["get"] for path in ("roster", "roster/gaps"))
    assert {p["name"] for p in roster["parameters"]} == {"code", "at", "role"}
    assert {p["name"] for p in gaps["parameters"]} == {"code", "from"}


def test_the_answers_are_made_of_the_file_and_the_instant_alone() -> None:
    lanting = example("lanting")
    (line,) = roster_of(lanting, EVENING, ("control_room",), names=True)["roles"]
    assert line["holders"] == [{"person": "ning-tao", "post": "control-room", "instead_of": None, "name": "宁涛"}]
    assert {gap["department"] for gap in gaps_of(lanting, EVENING.date())["gaps"]} == {"cleaning"}


@pytest.mark.stack
async def test_the_directory_in_mongodb_is_what_is_shown(stack: StackAddress, names: Names, tmp_path: Path) -> None:
    settings = Settings(mongo=stack.mongo_uri, mongo_database=names.database, state_dir=tmp_path)
    async with connect(settings) as client:
        mongo = database(client, settings)
        await apply_estates(mongo, [example("lanting"), example("xinghe")])
        _, secret = await add_key(mongo, "lanting", ("guard",))
        async with asking(Directory(mongo, max_age_s=0)) as get:
            answer = await get("/v1/estates/lanting/roster", secret, at="2026-11-20T12:00:00+08:00")
            assert {"person": "xu-man", "post": "desk", "instead_of": "tang-jia"} in held(
                answer, "customer_assistant"
            )
            assert (await get("/v1/estates/lanting/roster/gaps", secret)).status_code == 200
            assert (await get("/v1/estates/xinghe/roster", secret)).status_code == 404
