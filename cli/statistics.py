"""`baoshi statistics`: the register's figures in a terminal, the same that its API gives."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_core import to_json
from rich.console import Console

from cli.directory import fail, on_directory
from cli.language import Lang, Language, language
from cli.packaged import folder_of, load
from cli.statistics_table import head_line, table
from services.register.figures import Counting, FiguresAsked
from services.register.queries import Queries
from shared.contracts.event import Words
from shared.domain.registering.visits import quotas_of
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.estate_store import stored_estate
from shared.platform.mongo import Database
from shared.platform.settings import Settings

_NARROWEST = 160
Estate = Annotated[str | None, typer.Option("--estate", help="only this estate; all if missing · 小区代码")]
Month = Annotated[str | None, typer.Option("--month", help="such as 2026-11; the last 31 days if missing · 月份")]
ToMonth = Annotated[str | None, typer.Option("--to-month", help="the last month, if several · 至月份")]
Category = Annotated[str | None, typer.Option("--category", help="only this class · 类别")]
Department = Annotated[str | None, typer.Option("--department", help="its own tasks; or a role · 部门或岗位")]
By = Annotated[
    list[str] | None, typer.Option("--by", help="estate, category, department, month; repeatable · 分组")
]
Drills = Annotated[bool, typer.Option("--drills", help="drills and nothing else · 只看演习")]
Json = Annotated[bool, typer.Option("--json", help="for programs; times in seconds · 供程序读取")]


def mount(app: typer.Typer) -> None:
    """Adds `statistics`."""
    app.command("statistics")(statistics)


def statistics(
    estate: Estate = None,
    month: Month = None,
    to_month: ToMonth = None,
    category: Category = None,
    department: Department = None,
    by: By = None,
    drills: Drills = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """How long things took, what was overdue, hand-ons, return visits. · 统计"""
    said = language(lang)
    given = {"estate": estate, "from_month": month, "to_month": to_month or month, "category": category}
    given |= {"department": department, "group_by": ",".join(by) if by else None}
    asked = _asked({name: value for name, value in given.items() if value is not None}, drills, said)
    figures = _figures(asked, said)
    if as_json:
        typer.echo(to_json(figures).decode())
        return
    console = Console(width=max(Console().width, _NARROWEST))
    console.print(head_line(figures, said))
    if figures["statistics"]:
        console.print(table(figures, said))
    else:
        console.print("没有报事" if said == "zh" else "no reports")


def _asked(given: dict[str, Any], drills: bool, said: Language) -> FiguresAsked:
    try:
        return FiguresAsked(**given, drills=drills)
    except ValidationError as wrong:
        name = str(wrong.errors()[0]["loc"][-1]).replace("from_month", "month").replace("_", "-")
        zh, en = f"--{name} 看不懂,请看 --help", f"--{name} cannot be understood, see --help"
        fail(Words(zh=zh, en=en), said)


def _figures(asked: FiguresAsked, said: Language) -> dict[str, Any]:
    quotas = quotas_of(load(folder_of(None), said))

    async def count(mongo: Database) -> dict[str, Any]:
        if asked.estate is not None:
            await stored_estate(mongo, asked.estate)
        counting = Counting(Queries(mongo), Directory(mongo), quotas)
        return await counting.figures(asked, None, Clock.of(Settings()).now())

    return on_directory(said, count)
