"""Accounts, passwords and failed tries, on a real MongoDB."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.platform.account import as_login
from shared.platform.accounts import Accounts
from shared.platform.errors import Rejected
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import Database, connect, database
from shared.platform.passwords import Passwords
from shared.platform.post_links import PostLinks
from shared.platform.sessions import Sessions
from shared.platform.settings import Settings
from shared.platform.signing_in.entering import Entering, From, MustWait
from shared.platform.signing_in.next_page import safe_next
from shared.platform.signing_in.source import networks_of, source_of
from shared.platform.tries import Tries
from tests.support.estate import an_estate
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
KEY = "a session key of the tests, long enough"
RIGHT, WRONG = "玉兰花开的清晨2026", "玉兰花开的清晨2027"
OFFICE = From("203.0.113.9", "")


class House:
    """Accounts of one database, and a time of day that is set by hand."""

    def __init__(self, mongo: Database, **more: Any) -> None:
        self.mongo, self.now = mongo, 1_800_000_000.0
        self.settings = Settings(argon2_passes=1, argon2_memory_kib=8192, **more)
        self.sessions = Sessions(KEY, mongo, 10)
        self.accounts = Accounts(mongo, self.sessions, Passwords(self.settings))
        tries = Tries(mongo, self.settings, lambda: self.now)
        self.entering = Entering(self.settings, KEY, self.accounts, tries)

    async def refused(self, login: str, password: str, whence: From = OFFICE) -> Rejected:
        with pytest.raises(Rejected) as refusal:
            await self.entering.by_password(login, password, whence)
        return refusal.value


@pytest.fixture
async def mongo(stack: StackAddress, names: Names) -> AsyncIterator[Database]:
    settings = Settings(mongo=stack.mongo_uri, mongo_database=names.database)
    async with connect(settings) as client:
        yield database(client, settings)


@pytest.fixture
async def house(mongo: Database) -> House:
    made = House(mongo)
    await apply_estates(mongo, [an_estate("qinghe"), an_estate("lanting")])
    await made.accounts.prepare()
    await made.accounts.add("wang", "王", RIGHT)
    return made


async def test_only_the_right_password_of_a_usable_account_enters(house: House) -> None:
    assert (await house.entering.by_password(" Wang ", RIGHT, OFFICE)).login == "wang"
    assert "argon2id" in ((await house.accounts.known("wang")).hash or "")
    wrong, unknown = await house.refused("wang", WRONG), await house.refused("zhao", RIGHT)
    await house.accounts.set_disabled("wang", True)
    disabled = await house.refused("wang", RIGHT)
    assert {(r.status, r.reason, r.words) for r in (wrong, unknown, disabled)} == {(401, "wrong", wrong.words)}
    await house.accounts.add("li", "李", None, "subject-li")
    for password in ("", "\udc80", "x" * 5000, "None"):
        assert (await house.refused("li", password)).reason == "wrong", "no password enters where there is none"


async def test_other_parameters_make_a_new_hash_at_the_next_sign_in(house: House, mongo: Database) -> None:
    later = House(mongo)
    later.accounts = Accounts(mongo, later.sessions, Passwords(Settings(argon2_passes=2, argon2_memory_kib=8192)))
    before = await house.accounts.known("wang")
    assert await later.accounts.check("wang", WRONG) is None
    assert (await later.accounts.known("wang")).hash == before.hash
    assert await later.accounts.check("wang", RIGHT) is not None
    after = await later.accounts.known("wang")
    assert after.hash != before.hash and "t=2" in (after.hash or "") and after.serial == before.serial
    assert await later.accounts.check("wang", RIGHT) is not None


@pytest.mark.parametrize("password", ["short", "x" * 201, "wang.long.name", "WANG.long.name ", "\udc80" * 12])
async def test_a_weak_password_is_refused(house: House, password: str) -> None:
    with pytest.raises(Rejected) as refusal:
        await house.accounts.add("wang.long.name", "王", password)
    assert refusal.value.field == "password" and await house.accounts.find("wang.long.name") is None


async def test_each_change_ends_the_sessions_of_that_account_only(house: House) -> None:
    await house.accounts.add("li", "李", RIGHT)
    other = house.sessions.issue((await house.accounts.known("li")).who, 1)
    changes = (
        lambda: house.accounts.grant("wang", ["qinghe"], ["guard"], {"qinghe": "guard-1"}),
        lambda: house.accounts.set_password("wang", WRONG),
        lambda: house.accounts.revoke("wang", "qinghe"),
        lambda: house.accounts.set_disabled("wang", True),
        lambda: house.accounts.set_disabled("wang", False),
        lambda: house.accounts.end_sessions("wang"),
        lambda: house.accounts.link("wang", "subject-wang"),
    )
    for change in changes:
        session = house.sessions.issue((await house.accounts.known("wang")).who, 1)
        assert await house.sessions.read(session.token) is not None
        account = await change()
        assert await house.sessions.read(session.token) is None
        assert await house.sessions.read(house.sessions.issue(account.who, 1).token) is not None
    assert await house.sessions.read(other.token) is not None


async def test_roles_are_given_and_taken_in_one_estate(house: House) -> None:
    await house.accounts.grant("wang", ["qinghe", "lanting"], ["guard", "gate_guard"], {})
    await house.accounts.grant("wang", ["*"], ["service_head"], {})
    account = await house.accounts.revoke("wang", "qinghe", ["guard"])
    assert account.grants == {
        "qinghe": {"gate_guard"},
        "lanting": {"guard", "gate_guard"},
        "*": {"service_head"},
    }
    assert "qinghe" not in (await house.accounts.revoke("wang", "qinghe", ["gate_guard"])).grants
    for estates, persons, field in ((["nowhere"], {}, "estate"), (["qinghe"], {"qinghe": "ghost"}, "person")):
        with pytest.raises(Rejected) as refusal:
            await house.accounts.grant("wang", estates, ["guard"], persons)
        assert refusal.value.field == field
    with pytest.raises(Rejected):
        await house.accounts.revoke("wang", "qinghe")


async def test_failed_tries_wait_twice_as_long_each_time_up_to_a_cap(house: House) -> None:
    for _ in range(5):
        assert (await house.refused("wang", WRONG)).status == 401
    assert (await house.refused("wang", WRONG)).status == 401, "the sixth is looked at, and begins the wait"
    waits = []
    for _ in range(12):
        refusal = await house.refused("wang", RIGHT)
        assert isinstance(refusal, MustWait), "even the right password has to wait"
        waits.append(refusal.seconds)
        house.now += refusal.seconds
        assert (await house.refused("wang", WRONG)).status == 401
    assert waits[:4] == [5, 10, 20, 40] and waits[-1] == 900 == max(waits)
    house.now += 901
    assert (await house.entering.by_password("wang", RIGHT, OFFICE)).login == "wang"
    assert (await house.refused("wang", WRONG)).status == 401, "begins anew"


async def test_failures_are_forgotten_after_a_quiet_hour(house: House) -> None:
    for _ in range(6):
        assert (await house.refused("wang", WRONG)).status == 401
    house.now += 3601
    assert [(await house.refused("wang", WRONG)).status for _ in range(7)] == [401] * 6 + [429]


async def test_an_unknown_login_waits_just_the_same(house: House) -> None:
    kinds = [[(await house.refused(login, WRONG)).reason for _ in range(8)] for login in ("wang", "nobody", "?$.")]
    assert kinds[0] == kinds[1] == kinds[2] == ["wrong"] * 6 + ["must-wait"] * 2


async def test_guesses_at_once_are_counted_each(house: House) -> None:
    refusals = await asyncio.gather(*(house.refused("wang", f"{WRONG}{n}") for n in range(40)))
    assert sum(r.status == 401 for r in refusals) == 6


async def test_guessing_at_the_desk_does_not_lock_the_desk_out(house: House) -> None:
    account = await house.entering.by_password("wang", RIGHT, OFFICE)
    desk = OFFICE._replace(device=house.entering.device_of(account.login, ""))
    for _ in range(10):
        await house.refused("wang", WRONG, From("198.51.100.7", ""))
    assert isinstance(await house.refused("wang", RIGHT, OFFICE), MustWait)
    assert (await house.entering.by_password("wang", RIGHT, desk)).login == "wang"
    stolen = desk._replace(device=house.entering.device_of("li", ""))
    assert isinstance(await house.refused("wang", RIGHT, stolen), MustWait), "the mark is of one account"
    for _ in range(6):
        await house.refused("wang", WRONG, desk)
    assert isinstance(await house.refused("wang", RIGHT, desk), MustWait), "and is no way to guess without end"


async def test_one_address_cannot_try_all_logins(mongo: Database) -> None:
    house = House(mongo, sign_in_source_tries=10)
    await house.accounts.prepare()
    await house.accounts.add("wang", "王", RIGHT)
    for n in range(11):
        assert (await house.refused(f"guess{n}", WRONG)).status == 401
    assert isinstance(await house.refused("guess", WRONG), MustWait)
    assert (await house.entering.by_password("wang", RIGHT, From("203.0.113.10", ""))).login == "wang"


async def test_signing_in_a_whole_shift_uses_up_no_tries(mongo: Database) -> None:
    house = House(mongo, sign_in_source_tries=3)
    await house.accounts.prepare()
    await house.accounts.add("wang", "王", RIGHT)
    for _ in range(8):
        assert (await house.entering.by_password("wang", RIGHT, OFFICE)).login == "wang"


async def test_a_subject_belongs_to_one_account(house: House) -> None:
    await house.accounts.add("li", "李", None, "subject-1")
    with pytest.raises(Rejected) as taken:
        await house.accounts.link("wang", "subject-1")
    assert taken.value.reason == "subject-taken"
    with pytest.raises(Rejected) as again:
        await house.accounts.add("li", "李二", RIGHT)
    assert again.value.reason == "login-taken"
    assert (await house.accounts.by_subject("subject-1") or (await house.accounts.known("wang"))).login == "li"


async def test_a_new_link_ends_the_older_ones_and_their_sessions(house: House) -> None:
    links = PostLinks(KEY, house.mongo, house.sessions)
    first = await links.issue("qinghe", "gate-south")
    opened = await links.open(first)
    assert opened.who.grants == {"qinghe": {"gate_guard"}} and opened.who.post == "gate-south"
    session = house.sessions.issue(opened.who, 1)
    caller = await house.sessions.read(session.token)
    assert caller and caller.post == "gate-south" and caller.key_id == "post.qinghe.gate-south"
    elsewhere = house.sessions.issue((await links.open(await links.issue("qinghe", "gate-north"))).who, 1)
    second = await links.issue("qinghe", "gate-south")
    assert await house.sessions.read(session.token) is None
    assert await house.sessions.read(elsewhere.token) is not None
    assert (await links.open(second)).post == "gate-south"
    shown = await links.last("qinghe", "gate-south")
    assert shown and shown.token == second and await links.last("qinghe", "patrol-east") is None
    await links.end("qinghe", "gate-south")
    assert await links.last("qinghe", "gate-south") is None
    for token in (first, second, "", "a.b.c", session.token):
        with pytest.raises(Rejected) as over:
            await links.open(token)
        assert over.value.status == 410
    with pytest.raises(Rejected) as unknown:
        await links.issue("qinghe", "moon")
    assert "gate-south" in unknown.value.words.en
    assert await house.mongo["post_links"].find_one({"_id": "qinghe.moon"}) is None


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/board?estate=a&x=%2F", "/board?estate=a&x=%2F"),
        ("http://desk.test:8101/desk", "http://desk.test:8101/desk"),
        *((bad, "/session") for bad in (
            "", "board", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test",
            "http://evil.test/", "https://desk.test:8101/", "http://desk.test:8101@evil.test/",
            "http://desk.test:8101.evil.test/", "http://u@desk.test:8101/", "javascript:alert(1)",
            "http:/evil.test", "http:evil.test", " /board", "/a\r\nset-cookie: x=1", "http://[::1",
        )),
    ],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_only(asked: str, leads: str) -> None:
    assert safe_next(asked, ["http://desk.test:8101"]) == leads


@pytest.mark.parametrize(
    ("peer", "header", "counted"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "10.1.1.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "rubbish", "unknown"),
        ("2001:db8:1:2:3::9", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
    ],
)
def test_tries_are_counted_by_the_nearest_address_that_is_not_ours(peer: str, header: str, counted: str) -> None:
    class Asked:
        headers = {"x-forwarded-for": header}  # noqa: RUF012
        client = type("Client", (), {"host": peer})

    assert source_of(Asked(), networks_of("10.0.0.0/8")) == counted  # type: ignore[arg-type]


def test_a_login_is_read_as_people_type_it() -> None:
    assert as_login("  Wang.Li ") == "wang.li"
