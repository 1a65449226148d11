"""The options of `baoshi parked`, and the filter that they make."""

from datetime import datetime
from typing import Annotated

import typer

from cli.directory import fail
from cli.language import Language
from cli.parked_choice import Filter, read_instant
from cli.parked_reading import LATE_AFTER
from shared.contracts.event import Words
from shared.contracts.vocabulary import Lane

LATE_AFTER_MIN = int(LATE_AFTER.total_seconds() // 60)
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
Force = Annotated[bool, typer.Option("--force", help="also what would not be worked, or is late · 不论能否办")]
LateAfter = Annotated[
    int,
    typer.Option(
        "--late-after",
        min=1,
        help="minutes after which an emergency report needs --force · 急报超过几分钟须 --force",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask · 不再确认")]


def filter_of(
    said: Language,
    topic: str | None,
    service: str | None,
    reason: str | None,
    lane: Lane | None,
    estate: str | None,
    type_name: str | None,
    since: str | None,
    until: str | None,
) -> Filter:
    """What is given and empty ends the command: it would fit everything, or nothing."""
    given = {"topic": topic, "service": service, "reason": reason, "estate": estate, "type": type_name}
    for name, value in given.items():
        if value is not None and not value.strip():
            fail(Words(zh=f"--{name} 是空的", en=f"--{name} is empty"), said, 2)
    times = (_instant("since", since, said), _instant("until", until, said))
    return Filter(topic, service, reason, lane, estate, type_name, *times)


def _instant(name: str, text: str | None, said: Language) -> datetime | None:
    try:
        return None if text is None else read_instant(text)
    except ValueError:
        fail(Words(zh=f"--{name} 不是 ISO 时间:{text}", en=f"--{name} is no ISO time: {text}"), said, 2)
