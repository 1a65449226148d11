"""`baoshi users`: people's accounts, their roles in each estate, and an end to their sessions."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic_core import to_json
from rich.console import Console

from cli.directory import fail, on_directory, roles_named, told
from cli.language import Lang, Language, language
from cli.users_words import (
    AGAIN,
    BOTH_OR_NEITHER,
    DIFFER,
    NO_TERMINAL,
    NOBODY_YET,
    ONE_ESTATE,
    PASSWORD,
    done_line,
    for_programs,
    listing,
)
from shared.contracts.event import Words
from shared.platform.account import Account, as_login
from shared.platform.accounts import Accounts
from shared.platform.caller import EVERYWHERE
from shared.platform.mongo import Database
from shared.platform.passwords import Passwords
from shared.platform.sessions import sessions_of
from shared.platform.settings import Settings

Login = Annotated[str, typer.Argument(help="the login name · 登录名")]
Name = Annotated[str, typer.Option("--name", help="how pages call the person · 姓名")]
Roles = Annotated[list[str], typer.Option("--role", help="a role · 角色")]
Estates = Annotated[list[str], typer.Option("--estate", help="an estate's code, or '*' for all · 小区代码")]
Estate = Annotated[str, typer.Option("--estate", help="an estate's code, or '*' · 小区代码")]
Person = Annotated[str | None, typer.Option("--person", help="who that is in the roster · 班次表中的人员编号")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="file with the password; - reads standard input · 密码文件")
]
Oidc = Annotated[str | None, typer.Option("--oidc", help="subject at the OpenID provider · OpenID 标识")]
Json = Annotated[bool, typer.Option("--json", help="for programs · 供程序读取")]
T = TypeVar("T")
_NARROWEST = 120


def mount(app: typer.Typer) -> None:
    """Adds `users` with its commands."""
    group = typer.Typer(help="People's accounts · 账号", no_args_is_help=True)
    for name, command in (
        ("add", add),
        ("list", list_all),
        ("passwd", passwd),
        ("grant", grant),
        ("revoke", revoke),
        ("link", link),
        ("disable", disable),
        ("enable", enable),
        ("end-sessions", end_sessions),
    ):
        group.command(name)(command)
    app.add_typer(group, name="users")


def add(
    login: Login,
    name: Name,
    role: Roles = [],  # noqa: B006
    estate: Estates = [],  # noqa: B006
    person: Person = None,
    oidc: Oidc = None,
    password_file: PasswordFile = None,
    lang: Lang = None,
) -> None:
    """Make an account; asks for its password, unless it signs in at a provider. · 新建账号"""
    said = language(lang)
    persons, roles = _persons(estate, person, said), roles_named(role, said)
    if bool(role) != bool(estate):
        fail(BOTH_OR_NEITHER, said, 2)
    password = None if oidc and password_file is None else _password(password_file, said)
    chosen = as_login(login)

    async def work(accounts: Accounts) -> Account:
        await accounts.check_estates(estate, persons)
        account = await accounts.add(chosen, name, password, oidc)
        return await accounts.grant(chosen, estate, roles, persons) if roles else account

    typer.echo(done_line(_on_accounts(said, work), said, added=True))


def list_all(as_json: Json = False, lang: Lang = None) -> None:
    """List all accounts. · 列出账号"""
    said = language(lang)
    found = _on_accounts(said, lambda accounts: accounts.all())
    if as_json:
        typer.echo(to_json([for_programs(account) for account in found]).decode())
    elif found:
        console = Console(width=max(Console().width, _NARROWEST))
        console.print(listing(found, said))
    else:
        typer.echo(told(NOBODY_YET, said), err=True)


def passwd(login: Login, password_file: PasswordFile = None, lang: Lang = None) -> None:
    """Give a new password; all its sessions end. · 重设密码"""
    said = language(lang)
    chosen = as_login(login)
    _on_accounts(said, lambda accounts: accounts.known(chosen))
    password = _password(password_file, said)
    _change(said, lambda accounts: accounts.set_password(chosen, password))


def grant(login: Login, role: Roles, estate: Estates, person: Person = None, lang: Lang = None) -> None:
    """Add roles in estates; `--estate '*'` is every estate. · 授予角色"""
    said = language(lang)
    persons, roles = _persons(estate, person, said), roles_named(role, said)
    _change(said, lambda accounts: accounts.grant(as_login(login), estate, roles, persons))


def revoke(
    login: Login,
    estate: Estate,
    role: Roles = [],  # noqa: B006
    lang: Lang = None,
) -> None:
    """Take roles of an estate away, all of them where none is named. · 收回角色"""
    said = language(lang)
    roles = roles_named(role, said)
    _change(said, lambda accounts: accounts.revoke(as_login(login), estate, roles))


def link(
    login: Login, oidc: Annotated[str, typer.Option("--oidc", help="subject there")], lang: Lang = None
) -> None:
    """Let the account sign in at the OpenID provider. · 绑定 OpenID 标识"""
    _change(language(lang), lambda accounts: accounts.link(as_login(login), oidc))


def disable(login: Login, lang: Lang = None) -> None:
    """Nobody signs in by it any more, and its sessions end. · 停用账号"""
    _change(language(lang), lambda accounts: accounts.set_disabled(as_login(login), True))


def enable(login: Login, lang: Lang = None) -> None:
    """Let it sign in again. · 启用账号"""
    _change(language(lang), lambda accounts: accounts.set_disabled(as_login(login), False))


def end_sessions(login: Login, lang: Lang = None) -> None:
    """End all its sessions, as after a lost phone. · 退出全部登录"""
    _change(language(lang), lambda accounts: accounts.end_sessions(as_login(login)))


def _change(said: Language, action: Callable[[Accounts], Awaitable[Account]]) -> None:
    typer.echo(done_line(_on_accounts(said, action), said))


def _on_accounts(said: Language, action: Callable[[Accounts], Awaitable[T]]) -> T:
    async def work(mongo: Database) -> T:
        settings = Settings()
        accounts = Accounts(mongo, sessions_of(settings, mongo), Passwords(settings))
        await accounts.prepare()
        return await action(accounts)

    return on_directory(said, work)


def _persons(estates: list[str], person: str | None, said: Language) -> dict[str, str]:
    if person is None:
        return {}
    if len(estates) != 1 or EVERYWHERE in estates:
        fail(ONE_ESTATE, said, 2)
    return {estates[0]: person}


def _password(file: Path | None, said: Language) -> str:
    """Never an argument, which others see in the list of processes; one line end after it is not part of it."""
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            fail(Words(zh=f"读不了 {file}:{wrong}", en=f"{file} cannot be read: {wrong}"), said)
        return text.removesuffix("\n").removesuffix("\r")
    if not sys.stdin.isatty():
        fail(NO_TERMINAL, said, 2)
    password = str(typer.prompt(told(PASSWORD, said), hide_input=True))
    if password != typer.prompt(told(AGAIN, said), hide_input=True):
        fail(DIFFER, said)
    return password
