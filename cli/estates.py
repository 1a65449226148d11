"""`baoshi estates`: apply, show and list estates, and give out keys."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from pymongo.errors import PyMongoError

from cli.estates_words import applied_line, estate_line, gap_lines, holders_table
from cli.language import Lang, Language, language
from shared.contracts.event import Words
from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.coverage import gaps
from shared.domain.estates.loading import EstateMistakes, Mistake, read_estates
from shared.domain.estates.roster import Estate
from shared.platform.clock import Clock
from shared.platform.errors import Rejected
from shared.platform.estate_store import add_key, apply_estates, remove_key, stored_estate, stored_estates
from shared.platform.mongo import Database, connect, database
from shared.platform.settings import Settings

T = TypeVar("T")
Files = Annotated[list[Path], typer.Argument(help="estates' TOML files · 小区文件")]
Code = Annotated[str, typer.Argument(help="the estate's code, such as lanting · 小区代码")]
At = Annotated[str | None, typer.Option("--at", help="an ISO time, of the estate if without offset · 时间")]
Roles = Annotated[list[str], typer.Option("--role", help="a role the key may speak for · 可代表的角色")]
KeyId = Annotated[str | None, typer.Option("--id", help="the key's id; made up if missing · 密钥编号")]
Note = Annotated[str, typer.Option("--note", help="what the key is for · 用途")]


def mount(app: typer.Typer) -> None:
    """Adds `estates` with its commands."""
    group = typer.Typer(help="Estates: buildings, posts, rosters, keys · 小区", no_args_is_help=True)
    group.command("apply")(apply)
    group.command("show")(show)
    group.command("list")(list_all)
    keys = typer.Typer(help="Callers' keys · 密钥", no_args_is_help=True)
    keys.command("add")(keys_add)
    keys.command("remove")(keys_remove)
    group.add_typer(keys, name="keys")
    app.add_typer(group, name="estates")


def apply(files: Files, lang: Lang = None) -> None:
    """Apply estates' files: all or none. The same file again changes nothing. · 应用小区文件"""
    said = language(lang)
    estates = _read(files, said)
    done = _run(said, lambda mongo: apply_estates(mongo, estates))
    now = Clock.of(Settings()).now()
    for estate, applied in zip(estates, done, strict=True):
        typer.echo(applied_line(estate, applied, said))
        for line in gap_lines(gaps(estate, now.astimezone(estate.zone).date()), said):
            typer.echo(f"  {line}")


def show(code: Code, at: At = None, lang: Lang = None) -> None:
    """Show an estate, and who holds what at an instant. · 查看小区与当班人员"""
    said = language(lang)
    stored = _run(said, lambda mongo: stored_estate(mongo, code))
    now = _instant(at, stored.estate, said)
    typer.echo(estate_line(stored, said))
    for line in holders_table(stored.estate, now, said):
        typer.echo(line)


def list_all(lang: Lang = None) -> None:
    """List all estates. · 列出小区"""
    said = language(lang)
    for stored in _run(said, stored_estates):
        typer.echo(estate_line(stored, said))


def keys_add(code: Code, role: Roles, key_id: KeyId = None, note: Note = "", lang: Lang = None) -> None:
    """Make a key for an estate; its secret is printed this once. · 新建密钥,只显示一次"""
    said = language(lang)
    roles = _roles(role, said)
    key, secret = _run(said, lambda mongo: add_key(mongo, code, roles, key_id, note))
    words = Words(zh=f"密钥 {key.id}({code}),以下内容只显示这一次:", en=f"Key {key.id} ({code}), shown this once:")
    typer.echo(_in(words, said), err=True)
    typer.echo(secret)


def keys_remove(
    code: Code, key_id: Annotated[str, typer.Argument(help="the key's id · 密钥编号")], lang: Lang = None
) -> None:
    """Remove a key that `keys add` made. · 删除密钥"""
    said = language(lang)
    if not _run(said, lambda mongo: remove_key(mongo, code, key_id)):
        _fail(Words(zh=f"{code} 没有后加的密钥 {key_id}", en=f"{code} has no added key {key_id}"), said)
    typer.echo(_in(Words(zh="已删除,30秒内失效", en="removed, of no use within 30 s"), said))


def _read(files: list[Path], said: Language) -> tuple[Estate, ...]:
    texts: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for file in files:
        try:
            texts[str(file)] = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            mistakes.append(
                Mistake(str(file), None, "", Words(zh=f"读不了:{wrong}", en=f"cannot be read: {wrong}"))
            )
    try:
        estates = read_estates(texts)
    except EstateMistakes as wrong_content:
        mistakes += wrong_content.mistakes
    if mistakes:
        for mistake in mistakes:
            typer.echo(mistake.text(said), err=True)
        _fail(Words(zh="有错误,什么都没有应用", en="mistakes found, nothing was applied"), said)
    return estates


def _roles(names: list[str], said: Language) -> tuple[Role, ...]:
    unknown = [name for name in names if name not in ROLES]
    if unknown:
        zh, en = (
            f"没有这个角色:{unknown[0]};有 {'、'.join(ROLES)}",
            f"unknown role {unknown[0]}: {', '.join(ROLES)}",
        )
        _fail(Words(zh=zh, en=en), said)
    return tuple(role for role in ROLES if role in names)


def _instant(at: str | None, estate: Estate, said: Language) -> datetime:
    if at is None:
        return Clock.of(Settings()).now()
    try:
        read = datetime.fromisoformat(at)
    except ValueError:
        _fail(Words(zh=f"不是 ISO 时间:{at}", en=f"no ISO time: {at}"), said)
    return read if read.tzinfo else read.replace(tzinfo=estate.zone)


def _run(said: Language, action: Callable[[Database], Awaitable[T]]) -> T:
    try:
        return asyncio.run(_on_database(action))
    except Rejected as refused:
        _fail(refused.words, said)
    except PyMongoError as error:
        kind = type(error).__name__
        zh = f"MongoDB 没有应答({kind}):请先运行 make up,或检查 BAOSHI_MONGO"
        _fail(Words(zh=zh, en=f"MongoDB does not answer ({kind}): run make up, or look at BAOSHI_MONGO"), said)


async def _on_database(action: Callable[[Database], Awaitable[T]]) -> T:
    settings = Settings()
    async with connect(settings) as client:
        return await action(database(client, settings))


def _in(words: Words, said: Language) -> str:
    return words.zh if said == "zh" else words.en


def _fail(words: Words, said: Language) -> NoReturn:
    typer.echo(_in(words, said), err=True)
    raise typer.Exit(1)
