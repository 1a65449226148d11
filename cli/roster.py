"""`baoshi roster`: who holds what, now and at any instant, and the gaps of a week."""

from datetime import date, timedelta
from typing import Annotated

import typer

from cli.directory import fail, instant, on_directory, roles_named
from cli.estates_words import gap_lines, holders_table, several_roles
from cli.language import Lang, Language, language
from shared.contracts.event import Words
from shared.contracts.vocabulary import ROLES
from shared.domain.estates.coverage import DAYS, gaps
from shared.domain.estates.plan import YEARS
from shared.domain.estates.roster import Estate
from shared.platform.clock import Clock
from shared.platform.estate_store import stored_estate, stored_estates
from shared.platform.mongo import Database
from shared.platform.settings import Settings

Code = Annotated[str | None, typer.Option("--estate", help="its code; all estates if missing · 小区代码")]
At = Annotated[str | None, typer.Option("--at", help="an ISO time, of the estate if without offset · 时间")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="this role only; repeatable · 角色")]
From = Annotated[str | None, typer.Option("--from", help="the first of seven days, YYYY-MM-DD · 第一天")]


def mount(app: typer.Typer) -> None:
    """Adds `roster` with its commands."""
    group = typer.Typer(help="Who holds what · 班次", no_args_is_help=True)
    group.command("show")(show)
    group.command("gaps")(show_gaps)
    app.add_typer(group, name="roster")


def show(estate: Code = None, at: At = None, role: Roles = None, lang: Lang = None) -> None:
    """Who holds what at an instant, at which post and in whose place. · 某一时刻谁在岗"""
    said = language(lang)
    roles = roles_named(role or ROLES, said)
    for one in _estates(estate, said):
        now = instant(at, one, said)
        typer.echo(_title(one, said))
        for line in holders_table(one, now, said, roles):
            typer.echo(line)
        for line in several_roles(one, now, said, roles):
            typer.echo(line)


def show_gaps(estate: Code = None, first: From = None, lang: Lang = None) -> None:
    """The hours of seven days in which nobody holds a role or a post. · 七天内无人在岗的时段"""
    said = language(lang)
    for one in _estates(estate, said):
        day = _day(first, one, said)
        typer.echo(f"{_title(one, said)} · {day} – {day + timedelta(days=DAYS - 1)}")
        lines = list(gap_lines(one, gaps(one, day), said))
        for line in lines or ["没有空岗" if said == "zh" else "no gaps"]:
            typer.echo(f"  {line}")


def _estates(code: str | None, said: Language) -> tuple[Estate, ...]:
    async def read(mongo: Database) -> tuple[Estate, ...]:
        stored = (await stored_estate(mongo, code),) if code else await stored_estates(mongo)
        return tuple(one.estate for one in stored)

    return on_directory(said, read)


def _day(first: str | None, estate: Estate, said: Language) -> date:
    if first is None:
        return Clock.of(Settings()).now().astimezone(estate.zone).date()
    try:
        day = date.fromisoformat(first)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        fail(Words(zh=f"不是日期(YYYY-MM-DD):{first}", en=f"no date (YYYY-MM-DD): {first}"), said)
    return day


def _title(estate: Estate, said: Language) -> str:
    return f"{estate.estate} {estate.zh if said == 'zh' else estate.en}"
