"""`baoshi households`: the desk's list of an estate's households."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.directory import fail, on_directory
from cli.language import Lang, Language, language
from shared.contracts.event import Words
from shared.domain.estates.households import Household, read_households
from shared.domain.estates.loading import EstateMistakes
from shared.domain.estates.rooms import Room
from shared.domain.estates.roster import Estate
from shared.platform.estate_store import stored_estate
from shared.platform.household_store import household_count, replace_households

_ENCODINGS = ("utf-8-sig", "gb18030")
"""What a spreadsheet in China writes where it writes no UTF-8."""
Code = Annotated[str, typer.Option("--estate", help="the estate's code · 小区代码")]
File = Annotated[Path, typer.Argument(help="a .csv or .toml file · 住户名单")]


def mount(app: typer.Typer) -> None:
    """Adds `households` with its commands."""
    group = typer.Typer(
        help="Households: living alone, key holders, illness; for the desk · 住户名单", no_args_is_help=True
    )
    group.command("check")(check)
    group.command("apply")(apply)
    group.command("count")(count)
    app.add_typer(group, name="households")


def check(file: File, estate: Code, lang: Lang = None) -> None:
    """Check a list and apply nothing. · 检查住户名单"""
    said = language(lang)
    rows = _read(file, _estate(estate, said), said)
    typer.echo(f"{estate}:{len(rows)} 户,没有错误" if said == "zh" else f"{estate}: {len(rows)} rows, no mistakes")


def apply(file: File, estate: Code, lang: Lang = None) -> None:
    """Replace the estate's whole list: all rows or none. · 应用住户名单,整份替换"""
    said = language(lang)
    rows = _read(file, _estate(estate, said), said)
    before = on_directory(said, lambda mongo: replace_households(mongo, estate, rows))
    zh, en = f"{estate}:{len(rows)} 户(原 {before} 户)", f"{estate}: {len(rows)} rows (before: {before})"
    typer.echo(zh if said == "zh" else en)


def count(estate: Code, lang: Lang = None) -> None:
    """How many rows an estate's list has; what stands in them is shown to the desk alone. · 住户名单户数"""
    said = language(lang)
    rows = on_directory(said, lambda mongo: household_count(mongo, estate))
    typer.echo(f"{estate}:{rows} 户" if said == "zh" else f"{estate}: {rows} rows")


def _estate(code: str, said: Language) -> Estate:
    return on_directory(said, lambda mongo: stored_estate(mongo, code)).estate


def _read(file: Path, estate: Estate, said: Language) -> tuple[tuple[Room, Household], ...]:
    form: Literal["csv", "toml"] = "toml" if file.suffix.lower() == ".toml" else "csv"
    try:
        return read_households(estate, _text(file, said), form, str(file))
    except EstateMistakes as wrong:
        for mistake in wrong.mistakes:
            typer.echo(mistake.text(said), err=True)
    fail(Words(zh="有错误,什么都没有应用", en="mistakes found, nothing was applied"), said)


def _text(file: Path, said: Language) -> str:
    try:
        content = file.read_bytes()
    except OSError as wrong:
        fail(Words(zh=f"{file}:读不了({wrong.strerror})", en=f"{file}: cannot be read ({wrong.strerror})"), said)
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    fail(Words(zh=f"{file}:请存为 UTF-8", en=f"{file}: save it as UTF-8"), said)
