"""`baoshi estates`: apply, show and list estates, and give out keys."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.console import Console

from cli.directory import fail, instant, on_directory, roles_named, told
from cli.estates_listing import listed, listing
from cli.estates_words import applied_line, calendar_lines, estate_line, gap_lines, holders_table
from cli.language import Lang, Language, language
from cli.packaged import misfits_of
from cli.unusable_channels import unusable_channels
from shared.contracts.event import Words
from shared.domain.estates.coverage import gaps
from shared.domain.estates.loading import EstateMistakes, Mistake, read_estates
from shared.domain.estates.roster import Estate
from shared.platform.clock import Clock
from shared.platform.estate_store import add_key, apply_estates, remove_key, stored_estate, stored_estates
from shared.platform.settings import Settings

Files = Annotated[list[Path], typer.Argument(help="estates' TOML files · 小区文件")]
Code = Annotated[str, typer.Argument(help="the estate's code, such as lanting · 小区代码")]
At = Annotated[str | None, typer.Option("--at", help="an ISO time, of the estate if without offset · 时间")]
Roles = Annotated[list[str], typer.Option("--role", help="a role the key may speak for · 可代表的角色")]
KeyId = Annotated[str | None, typer.Option("--id", help="the key's id; made up if missing · 密钥编号")]
Json = Annotated[bool, typer.Option("--json", help="for programs · 供程序读取")]
Note = Annotated[str, typer.Option("--note", help="what the key is for · 用途")]
_NARROWEST = 150


def mount(app: typer.Typer) -> None:
    """Adds `estates` with its commands."""
    group = typer.Typer(help="Estates: buildings, posts, rosters, keys · 小区", no_args_is_help=True)
    group.command("check")(check)
    group.command("apply")(apply)
    group.command("show")(show)
    group.command("list")(list_all)
    keys = typer.Typer(help="Callers' keys · 密钥", no_args_is_help=True)
    keys.command("add")(keys_add)
    keys.command("remove")(keys_remove)
    group.add_typer(keys, name="keys")
    app.add_typer(group, name="estates")


def check(files: Files, lang: Lang = None) -> None:
    """Check estates' files, also against the playbooks, and apply nothing. · 检查小区文件"""
    said = language(lang)
    for estate in _read(files, said):
        zh, en = f"{estate.estate} {estate.zh}:没有错误", f"{estate.estate} {estate.en}: no mistakes"
        typer.echo(zh if said == "zh" else en)


def apply(files: Files, lang: Lang = None) -> None:
    """Apply estates' files: all or none. The same file again changes nothing. · 应用小区文件"""
    said = language(lang)
    estates = _read(files, said)
    done = on_directory(said, lambda mongo: apply_estates(mongo, estates))
    now = Clock.of(Settings()).now()
    for estate, applied in zip(estates, done, strict=True):
        typer.echo(applied_line(estate, applied, said))
        today = now.astimezone(estate.zone).date()
        for line in (*gap_lines(estate, gaps(estate, today), said), *calendar_lines(estate, today, said)):
            typer.echo(f"  {line}")


def show(code: Code, at: At = None, lang: Lang = None) -> None:
    """Show an estate, and who holds what at an instant. · 查看小区与当班人员"""
    said = language(lang)
    stored = on_directory(said, lambda mongo: stored_estate(mongo, code))
    now = instant(at, stored.estate, said)
    typer.echo(estate_line(stored, said))
    for line in holders_table(stored.estate, now, said):
        typer.echo(line)


def list_all(as_json: Json = False, lang: Lang = None) -> None:
    """List all estates: names, figures, when they were applied, gaps of the coming week. · 列出小区"""
    said, now = language(lang), Clock.of(Settings()).now()
    found = [(stored, listed(stored, now)) for stored in on_directory(said, stored_estates)]
    if as_json:
        typer.echo(to_json([line for _, line in found]).decode())
    elif found:
        console = Console(width=max(Console().width, _NARROWEST))
        console.print(listing(found, said))
    else:
        zh, en = "还没有小区:请用 baoshi estates apply 应用小区文件", "No estates yet: use baoshi estates apply"
        typer.echo(zh if said == "zh" else en, err=True)


def keys_add(code: Code, role: Roles, key_id: KeyId = None, note: Note = "", lang: Lang = None) -> None:
    """Make a key for an estate; its secret is printed this once. · 新建密钥,只显示一次"""
    said = language(lang)
    roles = roles_named(role, said)
    key, secret = on_directory(said, lambda mongo: add_key(mongo, code, roles, key_id, note))
    words = Words(zh=f"密钥 {key.id}({code}),以下内容只显示这一次:", en=f"Key {key.id} ({code}), shown this once:")
    typer.echo(told(words, said), err=True)
    typer.echo(secret)


def keys_remove(
    code: Code, key_id: Annotated[str, typer.Argument(help="the key's id · 密钥编号")], lang: Lang = None
) -> None:
    """Remove a key that `keys add` made. · 删除密钥"""
    said = language(lang)
    if not on_directory(said, lambda mongo: remove_key(mongo, code, key_id)):
        fail(Words(zh=f"{code} 没有后加的密钥 {key_id}", en=f"{code} has no added key {key_id}"), said)
    typer.echo(told(Words(zh="已删除,30秒内失效", en="removed, of no use within 30 s"), said))


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
        if len(estates) == len(texts):
            mistakes += misfits_of(estates, texts, said) + unusable_channels(estates, texts)
    except EstateMistakes as wrong_content:
        mistakes += wrong_content.mistakes
    if mistakes:
        for mistake in mistakes:
            typer.echo(mistake.text(said), err=True)
        fail(Words(zh="有错误,什么都没有应用", en="mistakes found, nothing was applied"), said)
    return estates
