"""What commands about estates share: reading the directory, an instant, a role, and how they fail."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NoReturn, TypeVar

import typer
from pymongo.errors import PyMongoError

from cli.language import Language
from shared.contracts.event import Words
from shared.contracts.vocabulary import ROLES, Role
from shared.domain.estates.plan import YEARS
from shared.domain.estates.roster import Estate
from shared.platform.clock import Clock
from shared.platform.errors import Rejected
from shared.platform.mongo import Database, connect, database
from shared.platform.settings import Settings

T = TypeVar("T")


_LOOK = Words(zh="检查 BAOSHI_MONGO", en="look at BAOSHI_MONGO")


def on_directory(said: Language, action: Callable[[Database], Awaitable[T]], otherwise: Words = _LOOK) -> T:
    """What the action gives; without MongoDB, or where it is refused, the command ends with the reason.

    `otherwise`: what else can be done without MongoDB.
    """
    try:
        return asyncio.run(_on_database(action))
    except Rejected as refused:
        fail(refused.words, said)
    except PyMongoError as error:
        kind = type(error).__name__
        zh = f"MongoDB 没有应答({kind}):请先运行 make up,或{otherwise.zh}"
        fail(Words(zh=zh, en=f"MongoDB does not answer ({kind}): run make up, or {otherwise.en}"), said)


def roles_named(names: Sequence[str], said: Language) -> tuple[Role, ...]:
    """In the order of the vocabulary; an unknown one ends the command."""
    unknown = [name for name in names if name not in ROLES]
    if unknown:
        zh = f"没有这个角色:{unknown[0]};有 {'、'.join(ROLES)}"
        fail(Words(zh=zh, en=f"unknown role {unknown[0]}: {', '.join(ROLES)}"), said)
    return tuple(role for role in ROLES if role in names)


def instant(at: str | None, estate: Estate, said: Language) -> datetime:
    """Now if nothing is said; the estate's own time where it is said without an offset."""
    if at is None:
        return Clock.of(Settings()).now()
    try:
        read = datetime.fromisoformat(at)
    except ValueError:
        read = None
    if read is None or read.year not in YEARS:
        fail(Words(zh=f"不是 ISO 时间:{at}", en=f"no ISO time: {at}"), said)
    return read if read.tzinfo else read.replace(tzinfo=estate.zone)


def told(words: Words, said: Language) -> str:
    return words.zh if said == "zh" else words.en


def fail(words: Words, said: Language, code: int = 1) -> NoReturn:
    """Says why on the error stream and ends the command; 2 is the code of a command that was called wrongly."""
    typer.echo(told(words, said), err=True)
    raise typer.Exit(code)


async def _on_database(action: Callable[[Database], Awaitable[T]]) -> T:
    settings = Settings()
    async with connect(settings) as client:
        return await action(database(client, settings))
