"""`baoshi parked`: list, show and replay what could not be read or worked."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from aiokafka.errors import KafkaError

from cli.language import Lang, Language, language
from cli.parked_records import Parked, read_parked, replay
from shared.platform.errors import Unavailable
from shared.platform.settings import Settings

T = TypeVar("T")
_SHORT = 12
Id = Annotated[str, typer.Argument(help="its id, or how it begins · 编号或其开头")]
Ids = Annotated[list[str] | None, typer.Argument(help="ids, or how they begin · 编号或其开头")]
All = Annotated[bool, typer.Option("--all", help="also those that were replayed · 含已重放的")]
Everything = Annotated[bool, typer.Option("--all", help="all that are left · 全部未重放的")]


def mount(app: typer.Typer) -> None:
    """Adds `parked` with its commands."""
    group = typer.Typer(help="Records that could not be worked · 搁置的记录", no_args_is_help=True)
    group.command("list")(list_all)
    group.command("show")(show)
    group.command("replay")(replay_some)
    app.add_typer(group, name="parked")


def list_all(every: All = False, lang: Lang = None) -> None:
    """One line each: id, when, where it stood, who parked it, why · 列出"""
    said = language(lang)
    found = [p for p in _run(said, read_parked(Settings())) if every or not p.replayed]
    for parked in found:
        mark = (" [已重放]" if said == "zh" else " [replayed]") if parked.replayed else ""
        place = f"{parked.topic}/{parked.partition}@{parked.offset}"
        when = f"{parked.at:%Y-%m-%d %H:%M:%S}"
        typer.echo(f"{parked.id[:_SHORT]}  {when}  {place}  {_who(parked)}  {parked.reason}{mark}")
    if not found:
        typer.echo("没有搁置的记录" if said == "zh" else "Nothing is parked")


def show(id: Id, lang: Lang = None) -> None:
    """All of one record, its bytes included · 查看一条"""
    said = language(lang)
    parked = _one(_run(said, read_parked(Settings())), id, said)
    for name, value in parked._asdict().items():
        if name not in ("services", "key", "value", "headers"):
            typer.echo(f"{name}: {value}")
    typer.echo(f"services: {_who(parked)}\nkey: {_printable(parked.key)}")
    for name, header in parked.headers:
        typer.echo(f"header {name}: {_printable(header)}")
    typer.echo(_printable(parked.value))


def replay_some(ids: Ids = None, everything: Everything = False, lang: Lang = None) -> None:
    """Send records back to their topics, with their events' own ids · 重放"""
    said, settings = language(lang), Settings()
    known = _run(said, read_parked(settings))
    if everything == bool(ids):
        _fail(said, "请给出编号,或 --all", "Give ids, or --all", 2)
    chosen = [p for p in known if not p.replayed] if everything else [_one(known, i, said) for i in ids or ()]
    unique = list({parked.id: parked for parked in chosen}.values())
    _run(said, replay(settings, unique))
    typer.echo(f"已重放 {len(unique)} 条" if said == "zh" else f"{len(unique)} replayed")


def _one(known: list[Parked], beginning: str, said: Language) -> Parked:
    found = [parked for parked in known if parked.id.startswith(beginning)]
    if not found:
        _fail(said, f"没有以 {beginning} 开头的编号", f"No id begins with {beginning}", 1)
    if len(found) > 1:
        _fail(said, f"有 {len(found)} 条以 {beginning} 开头", f"{len(found)} ids begin with {beginning}", 1)
    return found[0]


def _who(parked: Parked) -> str:
    return ",".join(parked.services)


def _printable(content: bytes) -> str:
    """Unreadable bytes and control characters as escapes: what was parked shall not drive the terminal."""
    text = content.decode(errors="backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _run(said: Language, work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (KafkaError, Unavailable, OSError) as error:
        kind = type(error).__name__
        _fail(said, f"Kafka 没有应答({kind}),请先运行 make up", f"Kafka does not answer ({kind}): run make up", 2)


def _fail(said: Language, zh: str, en: str, code: int) -> NoReturn:
    typer.echo(zh if said == "zh" else en, err=True)
    raise typer.Exit(code)
