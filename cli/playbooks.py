"""`baoshi playbooks`: whether they can work, and what an estate or another folder has differently."""

from pathlib import Path
from typing import Annotated

import typer

from cli.directory import fail, on_directory
from cli.language import Lang, Language, language
from cli.packaged import folder_of, load, misfits_of
from cli.playbooks_words import counted, different, same, titled
from shared.contracts.event import Words
from shared.domain.estates.loading import EstateMistakes, Mistake, read_estate
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.differing import differences, wait_differences
from shared.domain.playbooks.format import Playbooks
from shared.domain.playbooks.overriding import overridden
from shared.platform.estate_store import stored_estate

Folder = Annotated[Path | None, typer.Argument(help="folder of playbooks · 预案目录")]
Other = Annotated[
    Path | None, typer.Argument(help="an estate's file, or a folder of playbooks · 小区文件或预案目录")
]
Code = Annotated[str | None, typer.Option("--estate", help="an applied estate's code · 已应用的小区代码")]


def mount(app: typer.Typer) -> None:
    """Adds `playbooks` with its commands."""
    group = typer.Typer(help="Playbooks: the procedure as data · 预案", no_args_is_help=True)
    group.command("check")(check)
    group.command("diff")(diff)
    app.add_typer(group, name="playbooks")


def check(folder: Folder = None, lang: Lang = None) -> None:
    """Check a folder of playbooks: every mistake with file and line, else counts. · 检查预案"""
    said = language(lang)
    books = load(folder_of(folder), said)
    for book in books.by_category.values():
        typer.echo(counted(book, said))


def diff(other: Other = None, estate: Code = None, lang: Lang = None) -> None:
    """What an estate, its file, or another folder of playbooks has differently. · 与现行预案的差别"""
    said = language(lang)
    if (other is None) == (estate is None):
        zh, en = "请给出小区文件、预案目录或 --estate 之一", "name one: an estate's file, a folder, or --estate"
        fail(Words(zh=zh, en=en), said)
    books = load(folder_of(None), said)
    if other is not None and other.is_dir():
        _show(books, load(other, said), said)
        return
    own, mistakes = _stored(estate, said) if estate else _read(other, said)
    for mistake in mistakes:
        typer.echo(mistake.text(said), err=True)
    _show(books, _as_estate_has(books, own), said)
    if mistakes:
        fail(Words(zh="有错误的行不生效", en="rows with mistakes are left out"), said)


def _as_estate_has(books: Playbooks, estate: Estate) -> Playbooks:
    whole = {name: overridden(book, estate.overrides) for name, book in books.by_category.items()}
    named = {(row.role, row.lane) for row in estate.waits}
    rest = tuple(row for row in books.waits if (row.role, row.lane) not in named)
    own = tuple(row.model_dump() for row in estate.waits)
    return Playbooks.model_validate({**dict(books), "by_category": whole, "waits": (*rest, *own)})


def _show(old: Playbooks, new: Playbooks, said: Language) -> None:
    found = 0
    for name in dict.fromkeys((*old.by_category, *new.by_category)):
        before, after = old.by_category.get(name), new.by_category.get(name)
        if before is None or after is None:
            typer.echo(titled(name, said, missing="old" if before is None else "new"))
            found += 1
        elif rows := differences(before, after):
            typer.echo("\n".join((titled(name, said), *different(rows, said))))
            found += len(rows)
    if waits := wait_differences(old.waits, new.waits):
        typer.echo("\n".join((titled("waits", said), *different(waits, said))))
    if not found and not waits:
        typer.echo(same(said))


def _read(path: Path | None, said: Language) -> tuple[Estate, list[Mistake]]:
    """With the same checks as `estates apply`."""
    try:
        text = Path(path or "").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        fail(Words(zh=f"{path}: 读不了:{wrong}", en=f"{path}: cannot be read: {wrong}"), said)
    try:
        estate = read_estate(text, str(path))
    except EstateMistakes as wrong_content:
        for mistake in wrong_content.mistakes:
            typer.echo(mistake.text(said), err=True)
        raise typer.Exit(1) from None
    return estate, misfits_of((estate,), {str(path): text}, said)


def _stored(code: str, said: Language) -> tuple[Estate, list[Mistake]]:
    """Rows that fitted when they were applied may not fit the playbooks that work now."""
    otherwise = Words(zh="直接比较小区文件", en="name the estate's file")
    estate = on_directory(said, lambda mongo: stored_estate(mongo, code), otherwise).estate
    return estate, misfits_of((estate,), {code: ""}, said)
