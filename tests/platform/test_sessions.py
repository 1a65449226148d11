"""Sessions as tokens: forged ones, ended ones, and what goes on while MongoDB is away. On a real MongoDB."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock, MagicMock

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from deploy.local.stack import LocalStack
from shared.contracts.vocabulary import Role
from shared.platform.caller import Caller
from shared.platform.mongo import Database, connect, database
from shared.platform.sessions import Sessions, Who
from shared.platform.settings import Settings
from shared.platform.signed import Signed
from tests.support.stack import Names, StackAddress

KEY = "a session key of the tests, long enough"
GRANTS: dict[str, frozenset[Role]] = {"qinghe": frozenset({"guard"}), "lanting": frozenset({"service_head"})}
WHO = Who("staff.wang", "王", GRANTS, {"qinghe": "guard-1"}, serial=7)


class Hand:
    """A time of day that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def store(stack: StackAddress, names: Names) -> AsyncIterator[Database]:
    settings = Settings(mongo=stack.mongo_uri, mongo_database=names.database)
    async with connect(settings) as client:
        yield database(client, settings)


def part(text: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def packed(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.stack
async def test_every_service_reads_the_same_caller_from_the_token(store: Database) -> None:
    session = Sessions(KEY, store, 10).issue(WHO, 1)
    caller = await Sessions(KEY, store, 10).read(session.token)
    assert caller is not None and caller.key_id == "staff.wang" and caller.name == "王"
    assert caller.roles_in("qinghe") == {"guard"} and caller.roles_in("lanting") == {"service_head"}
    assert caller.roles_in("other") == frozenset() and not caller.may_enter("other")
    assert caller.within("qinghe").roles == {"guard"} and not caller.within("qinghe").may_enter("lanting")
    assert caller.person_in("qinghe") == "guard-1" and caller.csrf == session.csrf


@pytest.mark.stack
async def test_what_nobody_here_signed_is_nobody(store: Database) -> None:
    sessions = Sessions(KEY, store, 10)
    head, body, mark = sessions.issue(WHO, 1).token.split(".")
    claims = part(body)
    raised = packed({**claims, "grants": {"*": ["management_director"]}})
    none = packed({"alg": "none", "typ": "JWT"})
    other = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(KEY), algorithms=["HS256"])
    forged = [
        f"{head}.{raised}.{mark}",
        f"{none}.{body}.",
        f"{none}.{raised}.{mark}",
        f"{head}.{body}.",
        f"{head}.{body}.{mark[:-2]}AA",
        other,
        Signed(KEY, "post-link").seal(claims),
        Signed(KEY, "oidc").seal(claims),
        Sessions("another key of the tests, long enough", store, 10).issue(WHO, 1).token,
        *("", ".", "..", "....", "a.b.c", "é.é.é", "\udc80", "x" * 10_000, f"{head}.{body}"),
    ]
    for token in forged:
        assert await sessions.read(token) is None, token[:60]


@pytest.mark.stack
async def test_a_session_is_over_at_its_hour(store: Database) -> None:
    hand = Hand()
    sessions = Sessions(KEY, store, 10, hand)
    token = sessions.issue(WHO, 1).token
    hand.now += 3599
    assert await sessions.read(token) is not None
    hand.now += 2
    assert await sessions.read(token) is None


@pytest.mark.stack
async def test_an_ended_session_is_over_at_once_here_and_soon_elsewhere(store: Database) -> None:
    here, there = Sessions(KEY, store, 10), Sessions(KEY, store, 0.001)
    one, two = here.issue(WHO, 1), here.issue(WHO, 1)
    assert await there.read(one.token) is not None
    await here.end(one.id)
    assert await here.read(one.token) is None and await here.read(two.token) is not None
    there.revoked.read_again()
    assert await there.read(one.token) is None and await there.read(two.token) is not None


@pytest.mark.stack
async def test_all_of_a_subject_end_by_serial_whatever_the_clocks_say(store: Database) -> None:
    late = Hand()
    late.now += 3000
    sessions = Sessions(KEY, store, 10, late)
    old = sessions.issue(WHO, 1)
    under_way = sessions.issue(WHO, 1)
    await sessions.end_all_of(WHO.subject, 8)
    assert await sessions.read(old.token) is None
    assert await sessions.read(under_way.token) is None, "signed in with what was true a moment ago"
    assert await sessions.read(sessions.issue(WHO._replace(serial=8), 1).token) is not None
    await sessions.end_all_of(WHO.subject, 5)
    assert await sessions.read(old.token) is None, "an older word does not undo a newer one"


def test_what_is_held_everywhere_adds_to_an_estate_and_leaks_into_no_other() -> None:
    grants: dict[str, frozenset[Role]] = {"*": frozenset({"guard"}), "lanting": frozenset({"service_head"})}
    caller = Caller("staff.li", None, frozenset({"guard", "service_head"}), grants, session="s")
    assert caller.roles_in("lanting") == {"guard", "service_head"}
    assert caller.roles_in("qinghe") == {"guard"} == caller.within("qinghe").roles
    assert Caller("staff.new", frozenset(), frozenset(), {}, session="s").roles_in("lanting") == frozenset()


async def test_an_estate_in_which_no_known_role_is_left_is_not_entered() -> None:
    sessions = Sessions(KEY, cast(Any, MagicMock()), 10)
    sessions.revoked = cast(Any, AsyncMock(**{"holds.return_value": False}))
    grants = {"qinghe": frozenset({"of-a-later-release"}), "lanting": frozenset({"guard"})}
    caller = await sessions.read(sessions.issue(WHO._replace(grants=cast(Any, grants)), 1).token)
    assert caller is not None and caller.estates == frozenset({"lanting"}) and not caller.may_enter("qinghe")


@pytest.mark.stack
async def test_without_mongodb_sessions_go_on_and_what_was_ended_stays_ended(
    own_stack: LocalStack, tmp_path: Path
) -> None:
    settings = Settings(mongo=own_stack.mongo_uri, mongo_database="away")
    async with connect(settings) as client:
        mongo, kept = database(client, settings), tmp_path / "revoked.json"
        sessions = Sessions(KEY, mongo, 0.001, snapshot=kept)
        one, two = sessions.issue(WHO, 1), sessions.issue(WHO, 1)
        await sessions.end(one.id)
        assert await sessions.read(one.token) is None
        own_stack.mongo.kill()
        assert await sessions.read(two.token) is not None and await sessions.read(one.token) is None
        started_meanwhile = Sessions(KEY, mongo, 10, snapshot=kept)
        assert await started_meanwhile.read(two.token) is not None
        assert await started_meanwhile.read(one.token) is None, "from the file"
        own_stack.mongo.start()
        own_stack.mongo.wait_ready()
        await Sessions(KEY, mongo, 10).end(two.id)
        sessions.revoked.read_again()
        assert await sessions.read(two.token) is None, "counts when it is back"
