"""`baoshi parked`: list, show and replay what could not be read or worked."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

import typer
from aiokafka.errors import KafkaError
from pydantic_core import to_json

from cli.directory import fail
from cli.language import Lang, Language, language
from cli.parked_choice import Filter, chosen
from cli.parked_options import (
    LATE_AFTER_MIN,
    All,
    Content,
    DryRun,
    Estate,
    Everything,
    Force,
    Id,
    Ids,
    InLane,
    Json,
    LateAfter,
    Limit,
    Reason,
    Service,
    Since,
    Topic,
    Type,
    Until,
    Yes,
    filter_of,
)
from cli.parked_reading import Verdict, verdict
from cli.parked_records import Parked, read_parked, replay
from cli.parked_words import again, line, plain, reasons, whole
from shared.contracts.event import Words
from shared.platform.clock import Clock
from shared.platform.errors import Unavailable
from shared.platform.settings import Settings

T = TypeVar("T")


def mount(app: typer.Typer) -> None:
    """Adds `parked` with its commands."""
    group = typer.Typer(help="Records that could not be worked · 停放的记录", no_args_is_help=True)
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
    wanted = filter_of(said, topic, service, reason, lane, estate, type_name, since, until)
    found = chosen(_run(said, read_parked(Settings())), wanted, replayed=every)
    shown, now = found[: limit or None], _now()
    for parked in shown:
        typer.echo(to_json(plain(parked, now)).decode() if as_json else line(parked, said))
    if len(shown) < len(found):
        zh, en = f"只列出 {len(shown)} 条,共 {len(found)} 条", f"{len(shown)} of {len(found)} listed"
        typer.echo(zh if said == "zh" else en, err=True)
    if not found:
        typer.echo("没有停放的记录" if said == "zh" else "Nothing is parked", err=as_json)


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
    late_after: LateAfter = LATE_AFTER_MIN,
    yes: Yes = False,
    as_json: Json = False,
    lang: Lang = None,
) -> None:
    """Send records back to their topics, with their events' own ids; exit 1 when any was left · 重放"""
    said = language(lang)
    wanted = filter_of(said, topic, service, reason, lane, estate, type_name, since, until)
    if [bool(ids), wanted.asks, everything].count(True) != 1:
        fail(Words(zh="请给出编号,或筛选条件,或 --all", en="Give ids, or filters, or --all"), said, 2)
    now, late = _now(), timedelta(minutes=late_after)
    judged = [(parked, verdict(parked, now, late)) for parked in _named(ids, wanted, said)[: limit or None]]
    go = [parked for parked, found in judged if found.what == "fits" or (force and found.what != "topic")]
    if not dry_run:
        _confirm(len(go), said, yes)
        _run(said, replay(Settings(), go))
    _report(judged, go, said, as_json, dry_run)
    if len(go) < len(judged) and not dry_run:
        raise typer.Exit(1)


def _named(ids: list[str] | None, wanted: Filter, said: Language) -> list[Parked]:
    """Each once."""
    known = _run(said, read_parked(Settings()))
    some = [_one(known, i, said) for i in ids] if ids else chosen(known, wanted)
    return list({parked.id: parked for parked in some}.values())


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
        zh, en = "没有确认,什么都没有重放(可加 --yes)", "Not confirmed, nothing was replayed (or add --yes)"
        fail(Words(zh=zh, en=en), said)


def _one(known: list[Parked], beginning: str, said: Language) -> Parked:
    found = [parked for parked in known if parked.id.startswith(beginning)]
    if not found:
        fail(Words(zh=f"没有以 {beginning} 开头的编号", en=f"No id begins with {beginning}"), said)
    if len(found) > 1:
        zh, en = f"有 {len(found)} 条以 {beginning} 开头", f"{len(found)} ids begin with {beginning}"
        fail(Words(zh=zh, en=en), said)
    return found[0]


def _now() -> datetime:
    return Clock.of(Settings()).now()


def _run(said: Language, work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (KafkaError, Unavailable, OSError) as error:
        kind = type(error).__name__
        zh, en = f"Kafka 没有应答({kind}),请先运行 make up", f"Kafka does not answer ({kind}): run make up"
        fail(Words(zh=zh, en=en), said, 2)
