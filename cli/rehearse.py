"""`baoshi rehearse`: recorded reports through changed playbooks, limits or rosters, beside what happened."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import to_json
from rich.console import Console

from cli.directory import fail, instant, on_directory
from cli.language import Lang, Language, language
from cli.packaged import folder_of, load
from cli.rehearse_table import head, notes, summary, table
from services.register.rehearsal_settings import RehearsalSettings
from services.register.rehearsing import Change, Span, rehearsed, settled
from shared.contracts.event import Words
from shared.domain.estates.loading import EstateMistakes
from shared.domain.estates.roster import Estate
from shared.domain.playbooks.format import Playbooks
from shared.domain.rehearsal.drafts import read_drafts
from shared.platform.clock import Clock
from shared.platform.errors import Rejected
from shared.platform.estate_store import Stored, stored_estates
from shared.platform.mongo import Database
from shared.platform.settings import Settings

_NARROWEST = 150
Folder = Annotated[Path | None, typer.Option("--playbooks", help="folder of changed playbooks · 改动后的预案目录")]
Files = Annotated[
    list[Path] | None, typer.Option("--estate", help="a changed estate's file; repeatable · 小区文件")
]
Only = Annotated[list[str] | None, typer.Option("--only", help="only this estate's code; repeatable · 小区代码")]
Since = Annotated[str, typer.Option("--from", help="reports received from this time on · 起始时间")]
Until = Annotated[str | None, typer.Option("--to", help="and before this one, now if missing · 截止时间")]
Report = Annotated[str | None, typer.Option("--report", help="this report only, by its id · 报事编码")]
Whole = Annotated[bool, typer.Option("--all", help="also reports and lines that are the same · 相同的也列出")]
Json = Annotated[bool, typer.Option("--json", help="for programs · 供程序读取")]


def mount(app: typer.Typer) -> None:
    """Adds `rehearse`."""
    app.command("rehearse")(rehearse)


def rehearse(
    since: Since,
    until: Until = None,
    playbooks: Folder = None,
    estate: Files = None,
    only: Only = None,
    report: Report = None,
    whole: Whole = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Who would have been told what and when, beside what happened. Nobody is told anything. · 预演"""
    said = language(lang)
    installed = load(folder_of(None), said)
    changed = load(playbooks, said, unrecorded=True) if playbooks else installed
    change = Change(installed, changed, _drafts(estate or [], changed, said))
    found = _rehearsed(change, only or [], (since, until), report, said)
    if as_json:
        typer.echo(to_json(found).decode())
        return
    console = Console(width=max(Console().width, _NARROWEST))
    console.print(summary(found, said))
    for one in found["reports"]:
        if whole or report or one["differs"]:
            console.print(head(one, said))
            console.print(table(one, said, whole=whole))
    for line in notes(found, said):
        console.print(line)


def _drafts(files: list[Path], playbooks: Playbooks, said: Language) -> dict[str, Estate]:
    try:
        return read_drafts({str(file): file.read_text(encoding="utf-8") for file in files}, playbooks)
    except (OSError, UnicodeDecodeError) as wrong:
        fail(Words(zh=f"读不了小区文件:{wrong}", en=f"an estate's file cannot be read: {wrong}"), said)
    except EstateMistakes as wrong:
        for mistake in wrong.mistakes:
            typer.echo(mistake.text(said), err=True)
        raise typer.Exit(1) from None


def _rehearsed(
    change: Change, only: list[str], times: tuple[str, str | None], report: str | None, said: Language
) -> dict[str, Any]:
    limits = RehearsalSettings()

    async def work(mongo: Database) -> dict[str, Any]:
        stored = {one.estate.estate: one for one in await stored_estates(mongo)}
        _refuse_unknown([*only, *change.estates], stored)
        span = _span(stored, only, times, report, said)
        return await rehearsed(mongo, span, change, stored, limits, limits.reports)

    return on_directory(said, work)


def _span(
    stored: dict[str, Stored], only: list[str], times: tuple[str, str | None], report: str | None, said: Language
) -> Span:
    """Times without an offset are the first estate's own. What is not over yet ends now."""
    codes = tuple(only) or tuple(stored)
    if not codes:
        raise _refused("还没有小区", "there are no estates yet")
    since, until = (instant(at, stored[codes[0]].estate, said) for at in times)
    return Span(codes, since, settled(until, Clock.of(Settings())), report)


def _refuse_unknown(codes: list[str], stored: dict[str, Stored]) -> None:
    for code in codes:
        if code not in stored:
            raise _refused(
                f"没有小区 {code},登记簿里不会有它的报事", f"there is no estate {code}, and no report of it"
            )


def _refused(zh: str, en: str) -> Rejected:
    return Rejected(404, "no_estate", Words(zh=zh, en=en), "estate")
