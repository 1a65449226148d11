"""`baoshi up`, `down` and `topics`: the whole of Baoshi on this machine, kept running."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import typer

from cli.installation import DEMO, STATE, Installation, end_leftovers, holder_of
from cli.starting import apply_examples, running, undisturbed
from cli.supervising import Supervisor
from deploy.local.preflight import FAILED, PreflightFailed
from deploy.local.process import ProcessFailed
from deploy.local.stack import RUN
from shared.platform.errors import Unavailable
from shared.platform.settings import Settings
from shared.platform.topic_admin import create_topics

STOP_SECONDS = 60.0


def mount(app: typer.Typer) -> None:
    """Adds `up`, `down` and `topics`."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("topics")(topics)


def up() -> None:
    """Start everything and keep it running until Ctrl-C or `down`. · 启动全部并保持运行"""
    with guarded(), running(installation := Installation(RUN, pagers=True, state_dir=STATE), say, apply_examples):
        for line in addresses(installation):
            typer.echo(line)
        supervisor = Supervisor(installation, say)
        with suppress(KeyboardInterrupt):
            supervisor.run()
        say("正在停止 · stopping")


def down() -> None:
    """Stop what `up` or `demo` runs, from any terminal; nothing running is no error. · 停止"""
    for directory in (RUN, DEMO):
        if not _ask_to_end(directory):
            typer.echo(f"{directory}: 仍在运行 · still running", err=True)
            raise typer.Exit(1)
        with guarded(), undisturbed():
            end_leftovers(directory)
    typer.echo("已停止 · stopped")


def topics() -> None:
    """Make the topics that are missing, from the one table. · 建立主题"""
    try:
        made = asyncio.run(create_topics(Settings()))
    except Unavailable as reason:
        typer.echo(f"✗ Kafka 无应答 · {reason}", err=True)
        raise typer.Exit(1) from reason
    typer.echo(f"新建主题 {made} 个 · {made} topics made")


@contextmanager
def guarded() -> Iterator[None]:
    """What stops a start is told in both languages, without a traceback; Ctrl-C ends with 130."""
    try:
        yield
    except PreflightFailed as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(FAILED) from problems
    except (ProcessFailed, Unavailable) as reason:
        typer.echo(f"✗ {reason}", err=True)
        raise typer.Exit(1) from reason
    except KeyboardInterrupt as ended:
        typer.echo("已中断 · interrupted", err=True)
        raise typer.Exit(130) from ended


def addresses(installation: Installation) -> list[str]:
    """Where everything listens, and where the key lies: never the key itself."""
    lines = [f"  {part.name:<22}{part.address}" for part in installation.parts]
    stack = installation.stack
    return [
        "",
        *lines,
        f"  {'kafka':<22}{stack.bootstrap}",
        f"  {'mongod':<22}{stack.mongo_uri}",
        f"  {'mosquitto':<22}127.0.0.1:{installation.mqtt_port}",
        f"  {'pagers · 寻呼台':<20}127.0.0.1:{installation.snpp_port}",
        f"  {'logs · 日志':<20}{installation.directory}",
        f"  {'admin key · 管理密钥':<16}{STATE / 'admin.key'}",
        "",
        "  第一个账号 · first account: baoshi users add LOGIN --name NAME --role service_head --estate '*'",
        "  停止 · stop: Ctrl-C, make down",
    ]


def say(text: str) -> None:
    """One line with the time, on standard error."""
    typer.echo(f"{datetime.now():%H:%M:%S} {text}", err=True)


def _ask_to_end(directory: Path) -> bool:
    """SIGTERM to whoever holds the directory, once each; False when it has not let go in time."""
    until, asked = time.monotonic() + STOP_SECONDS, set[int]()
    while (pid := holder_of(directory)) is not None:
        if time.monotonic() > until:
            return False
        if pid and pid not in asked:
            asked.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        time.sleep(0.1)
    return True
