"""`baoshi users` and `baoshi posts` as an administrator uses them, on a real MongoDB."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import build
from shared.platform.account import Account
from shared.platform.accounts import Accounts
from shared.platform.caller import Caller
from shared.platform.estate_store import apply_estates
from shared.platform.mongo import connect, database
from shared.platform.passwords import Passwords
from shared.platform.sessions import Session, sessions_of
from shared.platform.settings import Settings
from tests.support.estate import an_estate
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack
ROOT = Path(__file__).resolve().parents[2]
RIGHT = "玉兰花开的清晨2026"
ADD = ("add", "Wang", "--name", "王", "--lang", "en")


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, *words: str, group: str = "users", typed: str | None = None) -> None:
        result = CliRunner().invoke(build(), [group, *words], input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def installed(stack: StackAddress, names: Names, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "MONGO": stack.mongo_uri,
        "MONGO_DATABASE": names.database,
        "STATE_DIR": str(tmp_path),
        "ARGON2_PASSES": "1",
        "ARGON2_MEMORY_KIB": "8192",
    }.items():
        monkeypatch.setenv(f"BAOSHI_{name}", value)
    asyncio.run(_apply())


async def _apply() -> None:
    settings = Settings()
    async with connect(settings) as client:
        await apply_estates(database(client, settings), [an_estate(), an_estate("lanting")])


def enters(password: str) -> Account | None:
    async def check() -> Account | None:
        settings = Settings()
        async with connect(settings) as client:
            store = database(client, settings)
            return await Accounts(store, sessions_of(settings, store), Passwords(settings)).check("wang", password)

    return asyncio.run(check())


def read(session: Session | None) -> tuple[Session, Caller | None]:
    """A session of the account as it is now, or what one begun before is still worth."""

    async def ask() -> tuple[Session, Caller | None]:
        settings = Settings()
        async with connect(settings) as client:
            store = database(client, settings)
            sessions = sessions_of(settings, store)
            account = await Accounts(store, sessions, Passwords(settings)).known("wang")
            chosen = session or sessions.issue(account.who, 1)
            return chosen, await sessions.read(chosen.token)

    return asyncio.run(ask())


def test_the_first_account_is_made_and_may_do_what_it_was_given() -> None:
    none = Said("list", "--lang", "zh")
    assert none.code == 0 and "baoshi users add" in none.err
    made = Said(*ADD, "--role", "guard", "--role", "service_head", "--estate", "qinghe", "--person", "head-1",
                "--password-file", "-", typed=RIGHT + "\n")  # fmt: skip
    assert made.code == 0, made.err
    assert "wang (王): qinghe =head-1: guard, service_head" in made.out and RIGHT not in made.out + made.err
    account = enters(RIGHT)
    assert (
        account
        and account.grants == {"qinghe": {"guard", "service_head"}}
        and account.persons == {"qinghe": "head-1"}
    )
    [listed] = json.loads(Said("list", "--json").out)
    assert listed["login"] == "wang" and listed["password"] is True and "hash" not in listed
    table = Said("list", "--lang", "zh").out
    assert "王" in table and "客服主任" in table and "argon2" not in table


def test_what_is_wrong_is_told_with_the_way_out_and_nothing_is_made(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("short")
    right = ("--password-file", "-")
    wrong: list[tuple[tuple[str, ...], str]] = [
        ((*ADD, "--role", "king", "--estate", "qinghe", *right), "unknown role king: management_director"),
        ((*ADD, "--role", "guard", "--estate", "moon", *right), "no estate moon: lanting, qinghe"),
        ((*ADD, "--role", "guard", *right), "--role and --estate together"),
        ((*ADD, "--role", "guard", "--estate", "qinghe", "--person", "ghost", *right), "nobody in the roster"),
        ((*ADD, "--role", "guard", "--estate", "*", "--person", "head-1", *right), "--person wants exactly one"),
        ((*ADD, "--password-file", str(short)), "10 to 200 characters"),
        ((*ADD, "--password-file", str(tmp_path / "none")), "cannot be read"),
        (ADD, "--password-file"),
        (("add", "王", "--name", "王", "--lang", "en", *right), "no login name"),
        (("add", "wang", "--name", "\t", "--lang", "en", *right), "A name has 1 to"),
        (("passwd", "wang", "--lang", "en", *right), "no account wang: see baoshi users list"),
        (("revoke", "wang", "--estate", "qinghe", "--lang", "en"), "no account wang"),
    ]
    for words, said in wrong:
        refused = Said(*words, typed=RIGHT)
        assert refused.code in (1, 2) and said in refused.err, (words, refused.err)
    assert json.loads(Said("list", "--json").out) == []
    assert Said(*ADD, "--password", RIGHT).code == 2, "never as an argument"


def test_each_change_ends_the_sessions() -> None:
    assert Said(*ADD, "--password-file", "-", typed=RIGHT).code == 0
    for words in (
        ("grant", "wang", "--role", "guard", "--estate", "qinghe", "--estate", "lanting"),
        ("revoke", "wang", "--estate", "lanting"),
        ("passwd", "wang", "--password-file", "-"),
        ("link", "wang", "--oidc", "subject-1"),
        ("disable", "wang"),
        ("enable", "wang"),
        ("end-sessions", "WANG"),
    ):
        session, caller = read(None)
        assert caller is not None
        done = Said(*words, "--lang", "en", typed="another long password")
        assert done.code == 0 and "end within 30 s" in done.out, done.err
        assert read(session)[1] is None, words
    assert enters(RIGHT) is None
    account = enters("another long password")
    assert account and account.grants == {"qinghe": {"guard"}} and account.oidc == "subject-1"


def test_a_password_typed_at_a_terminal_is_not_shown() -> None:
    def typed(*words: str) -> tuple[int, str]:
        main, other = pty.openpty()
        command = [sys.executable, "-m", "cli.main", "users", *ADD]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, cwd=ROOT, start_new_session=True, env=environment
        )
        os.close(other)
        seen, asked = b"", 0
        while True:
            try:
                got = os.read(main, 4096)
            except OSError:
                break
            if not got:
                break
            seen += got
            if asked < len(words) and seen.count(b": ") > asked:
                os.write(main, words[asked].encode() + b"\n")
                asked += 1
        os.close(main)
        return process.wait(), seen.decode()

    code, seen = typed("one long password", "another long password")
    assert code == 1 and "differ" in seen and "long password" not in seen
    code, seen = typed("one long password", "one long password")
    assert code == 0 and "long password" not in seen, seen
    assert enters("one long password") is not None


def test_posts_links_are_printed_and_ended() -> None:
    link = Said("link", "--estate", "qinghe", "--post", "gate-south", "--qr", group="posts")
    assert link.code == 0 and link.out.startswith("http://127.0.0.1:8105/post/open/") and "█" in link.out
    unknown = Said("link", "--estate", "qinghe", "--post", "moon", "--lang", "en", group="posts")
    assert unknown.code == 1 and "no post moon: control" in unknown.err
    assert Said("link", "--estate", "qinghe", "--post", "x", "--address", "desk", group="posts").code == 2
    assert Said("end", "--estate", "qinghe", "--post", "gate-south", group="posts").code == 0
    assert Said("end", "--estate", "qinghe", "--post", "moon", group="posts").code == 1
