"""`baoshi trace`: a report's whole story in a terminal, with topic, partition and offset of each event."""

import asyncio
from datetime import UTC, tzinfo
from typing import Annotated, Any

import typer
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.language import Lang, Language, language
from services.register.queries import Queries
from shared.domain.registering.masking import masked
from shared.platform.directory import Directory
from shared.platform.errors import Unavailable
from shared.platform.mongo import Document, connect, database
from shared.platform.settings import Settings

_NARROWEST = 120
_STYLES = {"report": "bold", "task": "cyan", "notice": "magenta", "reply": "green", "amendment": "green"}
_LATE = ("limit.", "rung.", "deadline.", "delivery.failed", "reply.refused")
ReportIdArgument = Annotated[str, typer.Argument(help="the report's id · 报事编码")]


def mount(app: typer.Typer) -> None:
    """Adds `trace`."""
    app.command("trace")(trace)


def trace(report_id: ReportIdArgument, lang: Lang = None) -> None:
    """Tell a report's whole story · 查看一宗报事的全过程"""
    said = language(lang)
    try:
        report, zone = asyncio.run(_read(Settings(), report_id))
    except (PyMongoError, Unavailable) as error:
        kind = type(error).__name__
        zh, en = f"MongoDB 没有应答({kind}),请先运行 make up", f"MongoDB does not answer ({kind}): run make up"
        typer.echo(zh if said == "zh" else en, err=True)
        raise typer.Exit(2) from None
    if report is None:
        typer.echo("登记簿里没有这宗报事" if said == "zh" else "The register has no such report", err=True)
        raise typer.Exit(1)
    console = Console(width=max(Console().width, _NARROWEST))
    console.print(_head(report, said))
    console.print(_table(report["story"], said, zone))


async def _read(settings: Settings, report_id: str) -> tuple[Document | None, tzinfo]:
    """Names and phone numbers are masked: whoever sits at a terminal has no role (SOP S10)."""
    async with connect(settings) as client:
        mongo = database(client, settings)
        report = await Queries(mongo).report(report_id, None)
        estate = await Directory(mongo).estate(report["estate"]) if report else None
    return masked(report) if report else None, estate.zone if estate else UTC


def _head(report: Document, said: Language) -> Text:
    about = report["class"]
    words = [report["no"], about["category"], about["kind"], report["state"], report["place"]]
    line = " · ".join(word for word in words if word)
    late = {"zh": "超时", "en": "late"}[said] if report["late"] else ""
    return Text.assemble((line, "bold"), "  ", (late, "red"), "\n", (report["report_id"], "dim"))


def _table(story: list[Document], said: Language, zone: tzinfo) -> Table:
    heads = {"zh": ("时间", "经过", "依据", "Kafka 位置"), "en": ("at", "what", "clause", "on Kafka")}[said]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for head, folds in zip(heads, (False, True, False, False), strict=True):
        table.add_column(head, no_wrap=not folds, overflow="fold")
    for entry in story:
        at = entry["at"].astimezone(zone)
        place = f"{entry['topic']}/{entry['partition']}@{entry['offset']}"
        told = Text(entry["told"][said], style=_style(entry["type"]))
        table.add_row(f"{at:%m-%d %H:%M:%S}.{at.microsecond // 1000:03}", told, _clause(entry), Text(place, "dim"))
    return table


def _style(type_name: str) -> str:
    return "red" if type_name.startswith(_LATE) else _STYLES.get(type_name.split(".")[0], "")


def _clause(entry: dict[str, Any]) -> str:
    clause, version = " ".join(entry.get("clause", ())), entry.get("playbook_version")
    return f"{clause} v{version}" if version is not None else clause
