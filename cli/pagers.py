"""`baoshi pagers`: a paging server on the terminal, with what each pager shows."""

import asyncio
import contextlib
import signal
from datetime import datetime
from typing import Annotated

import typer

from cli.demoing.pager_server import Paged, pager_server
from cli.installation import SNPP_PORT, SNPP_VARIABLE

Port = Annotated[int, typer.Option("--port", help="where to listen · 端口", envvar=SNPP_VARIABLE)]
_URGENT = 1


def mount(app: typer.Typer) -> None:
    """Adds `pagers`."""
    app.command("pagers")(pagers)


def pagers(port: Port = SNPP_PORT) -> None:
    """Be the estates' paging server: every page is a line. · 模拟寻呼台"""
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serve(port))


async def _serve(port: int) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with pager_server(port, _show):
        typer.echo(f"寻呼台 paging server: 127.0.0.1:{port}")
        await ended.wait()


def _show(page: Paged) -> None:
    mark = "❗" if page.level <= _URGENT else "  "
    typer.echo(f"{datetime.now():%H:%M:%S} {mark} {page.pager:<8} {page.text}")
