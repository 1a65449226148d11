"""`baoshi parked`: list, show and replay what could not be read or worked."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from aiokafka.errors import KafkaError
from pydantic_core import to_json

from cli.language import Lang, Language, language
from cli.parked_choice import Filter, chosen, read_instant
from cli.parked_reading import Verdict, verdict
from cli.parked_records import Parked, read_parked, replay
from cli.parked_words import again, line, plain, reasons, whole
from shared.contracts.vocabulary import Lane
from shared.platform.clock import Clock
from shared.platform.errors import Unavailable
from shared.platform.settings import Settings

T = TypeVar("T")
Id = Annotated[str, typer.Argument(help="its id, or how it begins · 编号或其开头")]
Ids = Annotated[list[str] | None, typer.Argument(help="ids, or how they begin · 编号或其开头")]
All = Annotated[bool, typer.Option("--all", help="also those that were replayed · 含已重放的")]
Everything = Annotated[bool, typer.Option("--all", help="all that are left · 全部未重放的")]
Topic = Annotated[str | None, typer.Option("--topic", help="where it stood, or how that begins · 主题")]
Service = Annotated[str | None, typer.Option("--service", help="who parked it · 哪个服务")]
Reason = Annotated[str | None, typer.Option("--reason", help="any part of the reason · 原因")]
InLane = Annotated[Lane | None, typer.Option("--lane", help="of this lane · 通道")]
Estate = Annotated[str | None, typer.Option("--estate", help="the estate's code · 小区代码")]
Type = Annotated[str | None, typer.Option("--type", help="the event's type, or how that begins · 种类")]
Since = Annotated[str | None, typer.Option("--since", help="parked at or after, ISO, UTC without offset · 自")]
Until = Annotated[str | None, typer.Option("--until", help="parked before · 至")]
Limit = Annotated[int, typer.Option("--limit", min=0, help="at most so many, the oldest; 0: all · 最多几条")]
Content = Annotated[bool, typer.Option("--content", help="key, headers and bytes too, names and all · 含内容")]
Json = Annotated[bool, typer.Option("--json", help="for programs, one object a line · 供程序读取")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only say what would be replayed · 只看不做")]
Force = Annotated[bool, typer.Option("--force", help="also what would not be worked, or is too old · 不论能否办")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask · 不再确认")]


def mount(app: typer.Typer) -> None:
    """Adds `parked` with its commands."""
    group = typer.Typer(help="Records that could not be worked · 搁置的记录", no_args_is_help=True)
    group.command("list")(list_all)
    group.command("reasons")(list_reasons)
    group.command("show")(show)
    group.command("replay")(replay_some)
    app.add_typer(group, name="parked")


def list_all(
    topic: Topic = None,
    service: Service = None,
    reason: Reason = None,
    lane: InLane = None,
    estate: Estate = None,
    type_name: Type = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    every: All = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """One line each: id, when, where it stood, who parked it, estate, type, why · 列出"""
    said = language(lang)
    times = (_instant("since", since, said), _instant("until", until, said))
    wanted = Filter(topic, service, reason, lane, estate, type_name, *times)
    found = chosen(_run(said, read_parked(Settings())), wanted, replayed=every)
    shown, now = found[: limit or None], _now()
    for parked in shown:
        typer.echo(to_json(plain(parked, now)).decode() if as_json else line(parked, said))
    if len(shown) < len(found):
        zh, en = f"只列出 {len(shown)} 条,共 {len(found)} 条", f"{len(shown)} of {len(found)} listed"
        typer.echo(zh if said == "zh" else en, err=True)
    if not found:
        typer.echo("没有搁置的记录" if said == "zh" else "Nothing is parked", err=as_json)


def list_reasons(every: All = False, lang: Lang = None) -> None:
    """How many of each reason and topic, the most first · 按原因计数"""
    said = language(lang)
    for text in reasons(chosen(_run(said, read_parked(Settings())), Filter(), replayed=every)):
        typer.echo(text)


def show(id: Id, content: Content = False, as_json: Json = False, lang: Lang = None) -> None:
    """All of one record; its content only if asked for · 查看一条"""
    said, now = language(lang), _now()
    parked = _one(_run(said, read_parked(Settings())), id, said)
    for text in [to_json(plain(parked, now, content)).decode()] if as_json else whole(parked, now, said, content):
        typer.echo(text)


def replay_some(
    ids: Ids = None,
    topic: Topic = None,
    service: Service = None,
    reason: Reason = None,
    lane: InLane = None,
    estate: Estate = None,
    type_name: Type = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 0,
    everything: Everything = False,
    dry_run: DryRun = False,
    force: Force = False,
    yes: Yes = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Send records back to their topics, with their events' own ids; exit 1 when any was left · 重放"""
    said, settings, now = language(lang), Settings(), _now()
    times = (_instant("since", since, said), _instant("until", until, said))
    wanted = Filter(topic, service, reason, lane, estate, type_name, *times)
    if [bool(ids), wanted.asks, everything].count(True) != 1:
        _fail(said, "请给出编号,或筛选条件,或 --all", "Give ids, or filters, or --all", 2)
    known = _run(said, read_parked(settings))
    some = [_one(known, i, said) for i in ids] if ids else chosen(known, wanted)
    unique = list({parked.id: parked for parked in some}.values())[: limit or None]
    judged = [(parked, verdict(parked, now)) for parked in unique]
    go = [parked for parked, found in judged if found.what == "fits" or (force and found.what != "topic")]
    if not dry_run:
        _confirm(len(go), said, yes)
        _run(said, replay(settings, go))
    _report(judged, go, said, as_json, dry_run)
    if len(go) < len(judged) and not dry_run:
        raise typer.Exit(1)


def _report(
    judged: list[tuple[Parked, Verdict]], go: list[Parked], said: Language, as_json: bool, dry: bool
) -> None:
    going = {parked.id for parked in go}
    for parked, found in judged:
        if as_json:
            state = {"id": parked.id, "what": found.what, "why": found.words.model_dump()}
            typer.echo(to_json({**state, "replayed": parked.id in going and not dry}).decode())
        elif dry or parked.id not in going:
            typer.echo(again(parked, found, said))
    if not as_json:
        left = len(judged) - len(go)
        zh = f"{'将重放' if dry else '已重放'} {len(go)} 条" + (f",留下 {left} 条(--force 也重放)" if left else "")
        en = f"{len(go)} {'would be ' if dry else ''}replayed" + (
            f", {left} left (--force sends them)" if left else ""
        )
        typer.echo(zh if said == "zh" else en)


def _confirm(count: int, said: Language, yes: bool) -> None:
    """One needs no asking. Without a terminal nobody can answer: then nothing is sent."""
    if count < 2 or yes:
        return
    try:
        sure = typer.confirm(f"重放 {count} 条?" if said == "zh" else f"Replay {count}?", err=True)
    except typer.Abort:
        sure = False
    if not sure:
        _fail(said, "没有确认,什么都没有重放(可加 --yes)", "Not confirmed, nothing was replayed (or add --yes)", 1)


def _one(known: list[Parked], beginning: str, said: Language) -> Parked:
    found = [parked for parked in known if parked.id.startswith(beginning)]
    if not found:
        _fail(said, f"没有以 {beginning} 开头的编号", f"No id begins with {beginning}", 1)
    if len(found) > 1:
        _fail(said, f"有 {len(found)} 条以 {beginning} 开头", f"{len(found)} ids begin with {beginning}", 1)
    return found[0]


def _instant(name: str, text: str | None, said: Language) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except ValueError:
        _fail(said, f"--{name} 不是 ISO 时间:{text}", f"--{name} is no ISO time: {text}", 2)


def _now() -> datetime:
    return Clock.of(Settings()).now()


def _run(said: Language, work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (KafkaError, Unavailable, OSError) as error:
        kind = type(error).__name__
        _fail(said, f"Kafka 没有应答({kind}),请先运行 make up", f"Kafka does not answer ({kind}): run make up", 2)


def _fail(said: Language, zh: str, en: str, code: int) -> NoReturn:
    typer.echo(zh if said == "zh" else en, err=True)
    raise typer.Exit(code)
