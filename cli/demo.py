"""`baoshi demo`: an evening at two estates on a real Kafka and MongoDB, and whether the register is right."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.demoing.checking import Finding
from cli.demoing.door import Keys
from cli.demoing.ending import memory_lines, print_findings
from cli.demoing.evening import Evening, EveningMistake, read_evening
from cli.demoing.people import report_id
from cli.demoing.screen import Screen
from cli.demoing.showing import Showing
from cli.installation import DEMO, STATE, Installation
from cli.stack import addresses, guarded, say
from cli.starting import example_estates, running
from cli.supervising import Supervisor
from deploy.local.preflight import FAILED
from deploy.local.stack import ROOT
from shared.domain.estates.roster import Estate
from shared.platform.admin_key import ensure_admin_key
from shared.platform.estate_store import add_key, apply_estates
from shared.platform.mongo import Database

EVENING = ROOT / "examples" / "evening.toml"
NOT_MET = 1
File = Annotated[Path, typer.Argument(help="an evening's TOML file · 剧本")]
LEAD_S = 6.0
"""Real seconds from furnishing the database until all services are ready: so much earlier the clock begins."""
KEPT = ("lock",)


def mount(app: typer.Typer) -> None:
    """Adds `demo`."""
    app.command("demo")(demo)


def demo(file: File = EVENING) -> None:
    """An evening's reports through the whole system, by a faster clock; 0 only if the register is right. · 演示"""
    with guarded():
        evening = _read(file)
        installation = Installation(
            DEMO, state_dir=DEMO / "state", mongo_database="baoshi_demo", notify_tests=False
        )
        findings = _show(installation, evening, example_estates())
    raise typer.Exit(0 if all(finding.holds for finding in findings) else NOT_MET)


def _read(file: Path) -> Evening:
    try:
        return read_evening(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, EveningMistake) as wrong:
        typer.echo(f"✗ {file}: {wrong}", err=True)
        raise typer.Exit(FAILED) from wrong


def _show(installation: Installation, evening: Evening, estates: list[Estate]) -> list[Finding]:
    secrets: list[str] = []

    async def furnish(store: Database) -> None:
        installation.fields |= fast_clock(evening)
        await apply_estates(store, estates)
        secrets.append((await add_key(store, other_estate(estates), ["customer_assistant"], "demo"))[1])

    with running(installation, say, furnish, before=lambda: clear(DEMO)):
        for line in addresses(installation):
            typer.echo(line)
        screen = Screen(estates, {report_id(evening, filing): filing.shows for filing in evening.report})
        with supervised(installation, screen.say):
            keys = Keys(ensure_admin_key(STATE), secrets[0])
            findings = asyncio.run(Showing(installation, evening, estates, keys, screen).run())
        for text in memory_lines(installation.memory()):
            screen.say(text)
        print_findings(screen.console, findings)
        screen.say(f"日志与数据 · logs and data: {DEMO}")
    return findings


def other_estate(estates: list[Estate]) -> str:
    """Whose key is shown at the wrong door."""
    return estates[-1].estate


def clear(directory: Path) -> None:
    """The last demo's data; its ids are the same every evening, and would be taken for repetitions."""
    for path in directory.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def fast_clock(evening: Evening) -> dict[str, Any]:
    """One affine map of real time, the same for every service and for this process."""
    start = evening.begins - timedelta(seconds=LEAD_S * evening.speed)
    return {"clock_speed": evening.speed, "clock_origin": datetime.now(UTC), "clock_start": start}


@contextmanager
def supervised(installation: Installation, tell: Callable[[str], None]) -> Iterator[None]:
    """A part that ends during the evening is started again, as `up` does."""
    supervisor = Supervisor(installation, tell)
    thread = threading.Thread(target=supervisor.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        supervisor.stop()
        thread.join()
